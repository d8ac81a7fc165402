"""Chinese-CLIP's checkpoints give cn_clip's own vectors, from the file and the string to the vector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.models.cn_clip_checkpoints import build_cn_clip
from zhclip.errors import ModelError
from zhclip.models import ImagePreparation, load_model
from zhclip.models.chinese_clip import cn_clip_model, read_checkpoint, to_dual_encoder, to_state

TEXTS = [
    "一只狗在草地上奔跑",
    "a dog runs across the grass",
    "一张 beach 的照片，拍于 2019 年",
    "夕阳、大海！沙滩？（真美）~ #1 50% [好] {a}/b\\c @me",
    "我爱🐶和🍜，很好吃😋🇨🇳👨‍👩‍👧",
    "café naïve Ünïcode ｶﾀｶﾅ 한국어 русский",
    "tab\there\nand   spaces　there",
    "很" * 200,
    "pneumono" * 30,
    "a " * 100,
    "x",
]


def unit(features: torch.Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(features, dim=-1).numpy()


def same(ours: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=0)
    assert np.einsum("nd,nd->n", ours, theirs).min() > 0.99999


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    smooth = Image.fromarray(random.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize((321, 200), Image.BICUBIC)
    paths = [folder / name for name in ("photo.jpg", "photo.png", "tall.webp", "tiny.png", "grey.jpg")]
    smooth.save(paths[0], quality=90)
    smooth.save(paths[1])
    smooth.resize((61, 470)).save(paths[2])
    smooth.resize((5, 3)).save(paths[3])
    smooth.convert("L").save(paths[4])
    return paths


@pytest.mark.filterwarnings("ignore::zhclip.errors.TextCutWarning")
def test_vectors_are_cn_clips(official_checkpoint: Path, reference: Any, pictures: list[Path]) -> None:
    from cn_clip.clip import tokenize
    from cn_clip.clip.utils import image_transform

    encoder = load_model(official_checkpoint, backend="torch", device="cpu")
    transform = image_transform(encoder.image.size)
    with torch.no_grad():
        texts = unit(reference.encode_text(tokenize(TEXTS)))
        images = unit(reference.encode_image(torch.stack([transform(Image.open(path)) for path in pictures])))
    same(encoder.encode_text(TEXTS), texts)
    same(encoder.encode_image(pictures), images)
    assert encoder.logit_scale == pytest.approx(reference.logit_scale.exp().item())


@pytest.mark.data
def test_real_photos_become_cn_clips_pixels(data_folder: Path) -> None:
    from cn_clip.clip.utils import image_transform

    theirs, ours = image_transform(224), ImagePreparation()
    photos = sorted((data_folder / "imagenet-samples" / "images").iterdir())[::20]
    photos += sorted(path for path in (data_folder / "labelled" / "images").rglob("*") if path.is_file())[::200]
    assert len(photos) > 60
    for path in photos:
        with Image.open(path) as photo:
            np.testing.assert_allclose(ours(path), theirs(photo).numpy(), atol=1e-5, err_msg=str(path))


@pytest.mark.parametrize("prefix", ["", "module."])
def test_both_namings_and_what_training_leaves_in_the_file(family: str, tmp_path: Path, prefix: str) -> None:
    model = build_cn_clip(family)
    state = {prefix + name: value for name, value in model.state_dict().items()}
    # cn_clip's training leaves these: a pooler that it never uses, and numpy numbers in the optimizer's groups.
    state[f"{prefix}bert.pooler.dense.weight"] = torch.zeros(128, 128)
    optimizer = {"state": {}, "param_groups": [{"lr": np.float64(1e-5) * np.cos(0.5), "params": [0]}]}
    path = tmp_path / "epoch_latest.pt"
    torch.save({"epoch": 1, "step": 10, "name": "mine", "state_dict": state, "optimizer": optimizer}, path)
    read = read_checkpoint(path)
    assert read.keys() == model.state_dict().keys()


def test_a_bare_state_dict_is_read(family: str, tmp_path: Path) -> None:
    model = build_cn_clip(family)
    torch.save(model.state_dict(), tmp_path / "bare.pt")
    assert read_checkpoint(tmp_path / "bare.pt").keys() == model.state_dict().keys()


def test_weights_survive_the_round_trip(official_checkpoint: Path) -> None:
    state = read_checkpoint(official_checkpoint)
    back = to_state(to_dual_encoder(state, source=official_checkpoint))
    assert back.keys() == state.keys()
    # transformers sets the vector of [PAD] to zero, which no mask lets through.
    state["bert.embeddings.word_embeddings.weight"][0] = 0
    for name, value in state.items():
        assert torch.equal(back[name], value.to(back[name].dtype)), name


def test_the_checked_reference_is_cn_clips_own_class(official_checkpoint: Path, reference: Any) -> None:
    from cn_clip.clip.model import CLIP

    model = cn_clip_model(read_checkpoint(official_checkpoint))
    assert isinstance(model, CLIP)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in reference.state_dict().items())


def test_position_features_of_pictures(official_checkpoint: Path, family: str) -> None:
    dual_encoder = to_dual_encoder(read_checkpoint(official_checkpoint), source=official_checkpoint).eval()
    size = dual_encoder.image_size
    with torch.no_grad():
        positions = dual_encoder.position_features(torch.rand(2, 3, size, size))
    side = {"vit": 4, "resnet": 2}[family]
    assert positions.shape == (2, side, side, 32)


def test_a_truncated_file(official_checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    path.write_bytes(official_checkpoint.read_bytes()[:100_000])
    with pytest.raises(ModelError, match=r"cut\.pt is damaged or cut short"):
        load_model(path)


class Hostile:
    """What a stranger could put into a file: loading it the usual way runs a command."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        import os

        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
