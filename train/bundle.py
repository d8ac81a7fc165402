"""Write a trained model in float16, as the bundled one is: half the size, the same hits.

python train/bundle.py runs/mini/stage2/interpolated [zhclip/models/mini]
"""

import argparse
from pathlib import Path

import torch

from zhclip.models.checkpoint import save_model
from zhclip.models.loading import read_model
from zhclip.models.location import BUNDLED, find_model

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a trained model in float16, as the bundled one is.")
    parser.add_argument("model", help="what load_model takes, such as runs/mini/stage2/best")
    parser.add_argument("folder", nargs="?", type=Path, default=BUNDLED, help="where to (default: the bundled model)")
    arguments = parser.parse_args()
    model = read_model(find_model(arguments.model))
    save_model(arguments.folder, model.dual_encoder, text=model.text, image=model.image, dtype=torch.float16)
