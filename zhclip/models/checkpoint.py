"""Model folders: what a trained model is written as, and read from.

A folder opens in plain ``transformers`` (``config.json``, ``model.safetensors``,
``vocab.txt``, ``tokenizer_config.json``, ``preprocessor_config.json``); ``zhclip.json``
beside them says how texts and pictures are prepared.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
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
VOCABULARY = "vocab.txt"
TOKENIZER = "tokenizer.json"
BICUBIC = 3
_MOST_SETTINGS = 16 << 20
_MOST_VOCABULARY = 64 << 20


def save_model(
    folder: Path,
    model: DualEncoder,
    *,
    text: TextPreparation,
    image: ImagePreparation,
    dtype: Callable[[str, torch.Tensor], torch.dtype] | None = None,
) -> None:
    """Write a model folder; ``folder`` is made where it is missing.

    Args:
        folder: Where to.
        model: The model; it is not changed.
        text: How it wants its texts.
        image: How it wants its pictures.
        dtype: Of each weight as written, by its name and value; as they are by default.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = model.model.state_dict()
    if dtype is not None:
        state = {
            name: value.to(dtype(name, value)) if value.is_floating_point() else value for name, value in state.items()
        }
    with quiet_transformers():
        model.model.save_pretrained(folder, state_dict={name: value.contiguous() for name, value in state.items()})
    # Where the towers came from is a path of this machine, which is nobody else's business.
    config = read_json(folder / "config.json")
    for part in (config, *(part for part in config.values() if isinstance(part, dict))):
        part.pop("_name_or_path", None)
    _write_json(folder / "config.json", config)
    _write_json(folder / SETTINGS, {"text": text.to_dict(), "image": image.to_dict()})
    _write_tokenizer(folder, text)
    _write_json(folder / "preprocessor_config.json", _processor_settings(image))


def read_preparation(folder: Path) -> tuple[TextPreparation, ImagePreparation]:
    """How the model of a folder wants its texts and pictures.

    Args:
        folder: A folder that :func:`save_model` wrote, or any of ``transformers`` with a
            ``preprocessor_config.json`` and a vocabulary.

    Raises:
        ModelError: A file of the folder is missing or cannot be read.
    """
    try:
        return _preparation(folder)
    except (TypeError, ValueError, AttributeError, IndexError, KeyError) as error:
        raise ModelError(
            "the settings in {folder} are not as zhclip or transformers writes them ({kind}: {error}); get them again",
            folder=folder,
            kind=type(error).__name__,
            error=error,
        ) from None


def _preparation(folder: Path) -> tuple[TextPreparation, ImagePreparation]:
    settings = read_json(folder / SETTINGS) if (folder / SETTINGS).exists() else {}
    vocabulary = find_vocabulary(folder)
    text = settings["text"] if "text" in settings else _text_settings(folder)
    if vocabulary is not None:
        require_file(vocabulary, most=_MOST_VOCABULARY)
        text["vocabulary"] = vocabulary
    if "image" in settings:
        image = {**settings["image"], "mean": tuple(settings["image"]["mean"]), "std": tuple(settings["image"]["std"])}
    else:
        processor = folder / "preprocessor_config.json"
        try:
            image = _from_processor_settings(read_json(processor))
        except KeyError as error:
            raise ModelError(
                "{processor} does not say {error}; add it, from how the model was trained",
                processor=processor,
                error=error,
            ) from None
    return TextPreparation(**text), ImagePreparation(**image)


def find_vocabulary(folder: Path) -> Path | None:
    """The file of a model folder that holds its word pieces; None where there is none."""
    return next((folder / name for name in (VOCABULARY, TOKENIZER) if (folder / name).exists()), None)


def weights_files(folder: Path) -> list[Path]:
    """The files of a model folder that hold its weights; more than one where they are in shards.

    Raises:
        ModelError: There are none, or one is no regular file.
    """
    files = sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    if not files:
        raise ModelError("{folder} is missing; the model folder is not complete", folder=folder / WEIGHTS)
    for file in files:
        require_file(file)
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


