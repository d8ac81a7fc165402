"""The ONNX Runtime backend of an encoder: fast on a CPU, and without PyTorch."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import ModelError
from zhclip.models.checkpoint import read_json, require_file
from zhclip.models.encoder import Encoder
from zhclip.models.image import ImagePreparation
from zhclip.models.text import TextPreparation

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SETTINGS = "onnx.json"
IMAGE_TOWER = "image.onnx"
TEXT_TOWER = "text.onnx"
FORMAT = 2
"""Of what an export holds; 1 had no features of positions."""

AT_ONCE = 4
"""Pictures that run through the image tower together: more do not fit a processor's cache, and take longer each."""


def cached_folder(fingerprint: str) -> Path:
    """Where the export of a model is kept: in the user's cache folder (``XDG_CACHE_HOME``)."""
    return _exports() / f"{fingerprint}-{FORMAT}"  # one of another format may be in use, and is left alone


def _exports() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return cache / "zhclip" / "onnx"


def forget_old_exports(*, keep: int) -> None:
    """Delete exports from the cache folder but for those that were loaded last."""
    exports = sorted(_exports().glob(f"*/{SETTINGS}"), key=lambda path: path.stat().st_mtime)
    for settings in exports[:-keep]:
        shutil.rmtree(settings.parent, ignore_errors=True)


def is_onnx_folder(path: Path) -> bool:
    """Whether a folder holds an exported model."""
    return (path / SETTINGS).is_file()


class OnnxEncoder(Encoder):
    """An encoder that runs exported towers with ONNX Runtime on the CPU.

    Each tower is loaded when it is first needed: a search by words never loads the image tower.

    Args:
        folder: What :func:`zhclip.models.onnx_export.export_onnx` wrote.
        name: What the model was asked for as.

    Raises:
        ModelError: The folder is damaged.
    """

    def __init__(self, folder: Path, *, name: str) -> None:
        try:
            settings = read_json(folder / SETTINGS)
            image = settings["image"] | {key: tuple(settings["image"][key]) for key in ("mean", "std")}
            super().__init__(
                name=name,
                dim=settings["dim"],
                fingerprint=settings["fingerprint"],
                text=TextPreparation(vocabulary=folder / settings["vocabulary"], **settings["text"]),
                image=ImagePreparation(**image),
                logit_scale=settings["logit_scale"],
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                "{folder} is damaged: {error}; delete the folder and export again",
                folder=folder / SETTINGS,
                error=error,
            ) from None
        with contextlib.suppress(OSError):
            os.utime(folder / SETTINGS)  # the cache folder keeps what was loaded last
        self.folder = folder
        self._loading = threading.Lock()

    @cached_property
    def _image_session(self) -> InferenceSession:
        return open_session(self.folder / IMAGE_TOWER)

    @cached_property
    def _text_session(self) -> InferenceSession:
        return open_session(self.folder / TEXT_TOWER)

    def _text_features(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> NDArray[np.float32]:
        with self._loading:
            session = self._text_session
        features: NDArray[np.float32] = session.run(None, {"input_ids": input_ids, "attention_mask": attention_mask})[0]
        return features

    def _image_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._run_image_tower(pixels, "features")

    def _position_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._run_image_tower(pixels, "positions")

    def _run_image_tower(self, pixels: NDArray[np.float32], output: str) -> NDArray[np.float32]:
        with self._loading:
            session = self._image_session
        if output not in {known.name for known in session.get_outputs()}:
            raise ModelError("{folder} holds no features of positions: export the model again", folder=self.folder)
        parts = [pixels[start : start + AT_ONCE] for start in range(0, len(pixels), AT_ONCE)]
        return np.concatenate([session.run([output], {"pixels": part})[0] for part in parts])


def open_session(path: Path) -> InferenceSession:
    """Load an ONNX model to be run on the CPU.

    Raises:
        ModelError: The file is damaged.
    """
    # Unless told not to before it is imported, the runtime reports its use to its maker over the network.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # takes a moment: commands that embed nothing must not pay

    require_file(path)
    options = onnxruntime.SessionOptions()
    # Threads that wait by spinning take the cores from those that decode pictures.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - the runtime raises many kinds over damaged files
        raise ModelError(
            "{path} cannot be loaded ({error}); delete its folder, and it is made again", path=path, error=error
        ) from None
