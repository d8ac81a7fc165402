"""Write a trained model in float16, as the bundled one is: half the size, the same hits.

python train/bundle.py runs/mini/stage2/interpolated --image-size 256
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from zhclip.models.checkpoint import save_model
from zhclip.models.loading import LoadedModel, read_model
from zhclip.models.location import BUNDLED, find_model


def with_image_size(model: LoadedModel, size: int) -> LoadedModel:
    """The model for pictures of another size; its image tower must be one that takes any (a convolutional one).

    Random crops show it things larger in training than whole pictures do, which larger
    pictures make good (Touvron et al. 2019, "Fixing the train-test resolution discrepancy").
    """
    model.dual_encoder.model.config.vision_config.image_size = size
    return model._replace(image=replace(model.image, size=size))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a trained model in float16, as the bundled one is.")
    parser.add_argument("model", help="what load_model takes, such as runs/mini/stage2/best")
    parser.add_argument("folder", nargs="?", type=Path, default=BUNDLED, help="where to (default: the bundled model)")
    parser.add_argument("--image-size", type=int, help="side of the pictures in pixels (default: as in training)")
    arguments = parser.parse_args()
    model = read_model(find_model(arguments.model))
    if arguments.image_size:
        model = with_image_size(model, arguments.image_size)
    save_model(arguments.folder, model.dual_encoder, text=model.text, image=model.image, dtype=torch.float16)
