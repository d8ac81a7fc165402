"""From a name, a folder or a file to an encoder."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from zhclip.errors import ModelError, ZhclipWarning
from zhclip.models.calibration import read_calibration
from zhclip.models.checkpoint import (
    check_names,
    fingerprint,
    quiet_transformers,
    read_json,
    read_preparation,
    weights_files,
)
from zhclip.models.encoder import Encoder
from zhclip.models.image import ImagePreparation
from zhclip.models.location import find_model
from zhclip.models.onnx_encoder import OnnxEncoder, cached_folder, forget_old_exports, is_onnx_folder
from zhclip.models.text import TextPreparation

if TYPE_CHECKING:
    from zhclip.models.dual_encoder import DualEncoder, TransformersDualEncoder
    from zhclip.models.torch_encoder import TorchEncoder

Backend = Literal["onnx", "torch"]

KEPT_EXPORTS = 4
"""How many exported models the cache folder holds: those that were loaded last."""


def load_model(
    name: str | os.PathLike[str] = "mini",
    *,
    device: str | None = None,
    backend: Backend | None = None,
    calibrated: bool = True,
) -> Encoder:
    """Load a model.

    Args:
        name: ``"mini"`` (bundled, works offline); one of Chinese-CLIP's names (``"RN50"``,
            ``"ViT-B-16"``, ``"ViT-L-14"``, ``"ViT-L-14-336"``, ``"ViT-H-14"``), downloaded once;
            a Chinese-CLIP ``.pt`` file; a folder or a Hugging Face id of a ``ChineseCLIPModel`` or a
            ``VisionTextDualEncoderModel``; a folder that ``zhclip export-onnx`` wrote.
        device: A PyTorch device name (``"cpu"``, ``"cuda"``); asks for the PyTorch backend.
        backend: ``"torch"`` or ``"onnx"`` (ONNX Runtime, on the CPU). By default PyTorch where there
            is a GPU or a ``device`` is given, else ONNX. The vectors are the same within 1e-5.
            The first load with ONNX exports the model to the user's cache folder.
        calibrated: Read the model's calibration, too; False for one that is to be calibrated anew.

    Returns:
        The encoder, ready to use.

    Raises:
        ModelNotFoundError: Nothing is there by that name.
        ModelError: The model is damaged, or of a kind that zhclip does not know.
    """
    path = find_model(name)
    encoder = _load(path, name, device, backend)
    encoder.calibration = read_calibration(path, dim=encoder.dim) if calibrated and path.is_dir() else None
    return encoder


def _load(path: Path, name: str | os.PathLike[str], device: str | None, backend: Backend | None) -> Encoder:
    if is_onnx_folder(path):
        if backend == "torch" or device is not None:
            raise ModelError(
                "{path} holds exported ONNX models, which PyTorch does not run; load the original model", path=path
            )
        return OnnxEncoder(path, name=str(name))
    if backend is None:
        backend = "torch" if device is not None or _has_gpu() else "onnx"
        if backend == "onnx":
            return _load_onnx_or_torch(path, name=str(name))
    if backend == "torch":
        return load_torch(path, name=str(name), device=device)
    if device not in (None, "cpu"):
        raise ModelError("the ONNX backend runs on the CPU, not on {device!r}; use backend='torch'", device=device)
    return _load_onnx(path, name=str(name))


class LoadedModel(NamedTuple):
    """A model, and how it wants its texts and pictures."""

    dual_encoder: DualEncoder
    text: TextPreparation
    image: ImagePreparation


def read_model(path: Path) -> LoadedModel:
    """Read a model for training or conversion, in float32.

    Args:
        path: A ``.pt`` file or a model folder, as :func:`zhclip.models.location.find_model` gives it.

    Raises:
        ModelError: It is damaged, or of a kind that zhclip does not know.
    """
    # torch and transformers take seconds to import: commands that embed nothing must not pay.
    from zhclip.models.dual_encoder import DualEncoder

    if path.is_dir():
        text, image = read_preparation(path)
        return LoadedModel(DualEncoder(read_transformers_model(path)), text, image)
    from zhclip.models.chinese_clip import read_checkpoint, to_dual_encoder

    dual_encoder = to_dual_encoder(read_checkpoint(path), source=path)
    return LoadedModel(dual_encoder, TextPreparation(simplify=False), ImagePreparation(size=dual_encoder.image_size))


def read_transformers_model(folder: Path) -> TransformersDualEncoder:
    """The dual encoder of a model folder, in float32.

    Raises:
        ModelError: It is damaged, or of a kind that zhclip does not know.
    """
    import torch

    from zhclip.models.torch_files import check_weights

    kind = str(read_json(folder / "config.json").get("model_type"))
    weights = weights_files(folder)
    try:
        # transformers reads pickles, too, as weights alone: nothing in them can run.
        with quiet_transformers():
            model, report = _model_class(kind, folder).from_pretrained(
                folder,
                use_safetensors=weights[0].suffix == ".safetensors",
                dtype=torch.float32,
                output_loading_info=True,
            )
    except ModelError:
        raise
    except Exception as error:  # transformers and safetensors raise many kinds over damaged files
        names, reason = ", ".join(path.name for path in weights), " ".join(str(error).split())
        raise ModelError(
            "the model in {folder} cannot be loaded ({reason}); {names} may be damaged or cut short: get it again",
            folder=folder,
            reason=reason,
            names=names,
        ) from error
    # Weights that are unknown do no harm to what is there. Chinese-CLIP's towers are not pooled by a layer.
    without_pooler = kind.startswith("chinese_clip")
    check_names({**report, "unexpected_keys": ()}, folder, without_pooler=without_pooler)
    check_weights(model.state_dict(), source=folder)
    return model


def _model_class(kind: str, folder: Path) -> type[TransformersDualEncoder]:
    from transformers import ChineseCLIPModel, VisionTextDualEncoderModel

    if kind == "chinese_clip_resnet":
        from zhclip.models.chinese_clip_resnet import ChineseCLIPResNetModel  # imports cn_clip and torchvision

        return ChineseCLIPResNetModel
    kinds = {"chinese_clip": ChineseCLIPModel, "vision-text-dual-encoder": VisionTextDualEncoderModel}
    if kind not in kinds:
        raise ModelError(
            "{folder} holds a model of type {kind!r}; zhclip reads {names}",
            folder=folder,
            kind=kind,
            names=", ".join(kinds),
        )
    return kinds[kind]


def load_torch(path: Path, *, name: str, device: str | None = None) -> TorchEncoder:
    """Load a model for PyTorch.

    Args:
        path: A ``.pt`` file or a model folder.
        name: What it was asked for as.
        device: A PyTorch device name; a GPU where there is one by default.

    Raises:
        ModelError: It is damaged, or of a kind that zhclip does not know.
    """
    from zhclip.models.torch_encoder import TorchEncoder

    model = read_model(path)
    return TorchEncoder(
        model.dual_encoder,
        name=name,
        fingerprint=model_fingerprint(path),
        text=model.text,
        image=model.image,
        device=device,
    )


def _load_onnx(path: Path, *, name: str) -> OnnxEncoder:
    folder = cached_folder(model_fingerprint(path))
    if not is_onnx_folder(folder):
        from zhclip.models.onnx_export import export_onnx

        export_onnx(load_torch(path, name=name, device="cpu"), folder)
        forget_old_exports(keep=KEPT_EXPORTS)
    return OnnxEncoder(folder, name=name)


def _load_onnx_or_torch(path: Path, *, name: str) -> Encoder:
    try:
        return _load_onnx(path, name=name)
    except (OSError, ModelError) as error:
        encoder = load_torch(path, name=name)
        warnings.warn(
            ZhclipWarning(
                "{name} runs on PyTorch, which is slower on a CPU than ONNX Runtime: {error}", name=name, error=error
            ),
            stacklevel=3,
        )
        return encoder


def model_fingerprint(path: Path) -> str:
    """The fingerprint of a model file or folder; see :attr:`Encoder.fingerprint`.

    Raises:
        ModelError: The folder is not complete.
    """
    if path.is_dir():
        return fingerprint(weights_files(path), *read_preparation(path))
    # Of a checkpoint the picture size follows from the weights.
    return fingerprint([path], TextPreparation(simplify=False), ImagePreparation())


def installed_fingerprint(name: str | os.PathLike[str]) -> str | None:
    """The fingerprint that a model of one's own, or the bundled one, has now; it is not loaded for it.

    Returns:
        None for models that come from elsewhere, which do not change.

    Raises:
        ModelError: The model is not complete.
    """
    if str(name) != "mini" and not Path(name).expanduser().exists():
        return None
    path = find_model(name)
    return OnnxEncoder(path, name=str(name)).fingerprint if is_onnx_folder(path) else model_fingerprint(path)


def _has_gpu() -> bool:
    devices = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
    if sys.platform == "linux" and not any(Path(device).exists() for device in devices):
        return False  # known without the seconds that importing torch takes
    import torch

    return torch.cuda.is_available()
