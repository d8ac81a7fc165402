from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.library.pictures import save_photo
from zhclip.errors import LibraryNotFoundError, PictureError, QueryError
from zhclip.models.calibration import Calibration
from zhclip.search import Library
from zhclip.search.describing import NEAREST

TEXTS = ["海滩", "a dog", "红色的汽车", "mountains", "海滩"]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(6):
        save_photo(folder / f"{number}.png", seed=number)
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def library(photos: Path, tiny_model_folder: Path) -> Iterator[Library]:
    with Library(photos / "library" / "photos.db", model=tiny_model_folder) as library:
        library.add(photos)
        yield library


def test_the_best_captions_of_the_library(library: Library, photos: Path) -> None:
    path = photos / "5.png"
    found = library.describe(path, top_k=10)
    cosines = dict(
        zip(TEXTS, (library.encoder.encode_text(TEXTS) @ library.encoder.encode_image(path)[0]).tolist(), strict=True)
    )
    assert [caption.text for caption in found] == sorted(set(TEXTS), key=lambda text: -cosines[text])
    for caption in found:
        assert caption.score == pytest.approx(cosines[caption.text], abs=1e-5)
        assert caption.path is not None
        assert caption.path.with_suffix(".txt").read_text(encoding="utf-8") == caption.text
        assert caption.id is not None
        owner = library.get_by_id(caption.id)
        assert owner is not None and owner.path == caption.path
    assert library.describe(path, top_k=2) == found[:2]
    assert library.describe(Image.open(path), top_k=10) == library.describe(path.read_bytes(), top_k=10) == found


def test_only_the_nearest_pictures_lend_captions(library: Library, photos: Path) -> None:
    vector = library.encoder.encode_image(photos / "3.png")[0]
    assert library.captions_near(vector, limit=1) == [("mountains", photos / "3.png")]
    assert len(library.captions_near(vector, limit=NEAREST)) == 4, "each once, and none of pictures without"


def test_captions_of_a_list(library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.encoder, "calibration", Calibration(slope=5, offset=0, threshold=0.5))
    found = library.describe(photos / "0.png", captions=["一", "二", "two", "一"])
    assert sorted(caption.text for caption in found) == sorted(["一", "二", "two"])
    assert [caption.score for caption in found] == sorted((caption.score for caption in found), reverse=True)
    for caption in found:
        assert caption.path is None
        assert caption.relevance == pytest.approx(1 / (1 + np.exp(-5 * caption.score)))


def test_a_list_needs_no_library(tmp_path: Path, photos: Path, tiny_model_folder: Path) -> None:
    with Library(tmp_path / "none.db", model=tiny_model_folder) as library:
        assert len(library.describe(photos / "0.png", captions=["一只狗", "a cat"])) == 2
        with pytest.raises(LibraryNotFoundError):
            library.describe(photos / "0.png")


def test_what_cannot_be_described(library: Library, photos: Path, tmp_path: Path, tiny_model_folder: Path) -> None:
    with pytest.raises(QueryError, match="a Path"):
        library.describe("0.png")
    with pytest.raises(QueryError, match="top_k"):
        library.describe(photos / "0.png", top_k=0)
    with pytest.raises(PictureError):
        library.describe(photos / "0.txt")
    with pytest.raises(QueryError, match="no caption"):
        library.describe(photos / "0.png", captions=[])
    save_photo(tmp_path / "bare" / "a.png")
    with Library(tmp_path / "bare.db", model=tiny_model_folder) as bare:
        bare.add(tmp_path / "bare")
        with pytest.raises(QueryError, match=r"photo\.txt"):
            bare.describe(photos / "0.png")
