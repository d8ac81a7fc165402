"""Export to ONNX: the two towers apart, any batch size, checked before they are kept."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from tqdm import tqdm

from zhclip.errors import ModelError
from zhclip.messages import Message, gettext_noop, translate
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.encoder import Encoder, Vectors
from zhclip.models.onnx_encoder import IMAGE_TOWER, SETTINGS, TEXT_TOWER, OnnxEncoder, open_session
from zhclip.models.torch_encoder import TorchEncoder
from zhclip.temporary import TemporaryFolder

TOLERANCE = 1e-5
"""How far a number of a unit vector may be from PyTorch's."""

# One text longer than the other, so that the mask is seen to matter, and its share stays in the graph.
_IDS = torch.tensor([[101, 671, 1372, 4318, 102], [101, 4318, 102, 0, 0]])
_CHECKED_TEXTS = ("夕阳下的海滩", "a dog", "一只狗 running on the beach, 拍得真好！")


class _ImageTower(nn.Module):
    def __init__(self, dual_encoder: DualEncoder) -> None:
        super().__init__()
        self.dual_encoder = dual_encoder

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return self.dual_encoder.image_features(pixels), self.dual_encoder.position_features(pixels)


class _TextTower(nn.Module):
    def __init__(self, dual_encoder: DualEncoder) -> None:
        super().__init__()
        self.dual_encoder = dual_encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.dual_encoder.text_features(input_ids, attention_mask)


def export_onnx(encoder: TorchEncoder, folder: Path) -> Path:
    """Write a model as two ONNX files, with all that running them needs; no PyTorch from then on.

    The folder appears whole or not at all.

    Args:
        encoder: The model, on the CPU.
        folder: Where to; it must not exist, or be empty.

    Returns:
        ``folder``.

    Raises:
        ModelError: The export gives other vectors than the model, or the folder is in use.
        OSError: It cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as temporary:
        unfinished = Path(temporary) / "model"
        unfinished.mkdir()
        with tqdm(
            total=3, desc=translate("exporting {model} to ONNX", model=encoder.name), leave=False, delay=1
        ) as bar:
            _write_image_tower(encoder, unfinished)
            bar.update()
            _write_text_tower(encoder, unfinished)
            _write_settings(encoder, unfinished)
            bar.update()
            _check(encoder, OnnxEncoder(unfinished, name=encoder.name))
            bar.update()
        try:
            unfinished.replace(folder)
        except OSError:
            # Another process may have been faster with the same model.
            if not (folder / SETTINGS).is_file():
                raise
    return folder


def on_cpu(tower: nn.Module, size: int) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """An image tower, or a part of one, as a function that ONNX Runtime computes: several times as fast.

    Args:
        tower: From pixels ``[n, 3, size, size]`` to one tensor; on the CPU.
        size: The side of its pictures in pixels.

    Raises:
        ModelError: It cannot be exported.
    """
    with TemporaryFolder() as folder:
        path = folder.path / IMAGE_TOWER
        _export(tower, (torch.zeros(2, 3, size, size),), path, {"pixels": {0: "n"}})
        session = open_session(path)
    return lambda pixels: np.asarray(session.run(None, {"pixels": pixels})[0])


def _write_image_tower(encoder: TorchEncoder, folder: Path) -> None:
    pixels = torch.zeros(2, 3, encoder.image.size, encoder.image.size)
    axes = {"pixels": {0: "n"}}
    _export(_ImageTower(encoder.dual_encoder), (pixels,), folder / IMAGE_TOWER, axes, ("features", "positions"))


def _write_text_tower(encoder: TorchEncoder, folder: Path) -> None:
    axes = {name: {0: "n", 1: "length"} for name in ("input_ids", "attention_mask")}
    _export(_TextTower(encoder.dual_encoder), (_IDS, (_IDS > 0).long()), folder / TEXT_TOWER, axes)


def _write_settings(encoder: TorchEncoder, folder: Path) -> None:
    vocabulary = f"vocab{encoder.text.vocabulary.suffix}"
    shutil.copyfile(encoder.text.vocabulary, folder / vocabulary)
    settings = {
        "dim": encoder.dim,
        "logit_scale": encoder.logit_scale,
        "fingerprint": encoder.fingerprint,
        "vocabulary": vocabulary,
        "text": encoder.text.to_dict(),
        "image": encoder.image.to_dict(),
    }
    (folder / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def _export(
    tower: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    axes: dict[str, dict[int, str]],
    outputs: Sequence[str] = ("features",),
) -> None:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # The tracer warns of what is constant here on purpose; the check that follows would find what is not.
        warnings.simplefilter("ignore")
        try:
            # The exporter by tracing: the newer one needs another package.
            torch.onnx.export(
                tower.eval(),
                example,
                path,
                input_names=list(axes),
                output_names=list(outputs),
                dynamic_axes=axes | {name: {0: "n"} for name in outputs},
                dynamo=False,
            )
        except OSError:
            raise
        except Exception as error:  # the exporter raises many kinds over towers that it cannot express
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(
                "this model cannot be exported to ONNX ({reason}); use backend='torch'", reason=reason
            ) from error


def _check(encoder: TorchEncoder, exported: OnnxEncoder) -> None:
    random = np.random.default_rng(0)
    pixels = random.standard_normal((3, 3, encoder.image.size, encoder.image.size), dtype=np.float32)
    pictures = [Image.fromarray(random.integers(0, 256, (40, 60, 3), dtype=np.uint8)) for _ in range(2)]
    compared = {
        gettext_noop("image"): (encoder.encode_pixels(pixels), exported.encode_pixels(pixels)),
        gettext_noop("position"): (encoder.encode_positions(pictures), exported.encode_positions(pictures)),
        gettext_noop("text"): (_encode(encoder, _CHECKED_TEXTS), _encode(exported, _CHECKED_TEXTS)),
    }
    for what, (ours, theirs) in compared.items():
        difference = float(np.abs(ours - theirs).max())
        if not difference <= TOLERANCE:
            raise ModelError(
                "the ONNX export of {encoder} gives other {what} vectors than PyTorch (by "
                "{difference:.1e}); it was not kept. Use backend='torch'",
                encoder=encoder.name,
                what=Message(what),
                difference=difference,
            )


def _encode(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    # Together, and one alone: with padding and without.
    return np.concatenate([encoder.encode_text(texts), encoder.encode_text(texts[0])])
