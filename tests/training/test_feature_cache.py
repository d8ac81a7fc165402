from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from zhclip.models import ImagePreparation
from zhclip.training.augmentation import Augmentation
from zhclip.training.feature_cache import FeatureCache, View
from zhclip.training.pictures import FilePicture

PREPARATION = ImagePreparation(size=8)
AUGMENTATION = Augmentation(crop=0.5, flip=0.5)


class Encode:
    """Counts what it computes."""

    def __init__(self) -> None:
        self.pictures = 0

    def __call__(self, pixels: NDArray[np.float32]) -> NDArray[np.float16]:
        self.pictures += len(pixels)
        return pixels.reshape(len(pixels), -1).astype(np.float16)


@pytest.fixture
def pictures(tmp_path: Path) -> list[FilePicture]:
    for number in range(5):
        rng = np.random.default_rng(number)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(tmp_path / f"{number}.png")
    return [FilePicture(tmp_path / f"{number}.png") for number in range(5)]


MakeCache = Callable[..., FeatureCache]


@pytest.fixture
def make_cache(tmp_path: Path) -> MakeCache:
    def make(seed: int = 0, preparation: ImagePreparation = PREPARATION) -> FeatureCache:
        torch.manual_seed(seed)
        return FeatureCache(tmp_path / "cache", nn.Linear(3, 3), preparation, AUGMENTATION)

    return make


def test_features_are_computed_once(make_cache: MakeCache, pictures: list[FilePicture]) -> None:
    views = [View(picture, number) for picture in pictures for number in range(2)]
    first, second = Encode(), Encode()
    assert make_cache().add(views, first, batch_size=3) == []
    cache = make_cache()
    cache.add(views, second)
    assert (first.pictures, second.pictures) == (10, 0)
    features = cache.read(cache.locate(views))
    expected = np.stack([PREPARATION(picture.path) for picture in pictures]).reshape(5, -1)
    np.testing.assert_allclose(features[::2], expected, atol=2e-3)
    assert not np.allclose(features[1::2], expected, atol=2e-3), "the second view is augmented"


def test_only_a_changed_picture_is_computed_again(make_cache: MakeCache, pictures: list[FilePicture]) -> None:
    views = [View(picture, 0) for picture in pictures]
    make_cache().add(views, Encode())
    Image.new("RGB", (20, 20), "red").save(pictures[2].path)
    again = Encode()
    make_cache().add(views, again)
    assert again.pictures == 1


@pytest.mark.parametrize("change", [{"seed": 1}, {"preparation": ImagePreparation(size=8, resize="crop")}])
def test_another_tower_or_preparation_has_its_own(
    make_cache: MakeCache, pictures: list[FilePicture], change: dict[str, object]
) -> None:
    views = [View(picture, 0) for picture in pictures]
    make_cache().add(views, Encode())
    again = Encode()
    make_cache(**change).add(views, again)
    assert again.pictures == 5


def test_an_interrupted_run_leaves_nothing_half_written(
    make_cache: MakeCache, pictures: list[FilePicture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhclip.training.feature_cache.SEGMENT", 2)
    views = [View(picture, 0) for picture in pictures]
    encode = Encode()

    def interrupted(pixels: NDArray[np.float32]) -> NDArray[np.float16]:
        if encode.pictures >= 4:
            raise KeyboardInterrupt
        return encode(pixels)

    with pytest.raises(KeyboardInterrupt):
        make_cache().add(views, interrupted)
    rest = Encode()
    cache = make_cache()
    cache.add(views, rest)
    assert rest.pictures == 1
    cache.refresh()
    assert (cache.locate(views) >= 0).all()


def test_shares_of_two_processes_make_the_whole(make_cache: MakeCache, pictures: list[FilePicture]) -> None:
    views = [View(picture, 0) for picture in pictures]
    encoders = [Encode() for _ in range(3)]
    caches = [make_cache() for _ in encoders]
    for rank, (cache, encode) in enumerate(zip(caches, encoders, strict=True)):
        cache.add(views, encode, rank=rank, processes=3)
    assert sum(encode.pictures for encode in encoders) == 5
    caches[0].refresh()
    assert (caches[0].locate(views) >= 0).all()


def test_unreadable_pictures_are_returned_with_the_reason(make_cache: MakeCache, pictures: list[FilePicture]) -> None:
    pictures[1].path.write_bytes(b"no picture")
    cache = make_cache()
    failed = cache.add([View(picture, 0) for picture in pictures], Encode())
    assert [view.picture for view, _ in failed] == [pictures[1]]
    assert "is not a picture" in failed[0][1]
    cache.refresh()
    assert list(cache.locate([View(pictures[1], 0)])[0]) == [-1, -1]
