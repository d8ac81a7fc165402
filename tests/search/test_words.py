from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.library.pictures import save_photo
from zhclip.errors import LibraryError, QueryError
from zhclip.models import Encoder
from zhclip.models.calibration import Calibration
from zhclip.search import Library, Part, Query, Where
from zhclip.search.words import fuse

CAPTIONS = {"giraffe": "一只长颈鹿在吃树叶", "dog": "a dog on the beach", "IMG_sunset-2023": "", "car": "红色的汽车"}
rankings = st.lists(st.sampled_from("abcdefgh"), unique=True)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(12):
        save_photo(folder / f"{number:02}.png", seed=100 + number)
    for number, (name, caption) in enumerate(CAPTIONS.items()):
        save_photo(folder / f"{name}.png", seed=number)
        (folder / f"{name}.txt").write_text(caption, encoding="utf-8")
    for suffix in ("png", "txt"):
        (folder / f"copy of dog.{suffix}").write_bytes((folder / f"dog.{suffix}").read_bytes())
    with Library(folder / "library" / "photos.db", model=tiny_model_folder) as library:
        library.add(folder)
        yield library


@settings(deadline=None)
@given(rankings, rankings, st.floats(0, 1))
def test_fused_rankings(looks: list[str], words: list[str], share: float) -> None:
    fused = fuse(looks, words, share)
    wanted = {*(looks if share < 1 else ()), *(words if share > 0 else ())}
    assert len(fused) == len(set(fused)) and set(fused) == wanted
    assert fuse(looks, words, 0) == looks
    assert fuse(looks, words, 1) == words
    assert fuse(looks, looks, share) == looks


def test_fusion_is_as_in_the_paper() -> None:
    assert fuse("abc", "c", 0.5) == ["c", "a", "b"]  # 1/63 + 1/61 against 1/61
    assert fuse("abc", "c", 0.01) == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["长颈鹿", "长頸鹿", "giraffe", "ｇｉｒａｆｆｅ"])
def test_words_bring_up_what_they_name(library: Library, text: str) -> None:
    (best, *_) = library.search(Query(text, words=0.5), top_k=3)
    assert best.path.stem == "giraffe"
    by_looks = library.search(text, top_k=20)
    assert best.score == pytest.approx({hit.path: hit.score for hit in by_looks}[best.path], abs=1e-5)


def test_words_alone_find_only_what_has_them(library: Library) -> None:
    assert [hit.path.stem for hit in library.search(Query("sunset", words=1))] == ["IMG_sunset-2023"]
    hits = library.search(Query("狗 dog 汽车", words=1))
    assert {hit.path.stem for hit in hits} == {"copy of dog", "car"}, "copies are one hit"
    assert [hit.rank for hit in hits] == [1, 2]
    assert library.search(Query("火车", words=1)) == []
    assert library.search(Query("🙂", words=1)) == []
    assert library.search(Query("sunset", words=1), offset=1) == []


def test_pages_are_of_one_order(library: Library) -> None:
    query = Query("dog 汽车", words=0.5)
    every = library.search(query, top_k=16)
    pages = [library.search(query, top_k=4, offset=offset) for offset in (0, 4, 8, 12)]
    assert [hit for page in pages for hit in page] == every
    assert len(every) == 16


def test_words_and_the_other_parts_of_a_query(library: Library) -> None:
    dog = next(hit.path for hit in library.search(Query("dog", words=1)))
    mixed = library.search(Query(Part("汽车"), Part(dog), words=0.5), top_k=16)
    assert {"car", dog.stem} == {hit.path.stem for hit in mixed[:2]}
    assert [hit.path.stem for hit in library.search(Query("dog", "汽车", words=1, where=Where(name="car")))] == ["car"]
    assert all(hit.path != dog for hit in library.search(Query("dog 汽车", exclude=dog, words=0.5), top_k=16))
    by_looks = library.search(Query(dog), top_k=16)
    assert library.search(Query(dog, words=0.5), top_k=16) == by_looks, "a picture has no words"
    with pytest.raises(QueryError, match="words alone"):
        library.search(Query(dog, words=1))


def test_what_is_said_to_show_what_is_excluded_is_not_found_by_words(library: Library) -> None:
    assert [hit.path.stem for hit in library.search(Query("汽车 dog", exclude="on the beach", words=1))] == ["car"]
    assert [hit.path.stem for hit in library.search(Query("汽车 dog, without beach", words=1))] == ["car"]
    assert len(library.search(Query("汽车 dog", exclude=["a beach ball", "🙂"], words=1))) == 2, "word for word"


def test_what_words_find_needs_no_relevance_by_its_looks(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder: Encoder = library.encoder
    monkeypatch.setattr(encoder, "calibration", Calibration(slope=1, offset=-50, threshold=0.5))
    assert library.search("giraffe") == []
    (hit,) = library.search(Query("giraffe", words=0.3))
    assert hit.path.stem == "giraffe"
    assert hit.relevance is not None and hit.relevance < 0.1
    assert library.search(Query("giraffe", words=0.3, min_relevance=0.5)) == []


def test_a_library_without_words_says_so(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _ = library.opened()
    monkeypatch.setattr(store, "has_words", lambda _: False)
    with pytest.raises(LibraryError, match="zhclip reindex"):
        library.search(Query("dog", words=0.5))
    assert library.search("dog")