def test_nothing_in_a_pickle_runs(tmp_path: Path, suffix: str) -> None:
    path, marker = tmp_path / f"hostile{suffix}", tmp_path / "it-ran"
    torch.save({"state_dict": {"visual.conv1.weight": Hostile(marker)}}, path)
    with pytest.raises(ModelError, match=r"is refused: besides weights it asks to load 'posix\.system'"):
        load_model(path)
    assert not marker.exists()
    torch.load(path, weights_only=False)
    assert marker.exists(), "the file was harmless, so the test shows nothing"


def test_nothing_in_a_folder_with_a_pickle_runs(tmp_path: Path) -> None:
    folder, marker = tmp_path / "folder", tmp_path / "it-ran"
    dual_encoder = to_dual_encoder(build_cn_clip("vit").state_dict(), source=tmp_path)
    dual_encoder.model.config.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text('{"size": 32, "image_mean": [0, 0, 0], "image_std": [1, 1, 1]}')
    torch.save(dual_encoder.model.state_dict(), folder / "pytorch_model.bin")
    assert load_model(folder, backend="torch").dim == 32, "a folder with a harmless pickle loads"
    torch.save({"logit_scale": Hostile(marker)}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(folder)
    assert not marker.exists()


def test_a_pickle_that_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "list.pt"
    torch.save([1, 2, 3], path)
    with pytest.raises(ModelError, match="it holds a list, not weights by name"):
        load_model(path)


def test_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "page.pt"
    path.write_text("<html>404</html>", encoding="utf-8")
    with pytest.raises(ModelError, match=r"page\.pt"):
        load_model(path)


def test_another_architecture(tmp_path: Path) -> None:
    path = tmp_path / "resnet18.pt"
    torch.save({"conv1.weight": torch.zeros(64, 3, 7, 7), "fc.weight": torch.zeros(10, 64)}, path)
    with pytest.raises(ModelError, match=r"is no Chinese-CLIP checkpoint: it has no 'bert\.embeddings"):
        load_model(path)


def test_a_checkpoint_that_lacks_weights(family: str, tmp_path: Path) -> None:
    state = build_cn_clip(family).state_dict()
    del state["bert.encoder.layer.1.output.dense.bias"]
    torch.save({"state_dict": state}, tmp_path / "lacking.pt")
    with pytest.raises(ModelError, match=r"lacks weights: 1, 'text_model\.encoder\.layer\.1\.output\.dense\.bias'"):
        load_model(tmp_path / "lacking.pt")


def test_a_checkpoint_whose_weights_do_not_fit(family: str, tmp_path: Path) -> None:
    state = build_cn_clip(family).state_dict()
    state["bert.encoder.layer.1.output.dense.bias"] = torch.zeros(7)
    torch.save({"state_dict": state}, tmp_path / "odd.pt")
    with pytest.raises(ModelError, match="do not fit together"):
        load_model(tmp_path / "odd.pt")
