"""Made features of a classifier's classes, and the names that they learn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tests.training.conftest import MakeConfig
from zhclip.errors import ConfigError, DataError
from zhclip.models import TextPreparation, load_model
from zhclip.training.data_config import PrototypesConfig
from zhclip.training.loop import train
from zhclip.training.prototypes import Prototypes, directions

WIDTH = 12
NAMES = [("哈士奇", "husky"), ("巴哥犬", "pug"), ("猫", "cat"), ("船", "boat")]


@pytest.fixture
def weights() -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((4, WIDTH)).astype(np.float32)


@pytest.fixture
def photos() -> NDArray[np.float16]:
    return np.abs(np.random.default_rng(1).standard_normal((30, WIDTH))).astype(np.float16)


@pytest.fixture
def settings(tmp_path: Path, weights: NDArray[np.float32]) -> dict[str, Any]:
    save_file({"weight": weights, "bias": weights[:, 0]}, tmp_path / "classifier.safetensors")
    lines = [json.dumps({"zh": zh, "en": en}, ensure_ascii=False) for zh, en in NAMES]
    (tmp_path / "classes.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "broader.tsv").write_text("zh\ten\tclasses\n狗,犬\tdog\t0-1\n动物\tanimal\t0,1,2\n", encoding="utf-8")
    return {
        "classifier": str(tmp_path / "classifier.safetensors"),
        "classes": str(tmp_path / "classes.jsonl"),
        "broader": str(tmp_path / "broader.tsv"),
    }


def make(settings: Mapping[str, Any], photos: NDArray[np.float16], seed: int = 0) -> Prototypes:
    return Prototypes(PrototypesConfig(**settings), photos, TextPreparation(), seed=seed)


def test_directions_are_those_of_the_formula(weights: NDArray[np.float32], photos: NDArray[np.float16]) -> None:
    differences = photos.astype(np.float32) - photos.astype(np.float32).mean(axis=0)
    covariance = np.cov(photos.astype(np.float64), rowvar=False)
    for row, found in zip(weights, directions(weights, differences), strict=True):
        pattern = covariance @ row
        expected = 0.7 * row / np.linalg.norm(row) + 0.3 * pattern / np.linalg.norm(pattern)
        np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-4)


def test_made_features_are_those_of_the_formula(
    settings: dict[str, Any], weights: NDArray[np.float32], photos: NDArray[np.float16]
) -> None:
    batch = make({**settings, "strength": (5.0, 5.0), "spread": 0.0}, photos).draw(0, 20)
    mean = photos.astype(np.float32).mean(axis=0)
    towards = directions(weights, photos.astype(np.float32) - mean)
    expected = np.maximum(0, mean + 5 * towards[batch.classes.numpy()])
    np.testing.assert_allclose(batch.features.numpy(), expected, rtol=1e-5, atol=1e-5)
    spread = make({**settings, "strength": (5.0, 5.0)}, photos).draw(0, 20).features.numpy()
    assert (spread >= 0).all() and not np.allclose(spread, expected, atol=0.1)


def test_each_feature_is_called_by_its_name_or_a_broader_one(
    settings: dict[str, Any], photos: NDArray[np.float16]
) -> None:
    prototypes = make(settings, photos)
    batch = prototypes.draw(0, 600)
    called = [prototypes.names.texts[row] for row in batch.text_rows]
    for row, text in zip(batch.classes.tolist(), called, strict=True):
        words = {*NAMES[row], *(("狗", "犬", "dog") if row < 2 else ()), *(("动物", "animal") if row < 3 else ())}
        assert any(word in text for word in words), (row, text)
    boats = [text for row, text in zip(batch.classes.tolist(), called, strict=True) if row == 3]
    assert {"船", "boat"} < set(boats), "alone, and in sentences"
    assert sum(text.isascii() for text in called) == pytest.approx(300, abs=60)
    assert {"狗", "dog", "animal"} <= set(called)


def test_a_broader_word_means_each_of_its_classes(settings: dict[str, Any], photos: NDArray[np.float16]) -> None:
    prototypes = make(settings, photos)
    means = {
        text: set(np.flatnonzero(row)) for text, row in zip(prototypes.names.texts, prototypes.names.means, strict=True)
    }
    assert (means["狗"], means["animal"], means["boat"]) == ({0, 1}, {0, 1, 2}, {3})


def test_a_step_is_a_function_of_the_seed(settings: dict[str, Any], photos: NDArray[np.float16]) -> None:
    draws = [make(settings, photos, seed).draw(3, 16, part=part) for seed, part in ((1, 0), (1, 0), (2, 0), (1, 1))]
    assert torch.equal(draws[0].features, draws[1].features)
    assert not torch.equal(draws[0].features, draws[2].features)
    assert not torch.equal(draws[0].features, draws[3].features)


def test_a_classifier_of_another_width_is_named(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=rf"takes {WIDTH} numbers, but the image tower pools 8"):
        make(settings, np.ones((5, 8), np.float16))


def test_names_of_another_count_are_named(settings: dict[str, Any], photos: NDArray[np.float16]) -> None:
    path = Path(settings["classes"])
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:3]), "utf-8")
    with pytest.raises(ConfigError, match=r"names 3 classes, but the classifier .* has 4"):
        make(settings, photos)


@pytest.mark.parametrize("classes", ["1-9", "4", "husky", "-1", "", "²"])
def test_broader_words_name_classes_that_are_there(
    settings: dict[str, Any], photos: NDArray[np.float16], classes: str
) -> None:
    Path(settings["broader"]).write_text(f"zh\ten\tclasses\n狗\tdog\t{classes}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"line 2: .* names no classes from 0 to 3"):
        make(settings, photos)


@pytest.mark.parametrize("field", ["classifier", "classes", "broader"])
def test_a_missing_file_is_named(settings: dict[str, Any], photos: NDArray[np.float16], field: str) -> None:
    with pytest.raises(DataError, match="nowhere"):
        make({**settings, field: "nowhere.tsv"}, photos)


def test_a_damaged_classifier_is_named(settings: dict[str, Any], photos: NDArray[np.float16]) -> None:
    Path(settings["classifier"]).write_bytes(b"not weights")
    with pytest.raises(DataError, match="cannot be read"):
        make(settings, photos)


def test_names_are_learned_without_a_photo(make_config: MakeConfig, settings: dict[str, Any], tmp_path: Path) -> None:
    """A run over pictures of shapes learns to call what it has never seen by name."""
    rng = np.random.default_rng(2)
    weights = rng.standard_normal((4, 32)).astype(np.float32)  # as wide as the tower
    save_file({"weight": weights}, tmp_path / "classifier.safetensors")
    config = make_config(
        data={"prototypes": settings | {"broader_share": 0.0, "sentence_share": 0.0}},
        loss={"prototype_weight": 1.0, "prototype_batch_size": 32},
        optimizer={"passes": 25, "learning_rate": 5e-3},
    )
    train(config)
    model = load_model(tmp_path / "run" / "latest", backend="torch", device="cpu")
    photos = np.zeros((4, 32), np.float32)
    made = torch.from_numpy(
        np.maximum(0, photos + 6 * directions(weights, rng.standard_normal((9, 32)).astype(np.float32)))
    )
    with torch.no_grad():
        vectors = model.dual_encoder.image_projection(made).numpy()  # type: ignore[attr-defined]
    for names in zip(*NAMES, strict=True):
        assert ((vectors @ model.encode_text(list(names)).T).argmax(1) == np.arange(4)).sum() >= 3
