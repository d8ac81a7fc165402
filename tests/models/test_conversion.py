"""Checkpoints to folders and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.cn_clip_checkpoints import build_cn_clip, write_official
from zhclip.errors import ConfigError, ModelError, ZhclipWarning
from zhclip.models import conversion, load_model
from zhclip.models.chinese_clip import read_checkpoint
from zhclip.models.conversion import convert


def test_there_and_back(official_checkpoint: Path, tmp_path: Path) -> None:
    folder = convert(official_checkpoint, tmp_path / "folder").target
    back = convert(folder, tmp_path / "back.pt")
    assert max(back.image_difference, back.text_difference) <= 1e-6
    original, returned = read_checkpoint(official_checkpoint), read_checkpoint(back.target)
    assert original.keys() == returned.keys()
    original["bert.embeddings.word_embeddings.weight"][0] = 0  # [PAD], which no mask lets through
    assert all(torch.equal(value.float(), returned[name].float()) for name, value in original.items())
    texts = ["一只狗", "a dog"]
    encoders = [load_model(path, backend="torch") for path in (official_checkpoint, folder, back.target)]
    for encoder in encoders[1:]:
        np.testing.assert_allclose(encoder.encode_text(texts), encoders[0].encode_text(texts), atol=1e-6)
        assert encoder.image == encoders[0].image
        assert encoder.text.to_dict() == encoders[0].text.to_dict() == {"context_length": 52, "simplify": False}


def test_a_folder_opens_in_plain_transformers(tmp_path: Path) -> None:
    from transformers import BertTokenizer, ChineseCLIPImageProcessor, ChineseCLIPModel

    write_official(build_cn_clip("vit"), tmp_path / "vit.pt")
    folder = convert(tmp_path / "vit.pt", tmp_path / "folder").target
    model = ChineseCLIPModel.from_pretrained(folder).eval()
    tokens = BertTokenizer.from_pretrained(folder)(["一只狗", "a dog on the grass"], padding=True, return_tensors="pt")
    picture = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    pixels = ChineseCLIPImageProcessor.from_pretrained(folder)(picture, return_tensors="pt")
    with torch.no_grad():
        texts, images = model.get_text_features(**tokens), model.get_image_features(**pixels)
    encoder = load_model(folder, backend="torch")
    features = torch.nn.functional.normalize(texts.pooler_output, dim=-1).numpy()
    np.testing.assert_allclose(encoder.encode_text(["一只狗", "a dog on the grass"]), features, atol=1e-5)
    assert images.pooler_output.shape == (1, 32)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("vision", "text", "resolution"),
    [("ViT-B-16", "RoBERTa-wwm-ext-base-chinese", 224), ("RN50", "RBT3-chinese", 224)],
)
def test_true_shapes_open_in_cn_clip(vision: str, text: str, resolution: int, tmp_path: Path) -> None:
    """A model of the official shape goes from cn_clip to a folder, and back into cn_clip's own loading."""
    from cn_clip.clip import load_from_name
    from cn_clip.clip.utils import create_model

    torch.manual_seed(0)
    model = create_model(f"{vision}@{text}")
    state = {f"module.{name}": value for name, value in model.state_dict().items()}
    torch.save({"epoch": 1, "step": 1, "name": "official", "state_dict": state}, tmp_path / "official.pt")
    del model, state
    convert(tmp_path / "official.pt", tmp_path / "folder")
    converted = convert(tmp_path / "folder", tmp_path / "finetuned.pt")
    arguments = {"vision_model_name": vision, "text_model_name": text, "input_resolution": resolution}
    assert converted.loading_arguments == arguments
    (tmp_path / "folder" / "model.safetensors").unlink()
    theirs, _ = load_from_name(str(tmp_path / "finetuned.pt"), device="cpu", **arguments)
    ours = load_model(tmp_path / "official.pt", backend="torch", device="cpu")
    pixels = np.random.default_rng(0).standard_normal((2, 3, resolution, resolution), dtype=np.float32)
    tokens = ours.text(["夕阳下的海滩", "a dog"])
    with torch.no_grad():
        images = torch.nn.functional.normalize(theirs.eval().encode_image(torch.from_numpy(pixels)), dim=-1)
        texts = torch.nn.functional.normalize(theirs.encode_text(torch.from_numpy(tokens.input_ids)), dim=-1)
    np.testing.assert_allclose(ours.encode_pixels(pixels), images.numpy(), atol=1e-5)
    np.testing.assert_allclose(ours.encode_text(["夕阳下的海滩", "a dog"]), texts.numpy(), atol=1e-5)


def test_a_small_shape_has_no_name_in_cn_clip(tmp_path: Path) -> None:
    write_official(build_cn_clip("vit"), tmp_path / "vit.pt")
    assert convert(tmp_path / "vit.pt", tmp_path / "folder").loading_arguments is None


def test_other_towers_cannot_become_a_checkpoint(tiny_model_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="VisionTextDualEncoderModel cannot become a Chinese-CLIP checkpoint"):
        convert(tiny_model_folder, tmp_path / "mine.pt")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_kept_when_the_vectors_differ(
    official_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "_difference", lambda *_: 0.01)
    with pytest.raises(ModelError, match="gives other vectors"):
        convert(official_checkpoint, tmp_path / "folder")
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_convert(official_checkpoint: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"are a \.pt file"):
        convert(official_checkpoint, tmp_path / "other.pt")
    with pytest.raises(ConfigError, match="are a folder"):
        convert(tiny_model_folder, tmp_path / "other")


def test_a_target_that_exists_stays(official_checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="exists; choose another name"):
        convert(official_checkpoint, tmp_path)


def test_a_warning_where_cn_clip_reads_otherwise(tmp_path: Path) -> None:
    from zhclip.models.checkpoint import save_model
    from zhclip.models.chinese_clip import to_dual_encoder
    from zhclip.models.image import ImagePreparation
    from zhclip.models.text import TextPreparation

    model: Any = to_dual_encoder(build_cn_clip("vit").state_dict(), source=tmp_path)
    save_model(tmp_path / "folder", model, text=TextPreparation(simplify=True), image=ImagePreparation(size=32))
    with pytest.warns(ZhclipWarning, match="was trained on simplified characters"):
        convert(tmp_path / "folder", tmp_path / "mine.pt")
