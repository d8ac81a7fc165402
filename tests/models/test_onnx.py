"""The ONNX backend: the same vectors, without PyTorch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    BertConfig,
    BertModel,
    ConvNextConfig,
    ConvNextModel,
    MobileNetV2Config,
    MobileNetV2Model,
    ResNetConfig,
    ResNetModel,
)

from zhclip.errors import ModelError, ZhclipWarning
from zhclip.models import Encoder, load_model, loading
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.onnx_encoder import OnnxEncoder, cached_folder, forget_old_exports
from zhclip.models.onnx_export import export_onnx

PLAIN = Image.new("RGB", (40, 40), "#a63")
TEXTS = ["一只狗", "a dog on the beach, 拍得真好", "夕阳", "x " * 60]


def same(one: Encoder, other: Encoder) -> None:
    size = one.image.size
    pixels = np.random.default_rng(1).standard_normal((5, 3, size, size), dtype=np.float32)
    np.testing.assert_allclose(one.encode_pixels(pixels), other.encode_pixels(pixels), atol=1e-5)
    np.testing.assert_allclose(one.encode_pixels(pixels[:1]), other.encode_pixels(pixels[:1]), atol=1e-5)
    pictures = [Image.fromarray(np.random.default_rng(2).integers(0, 256, (30, 50, 3), np.uint8)), PLAIN]
    positions = one.encode_positions(pictures)
    np.testing.assert_allclose(np.linalg.norm(positions, axis=-1), 1, atol=1e-5)
    np.testing.assert_allclose(positions, other.encode_positions(pictures), atol=1e-5)
    for texts in (TEXTS, TEXTS[:1], TEXTS[1:3]):
        np.testing.assert_allclose(one.encode_text(texts), other.encode_text(texts), atol=1e-5)
    assert (one.dim, one.fingerprint, one.logit_scale) == (other.dim, other.fingerprint, other.logit_scale)
    assert (one.image, one.text.to_dict()) == (other.image, other.text.to_dict())


@pytest.mark.filterwarnings("ignore::zhclip.errors.TextCutWarning")
def test_any_dual_encoder_of_transformers(tiny_model_folder: Path, tiny_encoder: Encoder) -> None:
    same(load_model(tiny_model_folder, backend="onnx"), tiny_encoder)


@pytest.mark.filterwarnings("ignore::zhclip.errors.TextCutWarning")
def test_chinese_clip(official_checkpoint: Path) -> None:
    same(load_model(official_checkpoint, backend="onnx"), load_model(official_checkpoint, backend="torch"))


def test_an_export_is_made_once(tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_model(tiny_model_folder, backend="onnx")

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("PyTorch was asked for")

    monkeypatch.setattr(loading, "load_torch", fail)
    second = load_model(tiny_model_folder, backend="onnx")
    np.testing.assert_array_equal(first.encode_text(TEXTS[0]), second.encode_text(TEXTS[0]))


def test_a_cpu_takes_onnx_and_a_device_takes_torch(tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_has_gpu", lambda: False)
    assert isinstance(load_model(tiny_model_folder), OnnxEncoder)
    assert not isinstance(load_model(tiny_model_folder, device="cpu"), OnnxEncoder)
    monkeypatch.setattr(loading, "_has_gpu", lambda: True)
    assert not isinstance(load_model(tiny_model_folder), OnnxEncoder)


def test_an_exported_folder_is_a_model_of_its_own(tiny_encoder: Encoder, tmp_path: Path) -> None:
    folder = export_onnx(tiny_encoder, tmp_path / "exported")
    assert {path.name for path in folder.iterdir()} == {"image.onnx", "text.onnx", "onnx.json", "vocab.txt"}
    assert load_model(folder).fingerprint == tiny_encoder.fingerprint
    with pytest.raises(ModelError, match="which PyTorch does not run"):
        load_model(folder, backend="torch")


def test_encoding_imports_no_torch(tiny_encoder: Encoder, tmp_path: Path) -> None:
    folder = export_onnx(tiny_encoder, tmp_path / "exported")
    script = (
        "import sys, zhclip.models; from PIL import Image\n"
        f"model = zhclip.models.load_model({str(folder)!r})\n"
        "model.encode_text('狗'); model.encode_image(Image.new('RGB', (9, 9)))\n"
        "print(sorted({'torch', 'transformers', 'torchvision', 'cn_clip'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


def test_an_export_that_differs_is_not_kept(
    tiny_encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = OnnxEncoder._text_features
    monkeypatch.setattr(OnnxEncoder, "_text_features", lambda *inputs: encode(*inputs) + 0.01)
    with pytest.raises(ModelError, match="gives other text vectors than PyTorch"):
        export_onnx(tiny_encoder, tmp_path / "exported")
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_cache_falls_back_to_torch(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zhclip").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(loading, "_has_gpu", lambda: False)
    with pytest.warns(ZhclipWarning, match="runs on PyTorch, which is slower"):
        encoder = load_model(tiny_model_folder)
    assert encoder.encode_text("狗").shape == (1, 16)


def test_damaged_exports(tiny_encoder: Encoder, tmp_path: Path) -> None:
    folder = export_onnx(tiny_encoder, tmp_path / "exported")
    (folder / "text.onnx").write_bytes((folder / "text.onnx").read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"text\.onnx cannot be loaded"):
        load_model(folder).encode_text("狗")
    (folder / "onnx.json").write_text(json.dumps({"dim": 16}))
    with pytest.raises(ModelError, match=r"onnx\.json is damaged"):
        load_model(folder)


def test_only_what_was_loaded_last_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for age, name in enumerate(("newest", "newer", "old", "oldest")):
        settings = cached_folder(name) / "onnx.json"
        settings.parent.mkdir(parents=True)
        settings.touch()
        os.utime(settings, (10_000 - age, 10_000 - age))
    forget_old_exports(keep=2)
    assert set(cached_folder("newest").parent.iterdir()) == {cached_folder("newest"), cached_folder("newer")}


def test_an_export_without_positions_says_what_to_do(tiny_encoder: Encoder, tmp_path: Path) -> None:
    folder = export_onnx(tiny_encoder, tmp_path / "exported")
    (folder / "image.onnx").write_bytes((folder / "text.onnx").read_bytes())  # any graph that has none
    with pytest.raises(ModelError, match="export the model again"):
        load_model(folder).encode_positions(PLAIN)


@pytest.mark.parametrize("tower", ["mobilenet", "resnet", "convnext"])
def test_the_one_place_of_a_small_picture_is_the_picture(tower: str) -> None:
    torch.manual_seed(0)
    towers = {
        "mobilenet": lambda: MobileNetV2Model(MobileNetV2Config(depth_multiplier=0.25)),
        "resnet": lambda: ResNetModel(ResNetConfig(hidden_sizes=[8, 8, 16, 16], depths=[1] * 4, embedding_size=8)),
        "convnext": lambda: ConvNextModel(ConvNextConfig(hidden_sizes=[8, 8, 16, 16], depths=[1] * 4)),
    }
    image_tower = towers[tower]().eval()
    image_tower.config.image_size = 32
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    dual_encoder = DualEncoder.from_towers(image_tower, BertModel(BertConfig(vocab_size=200, **size)), dim=16).eval()
    pixels = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        positions = dual_encoder.position_features(pixels)
        torch.testing.assert_close(positions[:, 0, 0], dual_encoder.image_features(pixels))
    assert positions.shape == (2, 1, 1, 16)
