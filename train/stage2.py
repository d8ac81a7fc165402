"""Stage 2: joint contrastive finetuning of both towers.

accelerate launch train/stage2.py [--config configs/mini/stage2.yaml] [section.key=value ...]
"""

from pathlib import Path

from zhclip.messages import gettext_noop
from zhclip.training.command import main

if __name__ == "__main__":
    main(
        Path(__file__).parent.parent / "configs" / "sample" / "stage2.yaml",
        gettext_noop("Stage 2: joint contrastive finetuning of both towers."),
    )
