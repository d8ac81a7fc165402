"""Stage 1: align a text tower to a locked image tower (locked-image tuning).

accelerate launch train/stage1.py [--config configs/mini/stage1.yaml] [section.key=value ...]
"""

from pathlib import Path

from zhclip.messages import gettext_noop
from zhclip.training.command import main

if __name__ == "__main__":
    main(
        Path(__file__).parent.parent / "configs" / "sample" / "stage1.yaml",
        gettext_noop("Stage 1: align a text tower to a locked image tower."),
    )
