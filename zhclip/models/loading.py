"""From a name, a folder or a file to an encoder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from zhclip.errors import ModelError, ModelNotFoundError
from zhclip.models.encoder import Encoder

if TYPE_CHECKING:
    from zhclip.models.dual_encoder import TransformersDualEncoder

BUNDLED = Path(__file__).parent / "mini"
"""The folder of the bundled model."""


def load_model(name: str | os.PathLike[str] = "mini", *, device: str | None = None) -> Encoder:
    """Load a model.

    Args:
        name: ``"mini"`` (bundled, works offline), a model folder, or a Hugging Face id.
        device: A PyTorch device name; a GPU where there is one by default.

    Returns:
        The encoder, ready to use.

    Raises:
        ModelNotFoundError: Nothing is there by that name.
        ModelError: The model is damaged, or of a kind that zhclip does not know.
    """
    folder = BUNDLED if str(name) == "mini" else Path(name).expanduser()
    if not (folder / "config.json").is_file():
        folder = _download(str(name), folder)
    return _load_folder(folder, name=str(name), device=device)


def _load_folder(folder: Path, *, name: str, device: str | None) -> Encoder:
    # torch and transformers take seconds to import: commands that embed nothing must not pay.
    from zhclip.models.checkpoint import WEIGHTS, fingerprint, read_preparation
    from zhclip.models.dual_encoder import DualEncoder
    from zhclip.models.torch_encoder import TorchEncoder

    text, image = read_preparation(folder)
    return TorchEncoder(
        DualEncoder(read_transformers_model(folder)),
        name=name,
        fingerprint=fingerprint(folder / WEIGHTS, text, image),
        text=text,
        image=image,
        device=device,
    )


def read_transformers_model(folder: Path) -> TransformersDualEncoder:
    """The dual encoder of a model folder, in float32.

    Raises:
        ModelError: It is damaged, or of a kind that zhclip does not know.
    """
    import torch
    from transformers import ChineseCLIPModel, VisionTextDualEncoderModel

    kinds = {"chinese_clip": ChineseCLIPModel, "vision-text-dual-encoder": VisionTextDualEncoderModel}
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{folder / 'config.json'} cannot be read: {error}") from None
    if kind not in kinds:
        raise ModelError(f"{folder} holds a model of type {kind!r}; zhclip reads {', '.join(kinds)}")
    try:
        # Safe tensors alone: a pickle can run code.
        return kinds[kind].from_pretrained(folder, use_safetensors=True, dtype=torch.float32)
    except Exception as error:  # transformers and safetensors raise many kinds over damaged files
        raise ModelError(f"the model in {folder} cannot be loaded: {error}") from error


def _download(name: str, folder: Path) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, HfHubHTTPError, LocalEntryNotFoundError

    if folder.exists():
        raise ModelNotFoundError(f"{folder} is not a model folder: it has no config.json")
    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.txt", "*.safetensors"]))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError):
        raise ModelNotFoundError(
            f"no model {name!r}: it is not 'mini', there is no such folder, and it could not be had from "
            "Hugging Face (is the name right, and is there a network?)"
        ) from None
