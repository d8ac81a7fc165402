"""Write a trained model small, as the bundled one is: a quarter to a half of the size, the same hits.

Several models become one whose weights are the mean of theirs.

python train/bundle.py runs/mini/stage2/best runs/mini/stage2-again/best --output mine --image-size 256
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from zhclip.errors import ModelError, ZhclipError
from zhclip.messages import translate, translate_gettext
from zhclip.models.calibration import CALIBRATION
from zhclip.models.checkpoint import save_model
from zhclip.models.loading import LoadedModel, read_model
from zhclip.models.location import find_model


def with_image_size(model: LoadedModel, size: int) -> LoadedModel:
    """The model for pictures of another size.

    Random crops show it things larger in training than whole pictures do, which larger
    pictures make good (Touvron et al. 2019, "Fixing the train-test resolution discrepancy").

    Raises:
        ModelError: Its image tower takes pictures of one size alone.
    """
    model.dual_encoder.resize_input(size)
    return model._replace(image=replace(model.image, size=size))


def mean_of(models: Sequence[LoadedModel]) -> LoadedModel:
    """The first of some models, with the mean of their weights.

    Runs that begin with the same weights and differ in their seeds end in one valley of the
    loss; its middle is better than its slopes ("Model soups": Wortsman et al. 2022).

    Raises:
        ModelError: They are not of one shape, or do not prepare texts and pictures alike.
    """
    first, *others = models
    weights = first.dual_encoder.state_dict()
    for other in others:
        theirs = other.dual_encoder.state_dict()
        alike = weights.keys() == theirs.keys() and all(weights[name].shape == theirs[name].shape for name in weights)
        if not alike or _preparation(first) != _preparation(other):
            raise ModelError("only runs of one architecture and preparation have a mean; give one model at a time")
        for name, value in theirs.items():
            weights[name] = weights[name] + value
    first.dual_encoder.load_state_dict({name: value / len(models) for name, value in weights.items()})
    return first


def _preparation(model: LoadedModel) -> tuple[object, ...]:
    return model.image, model.text.to_dict(), model.text.vocabulary.read_bytes()


def compact(name: str, value: torch.Tensor) -> torch.dtype:
    """The type of a weight in a small model: float8 (e4m3) for the text tower's matrices, float16 for the rest.

    Both open in plain ``transformers`` as they are. Convolutions and what is projected bear float8 less well.
    """
    return torch.float8_e4m3fn if name.startswith("text_model.") and value.ndim == 2 else torch.float16


def bundle(names: Sequence[str], folder: Path, image_size: int | None) -> None:
    """Write a small model, without a calibration: that of other weights would be wrong.

    Args:
        names: What ``load_model`` takes; of several models the mean of the weights is written.
        folder: Where to.
        image_size: Side of the pictures in pixels; None: as in training.

    Raises:
        ModelError: One is missing, damaged, or takes no pictures of that size; or they have no mean.
    """
    model = mean_of([read_model(find_model(name)) for name in names])
    if image_size is not None:
        model = with_image_size(model, image_size)
    save_model(folder, model.dual_encoder, text=model.text, image=model.image, dtype=compact)
    (folder / CALIBRATION).unlink(missing_ok=True)


if __name__ == "__main__":
    translate_gettext()
    parser = argparse.ArgumentParser(description=translate("Write a trained model small, as the bundled one is."))
    parser.add_argument("models", nargs="+", help=translate("what load_model takes, such as runs/mini/stage2/best"))
    parser.add_argument("--output", type=Path, required=True, help=translate("folder to write"))
    parser.add_argument(
        "--image-size", type=int, help=translate("side of the pictures in pixels (default: as in training)")
    )
    arguments = parser.parse_args()
    if arguments.image_size is not None and arguments.image_size < 32:
        parser.error(translate("--image-size is {size}; give 32 pixels or more", size=arguments.image_size))
    try:
        bundle(arguments.models, arguments.output, arguments.image_size)
    except ZhclipError as error:
        print(f"zhclip: {translate(str(error))}", file=sys.stderr)  # noqa: T201 - a command's output
        sys.exit(error.exit_status)
    print(translate("wrote {target}; zhclip calibrate gives it a relevance", target=arguments.output))  # noqa: T201
