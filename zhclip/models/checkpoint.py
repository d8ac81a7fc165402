"""Model folders: what a trained model is written as, and read from.

A folder opens in plain ``transformers`` (``config.json``, ``model.safetensors``,
``vocab.txt``, ``tokenizer_config.json``, ``preprocessor_config.json``); ``zhclip.json``
beside them says how texts and pictures are prepared.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhclip.errors import ModelError
from zhclip.models.image import ImagePreparation
from zhclip.models.text import TextPreparation

if TYPE_CHECKING:
    import torch

    from zhclip.models.dual_encoder import DualEncoder

SETTINGS = "zhclip.json"
WEIGHTS = "model.safetensors"
BICUBIC = 3


def save_model(
    folder: Path,
    model: DualEncoder,
    *,
    text: TextPreparation,
    image: ImagePreparation,
    dtype: torch.dtype | None = None,
) -> None:
    """Write a model folder; ``folder`` is made where it is missing.

    Args:
        folder: Where to.
        model: The model; it is not changed.
        text: How it wants its texts.
        image: How it wants its pictures.
        dtype: Of the weights as written; as they are by default.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = model.model.state_dict()
    if dtype is not None:
        state = {name: value.to(dtype) if value.is_floating_point() else value for name, value in state.items()}
    with without_progress_bars():
        model.model.save_pretrained(folder, state_dict={name: value.contiguous() for name, value in state.items()})
    _write_json(folder / SETTINGS, {"text": text.to_dict(), "image": image.to_dict()})
    shutil.copyfile(text.vocabulary, folder / f"vocab{text.vocabulary.suffix}")
    _write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": text.context_length},
    )
    _write_json(folder / "preprocessor_config.json", _processor_settings(image))


def read_preparation(folder: Path) -> tuple[TextPreparation, ImagePreparation]:
    """How the model of a folder wants its texts and pictures.

    Args:
        folder: A folder that :func:`save_model` wrote, or any of ``transformers`` with a
            ``preprocessor_config.json`` and a vocabulary.

    Raises:
        ModelError: A file of the folder is missing or cannot be read.
    """
    settings = _read_json(folder / SETTINGS) if (folder / SETTINGS).is_file() else {}
    vocabulary = find_vocabulary(folder)
    text = settings["text"] if "text" in settings else _text_settings(folder)
    if vocabulary is not None:
        text["vocabulary"] = vocabulary
    if "image" in settings:
        image = {**settings["image"], "mean": tuple(settings["image"]["mean"]), "std": tuple(settings["image"]["std"])}
    else:
        processor = folder / "preprocessor_config.json"
        try:
            image = _from_processor_settings(_read_json(processor))
        except KeyError as error:
            raise ModelError(
                "{processor} does not say {error}; add it, from how the model was trained",
                processor=processor,
                error=error,
            ) from None
    return TextPreparation(**text), ImagePreparation(**image)


def find_vocabulary(folder: Path) -> Path | None:
    """The file of a model folder that holds its word pieces; None where there is none."""
    return next((folder / name for name in ("vocab.txt", "tokenizer.json") if (folder / name).is_file()), None)


def weights_files(folder: Path) -> list[Path]:
    """The files of a model folder that hold its weights; more than one where they are in shards.

    Raises:
        ModelError: There are none.
    """
    files = sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    if not files:
        raise ModelError("{folder} is missing; the model folder is not complete", folder=folder / WEIGHTS)
    return files


def fingerprint(weights: Iterable[Path], text: TextPreparation, image: ImagePreparation) -> str:
    """Hex digest of weights files and of the preparation: the same digest, the same vectors."""
    digest = hashlib.sha256()
    for path in weights:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    digest.update(json.dumps([text.to_dict(), image.to_dict()], sort_keys=True).encode())
    digest.update(text.vocabulary.read_bytes())
    return digest.hexdigest()


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Keep ``transformers`` from drawing a progress bar for every read and write of weights."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _processor_settings(image: ImagePreparation) -> dict[str, Any]:
    size = {"height": image.size, "width": image.size}
    return {
        "image_processor_type": "ChineseCLIPImageProcessor",
        "do_resize": True,
        "size": size if image.resize == "squash" else {"shortest_edge": image.size},
        "resample": BICUBIC,
        "do_center_crop": image.resize == "crop",
        "crop_size": size,
        "do_rescale": True,
        "do_normalize": True,
        "image_mean": list(image.mean),
        "image_std": list(image.std),
        "do_convert_rgb": True,
    }


def _text_settings(folder: Path) -> dict[str, Any]:
    """How a model that ``transformers`` wrote was trained to read: nothing simplified, as long as it can."""
    config = _read_json(folder / "config.json")
    if config.get("model_type") == "chinese_clip":
        return {"simplify": False}
    longest = config.get("text_config", {}).get("max_position_embeddings", 512)
    tokenizer = folder / "tokenizer_config.json"
    limit = _read_json(tokenizer).get("model_max_length", longest) if tokenizer.is_file() else longest
    return {"simplify": False, "context_length": min(limit, longest)}


def _from_processor_settings(settings: dict[str, Any]) -> dict[str, Any]:
    size = settings.get("crop_size") if settings.get("do_center_crop") else settings.get("size")
    side = (size.get("height") or size.get("shortest_edge")) if isinstance(size, dict) else size
    return {
        "size": side or 224,
        "mean": tuple(settings["image_mean"]),
        "std": tuple(settings["image_std"]),
        "resize": "crop" if settings.get("do_center_crop") else "squash",
    }


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError("{path} is missing; the model folder is not complete", path=path) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError("{path} cannot be read: {error}", path=path, error=error) from None
    return dict(content)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
