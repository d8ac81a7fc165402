from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from PIL import Image

import zhclip
from tests.library.pictures import save_photo
from zhclip.errors import LibraryNotFoundError, PictureError, QueryError, TextCutWarning
from zhclip.models import Encoder
from zhclip.search import Hit, Library, Query, default_location


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Library:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(8):
        save_photo(folder / f"{number}.jpg", seed=number)
    (folder / "0.txt").write_text("海边的日落")
    library = Library(folder / "library" / "photos.db", model=tiny_model_folder)
    library.add(folder)
    yield library
    library.close()


def test_a_text_finds_pictures(library: Library, tiny_encoder: Encoder) -> None:
    hits = library.search("夕阳 大海 沙滩", top_k=5)
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
    text = tiny_encoder.encode_text("夕阳 大海 沙滩")[0]
    scores = {hit.path: hit.score for hit in library.search("夕阳 大海 沙滩", top_k=8)}
    for path, score in scores.items():
        assert score == pytest.approx(float(text @ tiny_encoder.encode_image(path)[0]), abs=1e-5)
    assert [hit.score for hit in hits] == sorted(scores.values(), reverse=True)[:5]


def test_a_picture_finds_itself(library: Library) -> None:
    path = library.search("x", top_k=1)[0].path
    for query in (path, Image.open(path), path.read_bytes(), Query(path)):
        (best,) = library.search(query, top_k=1)
        assert (best.path, best.rank) == (path, 1)
        assert best.score == pytest.approx(1, abs=1e-5)


def test_a_hit_says_what_the_library_knows(library: Library) -> None:
    (hit,) = [hit for hit in library.search("x") if hit.path.name == "0.jpg"]
    assert hit.caption == "海边的日落"
    assert hit.relevance is None
    assert (hit.metadata["format"], hit.metadata["width"], hit.metadata["height"]) == ("JPEG", 64, 48)
    assert hit.metadata["paths"] == [hit.path]
    picture = library.get_by_id(hit.metadata["id"])
    assert picture is not None and picture.path == hit.path
    assert library.get_by_id('" || id != "') is None


def test_offset_gives_the_next_page(library: Library) -> None:
    every = library.search("海", top_k=8)
    assert library.search("海", top_k=3, offset=3) == every[3:6]


def test_queries_that_make_no_sense_are_refused(library: Library, tmp_path: Path) -> None:
    for query in ("", "  \n", 5, None):
        with pytest.raises(QueryError):
            library.search(query)  # type: ignore[arg-type]
    for number in (0, -1, 1001):
        with pytest.raises(QueryError, match="top_k"):
            library.search("x", top_k=number)
    with pytest.raises(PictureError, match="nowhere"):
        library.search(tmp_path / "nowhere.jpg")


def test_a_long_text_is_searched_with_a_warning(library: Library) -> None:
    with pytest.warns(TextCutWarning, match="the end of"):
        assert library.search("很长的句子" * 100, top_k=2)


def test_an_empty_query_is_refused_before_a_model_is_loaded(tmp_path: Path) -> None:
    library = Library(tmp_path / "none.db", model="no such model")
    with pytest.raises(QueryError):
        library.search(" ")
    with pytest.raises(LibraryNotFoundError, match=r"no library at .*none.db"):
        library.search("海")


def test_the_module_function_searches_the_default_library(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHCLIP_LIBRARY", library.location)
    assert default_location() == library.location
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hits = zhclip.search("海", top_k=2)
    assert hits == library.search("海", top_k=2)
    assert all(isinstance(hit, Hit) for hit in hits)
    monkeypatch.delenv("ZHCLIP_LIBRARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_location() == str(tmp_path / "zhclip" / "photos.db")


def test_a_picture_of_the_library_finds_others(library: Library) -> None:
    first, *others = library.search("海", top_k=8)
    hits = library.similar(first.metadata["id"], top_k=3)
    assert first.path not in [hit.path for hit in hits]
    of_file = [(hit.path, pytest.approx(hit.score, abs=1e-4)) for hit in library.search(first.path, top_k=8)[1:]]
    assert [(hit.path, hit.score) for hit in hits] == of_file[:3]
    rest = library.similar(first.metadata["id"], top_k=8, offset=3)
    assert [hit.rank for hit in hits + rest] == [1, 2, 3, 4, 5, 6, 7]
    assert {hit.path for hit in hits + rest} == {hit.path for hit in others}
    with pytest.raises(QueryError, match="no picture of the id"):
        library.similar("0" * 32)
    with pytest.raises(QueryError, match="top_k"):
        library.similar(first.metadata["id"], top_k=0)