def require_file(path: Path, *, most: int | None = None) -> None:
    """Make sure that a path is of a regular file before it is opened: to read a pipe would wait for ever.

    Args:
        path: The file; that it is missing is left to whoever opens it.
        most: Bytes that it may have.

    Raises:
        ModelError: It is something else, or larger.
    """
    try:
        status = path.stat()
    except OSError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise ModelError("{path} is no regular file; put the model's own file there", path=path)
    if most is not None and status.st_size > most:
        raise ModelError(
            "{path} has {size:,} bytes, over the limit of {most:,} for a file of its kind; get it again",
            path=path,
            size=status.st_size,
            most=most,
        )


def read_json(path: Path) -> dict[str, Any]:
    """The object that a JSON file of a model folder holds.

    Raises:
        ModelError: The file is missing, is very large, or holds no JSON object.
    """
    require_file(path, most=_MOST_SETTINGS)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError("{path} is missing; the model folder is not complete", path=path) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError("{path} cannot be read: {error}", path=path, error=error) from None
    if not isinstance(content, dict):
        raise ModelError(
            "{path} holds a {kind} instead of a JSON object; get it again", path=path, kind=type(content).__name__
        )
    return content


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep ``transformers`` from drawing progress bars and tables: what is wrong, an error of ours says."""
    from transformers.utils import logging

    shown, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if shown:
            logging.enable_progress_bar()


def check_names(report: dict[str, Any], source: Path, *, without_pooler: bool = False) -> None:
    """Refuse a model that does not have all of its weights, or has others.

    Args:
        report: What ``from_pretrained`` gives with ``output_loading_info``.
        source: What to name in messages.
        without_pooler: The model's towers have pooling layers that nothing uses, which may be missing.

    Raises:
        ModelError: It does not.
    """
    missing = {name for name in report["missing_keys"] if not (without_pooler and ".pooler." in name)}
    unknown = report["unexpected_keys"]
    if missing:
        raise ModelError(
            "{source} lacks weights: {count}, {name!r} among them", source=source, count=len(missing), name=min(missing)
        )
    if unknown:
        raise ModelError(
            "{source} has unknown weights: {count}, {name!r} among them",
            source=source,
            count=len(unknown),
            name=min(unknown),
        )


def _write_tokenizer(folder: Path, text: TextPreparation) -> None:
    settings: dict[str, Any] = {"model_max_length": text.context_length}
    if text.vocabulary.suffix == ".json":
        tokenizer = json.loads(text.vocabulary.read_text(encoding="utf-8"))
        # As texts are prepared here, so that plain transformers reads them alike.
        lower, steps = {"type": "Lowercase"}, tokenizer.get("normalizer") or {"type": "Sequence", "normalizers": []}
        if steps["type"] != "Sequence":
            steps = {"type": "Sequence", "normalizers": [steps]}
        if lower not in steps["normalizers"]:
            tokenizer["normalizer"] = {**steps, "normalizers": [lower, *steps["normalizers"]]}
        (folder / TOKENIZER).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
        special = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
        settings |= {"tokenizer_class": "PreTrainedTokenizerFast"}
        known = text.tokenizer.token_to_id
        settings |= {name: token for name, token in special.items() if known(token) is not None}
    else:
        shutil.copyfile(text.vocabulary, folder / VOCABULARY)
        settings |= {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    _write_json(folder / "tokenizer_config.json", settings)


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
    config = read_json(folder / "config.json")
    if config.get("model_type") == "chinese_clip":
        return {"simplify": False}
    longest = config.get("text_config", {}).get("max_position_embeddings", 512)
    tokenizer = folder / "tokenizer_config.json"
    limit = read_json(tokenizer).get("model_max_length", longest) if tokenizer.is_file() else longest
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


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
