"""Where a model is: the bundled one, Chinese-CLIP's five, a folder, a file, or Hugging Face."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from zhclip.errors import ModelNotFoundError
from zhclip.messages import Message

BUNDLED = Path(__file__).parent / "mini"
"""The folder of the bundled model."""


class Official(NamedTuple):
    """Where one of Chinese-CLIP's own checkpoints is published."""

    repository: str
    file: str


OFFICIAL = {
    "RN50": Official("chinese-clip-rn50", "clip_cn_rn50.pt"),
    "ViT-B-16": Official("chinese-clip-vit-base-patch16", "clip_cn_vit-b-16.pt"),
    "ViT-L-14": Official("chinese-clip-vit-large-patch14", "clip_cn_vit-l-14.pt"),
    "ViT-L-14-336": Official("chinese-clip-vit-large-patch14-336px", "clip_cn_vit-l-14-336.pt"),
    "ViT-H-14": Official("chinese-clip-vit-huge-patch14", "clip_cn_vit-h-14.pt"),
}
"""Chinese-CLIP's names for its checkpoints."""

CHECKPOINT_SUFFIXES = (".pt", ".pth")
SAFE_WEIGHTS = "*.safetensors"
PICKLED_WEIGHTS = "pytorch_model*.bin"


def find_model(name: str | os.PathLike[str]) -> Path:
    """The file or folder of a model, downloaded where it must be.

    Args:
        name: As :func:`zhclip.load_model` takes it.

    Returns:
        A Chinese-CLIP ``.pt`` file, a model folder, or a folder of exported ONNX models.

    Raises:
        ModelNotFoundError: Nothing is there by that name; the message says how to bring it.
    """
    if str(name) == "mini":
        if not (BUNDLED / "config.json").is_file():
            raise ModelNotFoundError("the bundled model is not at {bundled}; install zhclip again", bundled=BUNDLED)
        return BUNDLED
    if str(name) in OFFICIAL:
        return _official(str(name))
    path = Path(name).expanduser()
    if path.is_file() or any((path / settings).is_file() for settings in ("config.json", "onnx.json")):
        return path
    if path.is_dir():
        raise ModelNotFoundError("{path} is not a model folder: it has no config.json", path=path)
    if path.suffix in CHECKPOINT_SUFFIXES or path.is_absolute() or str(name).startswith((".", "~")):
        raise ModelNotFoundError(
            "no model at {path}; check the path (it is relative to {folder})", path=path, folder=Path.cwd()
        )
    return _from_hub(str(name))


def download_folder() -> Path:
    """Where Chinese-CLIP's own checkpoints are kept: the folder that ``cn_clip`` uses too."""
    return Path("~/.cache/clip").expanduser()


def _official(name: str) -> Path:
    repository, file = OFFICIAL[name]
    path = download_folder() / file
    if path.is_file():
        return path
    # The reachable one of the two is used; asking takes a moment, cn_clip's retries half a minute.
    if _reachable(f"OFA-Sys/{repository}"):
        use_modelscope = False
    elif find_spec("modelscope"):
        use_modelscope = True
    else:
        raise _missing(name, path, Message("Hugging Face could not be reached"))
    from cn_clip.clip.utils import _download  # loads torch, so not before it is needed

    try:
        return Path(_download(name, str(path.parent), use_modelscope))
    except Exception as error:  # noqa: BLE001 - the two hubs raise many kinds
        raise _missing(name, path, Message("the download failed: {error}", error=error)) from None


def _missing(name: str, path: Path, reason: Message) -> ModelNotFoundError:
    repository, file = OFFICIAL[name]
    return ModelNotFoundError(
        "the weights of {name} are not at {path}, and {reason}; bring {file} by hand from OFA-Sys/{repository} on "
        "Hugging Face (or AI-ModelScope/{repository} on ModelScope) and put it there",
        name=name,
        path=path,
        reason=reason,
        file=file,
        repository=repository,
    )


def _reachable(repository: str) -> bool:
    from huggingface_hub import HfApi

    try:
        HfApi().repo_info(repository, timeout=10)
    except Exception:  # noqa: BLE001 - offline, refused, blocked: all the same here
        return False
    return True


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    described = ["*.json", "*.txt"]
    try:
        try:
            folder = Path(snapshot_download(name, local_files_only=True))
            if _whole(folder):
                return folder
        except LocalEntryNotFoundError:
            pass
        folder = Path(snapshot_download(name, allow_patterns=[*described, SAFE_WEIGHTS]))
        if not _whole(folder):  # older repositories have no safe tensors
            folder = Path(snapshot_download(name, allow_patterns=[*described, PICKLED_WEIGHTS]))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError):
        raise ModelNotFoundError(
            "no model {name!r}: it is none of mini, {names}, there is no such file or folder, and "
            "it could not be had from Hugging Face (is the name right, and is there a network?)",
            name=name,
            names=", ".join(OFFICIAL),
        ) from None
    return folder


def _whole(folder: Path) -> bool:
    weights = [*folder.glob(SAFE_WEIGHTS), *folder.glob(PICKLED_WEIGHTS)]
    return (folder / "config.json").is_file() and bool(weights)
