"""A library behind a service gives what the library itself gives."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import zhclip
from tests.server.services import serving
from zhclip.errors import LibraryNotFoundError, PictureError, QueryError, ServiceError, TextCutWarning
from zhclip.search import Library, Part, Query, RemoteLibrary, Where
from zhclip.server.app import create_service
from zhclip.server.settings import Settings


@pytest.fixture(scope="module")
def remote(library: Library) -> Iterator[RemoteLibrary]:
    settings = Settings(token="secret")
    with serving(create_service(library, settings)) as address, RemoteLibrary(address + "/", token="secret") as remote:
        yield remote


def turned(path: Path) -> Image.Image:
    """A picture in memory that says it lies on its side."""
    image = Image.open(path)
    image.getexif()[0x0112] = 6
    return image


Make = Callable[[Path], Any]

QUERIES: dict[str, Make] = {
    "a text": lambda _: "夕阳 大海 沙滩",
    "English": lambda _: "a dog on the beach",
    "a negation": lambda _: "没有人的海滩",
    "a file": lambda photos: photos / "sea" / "照片 1.png",
    "bytes": lambda photos: (photos / "sea" / "照片 1.png").read_bytes(),
    "a picture in memory": lambda photos: turned(photos / "sea" / "照片 2.png"),
    "a picture with a palette": lambda photos: Image.open(photos / "sea" / "照片 2.png").convert("P"),
    "texts with weights": lambda _: Query("花", Part("蜜蜂", weight=2)),
    "a mix": lambda photos: Query("街景", photos / "forest" / "照片 5.png"),
    "two pictures": lambda photos: Query(*sorted(photos.rglob("*.png"))[:2]),
    "an exclusion": lambda _: Query("海滩", exclude=["人", Part("狗", 0.5)]),
    "a picture excluded": lambda photos: Query("海", exclude=photos / "forest" / "照片 5.png"),
    "every part": lambda _: Query("狗", "海滩", every=True),
    "taken literally": lambda _: Query("没有人的海滩", negation=False),
    "no threshold": lambda _: Query("海", min_relevance=0),
    "a folder": lambda photos: Query("海", where=Where(folder=photos / "sea")),
    "a form": lambda _: Query(
        "海", where=Where(orientation="portrait", formats=("PNG",), min_width=10, max_bytes=10**6)
    ),
    "a name": lambda _: Query("海", where=Where(name="片 3")),
    "days": lambda _: Query("海", where=Where(taken_from=date(2001, 2, 3), taken_until=datetime(2100, 1, 1, 12))),
    "a place": lambda _: Query("海", where=Where(near=(39.9, 116.4), within_km=5)),
    "tags": lambda _: Query("海", where=Where(tags=("beach", "日落"))),
}


@pytest.mark.parametrize("make", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("page", [{}, {"top_k": 3, "offset": 2}], ids=["first", "second"])
def test_the_hits_are_the_same(
    library: Library, remote: RemoteLibrary, photos: Path, make: Make, page: dict[str, int]
) -> None:
    expected = library.search(make(photos), **page)
    found = remote.search(make(photos), **page)
    assert [hit.path for hit in found] == [hit.path for hit in expected]
    for one, other in zip(found, expected, strict=True):
        assert (one.rank, one.caption, one.metadata) == (other.rank, other.caption, other.metadata)
        assert (one.score, one.relevance) == (
            pytest.approx(other.score, abs=1e-5),
            None if other.relevance is None else pytest.approx(other.relevance, abs=1e-4),
        )


def test_a_filter_may_be_given_beside_the_query(library: Library, remote: RemoteLibrary) -> None:
    where = Where(orientation="landscape")
    assert [hit.path for hit in remote.search("海", where=where)] == [
        hit.path for hit in library.search("海", where=where)
    ]
    with pytest.raises(QueryError, match="in one place"):
        remote.search(Query("海", where=where), where=where)


def test_similar_pictures_and_the_status_are_the_same(library: Library, remote: RemoteLibrary) -> None:
    (hit,) = library.search("海", top_k=1)
    assert remote.similar(hit.metadata["id"], top_k=3) == library.similar(hit.metadata["id"], top_k=3)
    assert remote.status() == library.status()


@pytest.mark.parametrize(
    "options", [{}, {"captions": ["一只狗", "a red car", "一只狗"]}, {"captions": ["海"], "top_k": 1}]
)
@pytest.mark.parametrize("make", [QUERIES["a file"], QUERIES["bytes"], QUERIES["a picture in memory"]])
def test_captions_are_the_same(
    library: Library, remote: RemoteLibrary, photos: Path, make: Make, options: dict[str, Any]
) -> None:
    expected = library.describe(make(photos), **options)
    found = remote.describe(make(photos), **options)
    assert [(caption.text, caption.relevance, caption.id) for caption in found] == [
        (caption.text, caption.relevance, caption.id) for caption in expected
    ]
    assert [caption.score for caption in found] == pytest.approx([caption.score for caption in expected], abs=1e-5)
    assert {caption.path for caption in found} == {None}


@pytest.mark.parametrize("make", QUERIES.values(), ids=QUERIES)
def test_explanations_are_the_same(library: Library, remote: RemoteLibrary, photos: Path, make: Make) -> None:
    path = photos / "forest" / "照片 4.png"
    (hit,) = library.search(path, top_k=1)
    query = make(photos)
    for picture in (hit.metadata["id"], path, turned(path)):
        expected = library.explain(query, picture)
        found = remote.explain(query, picture)
        assert (found.query.parts, found.query.exclude) == (expected.query.parts, expected.query.exclude)
        assert found.score == pytest.approx(expected.score, abs=1e-5)
        assert [(word.text, word.start, word.stop, word.part) for word in found.words] == [
            (word.text, word.start, word.stop, word.part) for word in expected.words
        ]
        assert [word.contribution for word in found.words] == pytest.approx(
            [word.contribution for word in expected.words], abs=1e-5
        )
        assert found.heat is not None and expected.heat is not None
        assert found.heat.dtype == expected.heat.dtype
        assert found.heat == pytest.approx(expected.heat, abs=2e-3)


def test_errors_are_those_of_a_library(library: Library, remote: RemoteLibrary, tmp_path: Path) -> None:
    wrong: list[tuple[type[Exception], Any, dict[str, Any]]] = [
        (QueryError, " ", {}),
        (QueryError, "海", {"top_k": 0}),
        (QueryError, "海", {"offset": -1}),
        (QueryError, "海" * 1001, {}),
        (QueryError, "\ud83d", {}),
        (QueryError, "a\0b", {}),
        (PictureError, tmp_path / "nowhere.jpg", {}),
        (PictureError, b"no picture", {}),
    ]
    for kind, query, options in wrong:
        with pytest.raises(kind):
            remote.search(query, **options)
    with pytest.warns(TextCutWarning, match="the end of"):
        assert len(remote.search("很长的句子" * 50, top_k=2)) == 2
    with pytest.raises(QueryError, match="no picture of this id"):
        remote.similar("0" * 32)
    with serving(create_service(Library(tmp_path / "none.db"))) as address, RemoteLibrary(address) as empty:
        with pytest.raises(LibraryNotFoundError, match="no library at"):
            empty.search("海")
        with pytest.raises(LibraryNotFoundError):
            empty.status()


def test_errors_of_captions_are_those_of_a_library(remote: RemoteLibrary, photos: Path, tmp_path: Path) -> None:
    path = photos / "sea" / "照片 1.png"
    wrong: list[tuple[type[Exception], Any, dict[str, Any]]] = [
        (QueryError, str(path), {}),
        (QueryError, path, {"top_k": 0}),
        (QueryError, path, {"captions": []}),
        (QueryError, path, {"captions": ["a", ""]}),
        (QueryError, path, {"captions": ["a", " "]}),
        (QueryError, path, {"captions": ["\ud83d"]}),
        (QueryError, path, {"captions": ["a"] * 1001}),
        (PictureError, tmp_path / "nowhere.jpg", {}),
        (PictureError, b"no picture", {}),
    ]
    for kind, picture, options in wrong:
        with pytest.raises(kind):
            remote.describe(picture, **options)
    with pytest.warns(TextCutWarning, match="the end of"):
        assert len(remote.describe(path, captions=["很长的句子" * 50])) == 1
    assert len(remote.describe(path, captions=[f"第 {number} 张" for number in range(1000)], top_k=1000)) == 1000


def test_errors_of_explanations_are_those_of_a_library(
    library: Library, remote: RemoteLibrary, photos: Path, tmp_path: Path
) -> None:
    (hit,) = library.search("海", top_k=1)
    identity = hit.metadata["id"]
    wrong: list[tuple[type[Exception], Any, Any]] = [
        (QueryError, " ", identity),
        (QueryError, "海" * 1001, identity),
        (QueryError, "海", "0" * 32),
        (QueryError, "海", "../../etc/passwd"),
        (PictureError, b"no picture", identity),
        (PictureError, "海", tmp_path / "nowhere.jpg"),
        (PictureError, "海", b"no picture"),
    ]
    for kind, query, picture in wrong:
        with pytest.raises(kind):
            remote.explain(query, picture)
    with pytest.warns(TextCutWarning, match="the end of"):
        assert remote.explain("很长的句子" * 50, identity).words


def test_a_service_that_refuses_or_is_not_there(remote: RemoteLibrary) -> None:
    for token in (None, "wrong"):
        with RemoteLibrary(remote.address, token=token) as stranger, pytest.raises(ServiceError, match="--token"):
            stranger.search("海")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with RemoteLibrary(place) as stranger, pytest.raises(ServiceError, match="no zhclip service answers"):
            stranger.status()
        nobody.listen()
        with (
            RemoteLibrary(place, timeout=0.2) as stranger,
            pytest.raises(ServiceError, match=r"did not answer in 0.2 s"),
        ):
            stranger.status()
    for address in ("", "photos.db", "ftp://127.0.0.1", "http://", "http://127.0.0.1:port"):
        with pytest.raises(ServiceError, match="is no address of a service"):
            RemoteLibrary(address)


def test_it_is_one_of_the_public_names() -> None:
    assert zhclip.RemoteLibrary is RemoteLibrary
