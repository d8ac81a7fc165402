"""Between Chinese-CLIP's ``.pt`` files and ``transformers`` folders, checked before anything is kept."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from zhclip.errors import ConfigError, ModelError, ZhclipWarning
from zhclip.models.checkpoint import save_model
from zhclip.models.chinese_clip import cn_clip_model, cn_clip_shape, read_checkpoint, to_state
from zhclip.models.loading import LoadedModel, read_model
from zhclip.models.location import CHECKPOINT_SUFFIXES, find_model
from zhclip.models.text import TextPreparation

TOLERANCE = 1e-5
"""How far a number of a unit vector may be from ``cn_clip``'s."""

_CHECKED_TEXTS = ("夕阳下的海滩", "a dog", "一只狗 running on the beach, 拍得真好！")


class Conversion(NamedTuple):
    """What was written, and how close its vectors are to the original's."""

    target: Path
    image_difference: float
    """Largest difference of a number of the pictures' unit vectors."""
    text_difference: float
    """The same for texts."""
    loading_arguments: dict[str, Any] | None
    """What ``cn_clip.clip.load_from_name`` wants besides the file; ``None`` where it has no such shape."""


def convert(name: str | os.PathLike[str], target: Path) -> Conversion:
    """Convert a Chinese-CLIP checkpoint to a ``transformers`` folder, or a folder to a checkpoint.

    What was written is read again and compared with the original, one side in ``cn_clip``'s own
    class, the other in ``transformers``; only then does it appear under its name.

    Args:
        name: A ``.pt`` file or one of Chinese-CLIP's names; or a folder or Hugging Face id.
        target: Where to: a folder for a checkpoint, a ``.pt`` file for a folder. It must not exist.

    Raises:
        ConfigError: There is nothing to convert between the two.
        ModelError: The target exists, the model has no towers of Chinese-CLIP's, or the vectors differ.

    Warns:
        ZhclipWarning: The model reads texts in another way than ``cn_clip`` prepares them.
    """
    source = find_model(name)
    to_checkpoint = target.suffix in CHECKPOINT_SUFFIXES
    if to_checkpoint == source.is_file():
        if to_checkpoint:
            raise ConfigError(
                "both {source} and {target} are a .pt file; convert between a .pt file and a folder",
                source=source,
                target=target,
            )
        raise ConfigError(
            "both {source} and {target} are a folder; convert between a .pt file and a folder",
            source=source,
            target=target,
        )
    if target.exists():
        raise ModelError("{target} exists; choose another name, or remove it first", target=target)
    model = read_model(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".convert-") as temporary:
        unfinished = Path(temporary) / target.name
        if to_checkpoint:
            state = to_state(model.dual_encoder)
            write_checkpoint(unfinished, state)
            ours, theirs = model, cn_clip_model(read_checkpoint(unfinished))
        else:
            state = read_checkpoint(source)
            save_model(unfinished, model.dual_encoder, text=model.text, image=model.image)
            ours, theirs = read_model(unfinished), cn_clip_model(state)
        differences = _compare(ours, theirs)
        unfinished.rename(target)
    if to_checkpoint and model.text.simplify:
        warnings.warn(
            ZhclipWarning(
                "{source} was trained on simplified characters, which cn_clip does not map traditional ones to",
                source=source,
            ),
            stacklevel=2,
        )
    return Conversion(target, *differences, _loading_arguments(cn_clip_shape(state)))


def write_checkpoint(path: Path, state: dict[str, torch.Tensor]) -> None:
    """Write weights as ``cn_clip`` saves them, for its loading and for its training to go on from."""
    named = {f"module.{name}": value for name, value in state.items()}
    torch.save({"epoch": 0, "step": 0, "name": path.stem, "state_dict": named}, path)


@torch.inference_mode()
def _compare(ours: LoadedModel, theirs: Any) -> tuple[float, float]:
    dual_encoder = ours.dual_encoder.eval()
    pixels = torch.from_numpy(
        np.random.default_rng(0).standard_normal((2, 3, ours.image.size, ours.image.size), dtype=np.float32)
    )
    tokens = TextPreparation(vocabulary=ours.text.vocabulary, simplify=False)(_CHECKED_TEXTS)
    ids, mask = torch.from_numpy(tokens.input_ids), torch.from_numpy(tokens.attention_mask)
    differences = (
        _difference(dual_encoder.image_features(pixels), theirs.encode_image(pixels)),
        _difference(dual_encoder.text_features(ids, mask), theirs.encode_text(ids)),
    )
    if not max(differences) <= TOLERANCE:
        raise ModelError(
            "the converted model gives other vectors (by {differences:.1e}); it was not kept",
            differences=max(differences),
        )
    return differences


def _difference(one: torch.Tensor, other: torch.Tensor) -> float:
    normalize = nn.functional.normalize
    return float((normalize(one, dim=-1) - normalize(other, dim=-1)).abs().max())


def _loading_arguments(shape: dict[str, Any]) -> dict[str, Any] | None:
    """Which of ``cn_clip``'s own configurations make a model of a shape."""
    names: dict[str, Any] = {"input_resolution": shape["image_resolution"]}
    folder = Path(str(files("cn_clip"))) / "clip" / "model_configs"
    for path in folder.glob("*.json"):
        configuration = json.loads(path.read_text(encoding="utf-8"))
        kind = "vision_model_name" if "vision_layers" in configuration else "text_model_name"
        if kind == "vision_model_name":
            configuration.setdefault("vision_head_width", 64)
            if isinstance(configuration["vision_layers"], str):
                configuration["vision_layers"] = json.loads(configuration["vision_layers"])
        if configuration.items() <= shape.items():
            names[kind] = path.stem
    return names if len(names) == 3 else None
