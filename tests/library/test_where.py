from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.library.conftest import make_database
from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import QueryError
from zhclip.library import Catalogue, Picture, Where
from zhclip.models import Encoder

FOLDERS = [
    "/photos", "/photos/2024", "/photos/2024x", "/photos/100%", "/photos/a_b", "/photos/axb", '/photos/"quoted"',
    "/photos/back\\slash", "/photos/海边 度假", "/photos/😀", "/photos/new\nline/in", "/photos/it's",
]  # fmt: skip
NAMES = [
    "IMG_1.JPG",
    "img%1.png",
    "日落.heic",
    "日落 大海.jpg",
    'a"b.jpg',
    "x\\y.jpg",
    "😀.gif",
    "tab\tname.jpg",
    "ÉTÉ.jpg",
]
TAGS = ["beach", "海", "100%", "a_b", 'say "hi"', "back\\slash", "😀", "it's", "beach 2"]
CAMERAS = ["", "Canon EOS R5", "Apple iPhone 15", 'odd "one"']


def make_pictures() -> list[Picture]:
    choose = random.Random(7)
    pictures = []
    for folder in FOLDERS:
        for name in NAMES:
            placed = choose.random() < 0.7
            pictures.append(
                Picture(
                    path=Path(folder) / name,
                    content=f"{len(pictures):032x}",
                    format=choose.choice(["JPEG", "PNG", "HEIF", "GIF"]),
                    width=choose.choice([640, 800, 1000]),
                    height=choose.choice([480, 800, 1000]),
                    bytes=choose.randrange(1000, 9000),
                    taken=datetime(choose.choice([1999, 2023, 2024]), choose.randrange(1, 13), 5, 12, 30),
                    camera=choose.choice(CAMERAS),
                    latitude=choose.uniform(-90, 90) if placed else None,
                    longitude=choose.choice([choose.uniform(-180, 180), 179.9, -179.9]) if placed else None,
                    tags=tuple(choose.sample(TAGS, choose.randrange(4))),
                )
            )
    return pictures


PICTURES = make_pictures()


@pytest.fixture(scope="module", params=["file", "server"])
def library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Encoder
) -> Iterator[Catalogue]:
    """The pictures above in a store, at random vectors."""
    if request.param == "file":
        location = str(tmp_path_factory.mktemp("where") / "l.db")
    else:
        location = make_database(request.getfixturevalue("server"))
    vectors = np.random.default_rng(0).standard_normal((len(PICTURES), tiny_encoder.dim)).astype(np.float32)
    with Catalogue(location, model=CountingEncoder(tiny_encoder)) as library:
        with library.writer() as state:
            library.begin(state)
        store, record = library.opened()
        rows = [{**picture.to_row(), "mtime_ns": 1, "sidecars": 0} for picture in PICTURES]
        store.upsert(record.collection, rows, vectors)
        yield library


def found(library: Catalogue, where: Where) -> set[Path]:
    matches = library.nearest(np.ones(library.encoder.dim, dtype=np.float32), limit=len(PICTURES), where=where)
    return {match.picture.path for match in matches}


CASES = [
    *[Where(folder=folder) for folder in FOLDERS],
    *[Where(name=name) for name in (*NAMES, "img", "%", "_", "\\", '"', "été", "落 大", "no such")],
    *[Where(tags=(tag,)) for tag in TAGS],
    Where(tags=("beach", "海")),
    *[Where(camera=camera) for camera in CAMERAS],
    Where(camera='" || id != "'),
    Where(tags=('"]) || json_contains(tags["all"], "海',)),
    Where(formats=("jpg", "HEIC")),
    Where(orientation="landscape"),
    Where(orientation="portrait"),
    Where(orientation="square"),
    Where(min_width=800, min_height=900),
    Where(min_bytes=4000, max_bytes=5000),
    Where(taken_from=date(2023, 6, 1), taken_until=date(2024, 3, 5)),
    Where(taken_from=datetime(2024, 5, 5, 12, 30)),
    Where(taken_until=datetime(2023, 5, 5, 12, 30)),
    Where(taken_from=date.min, taken_until=date.max),
    Where(taken_until=datetime.max),
    Where(taken_from=datetime.max),
    Where(near=(10.0, 100.0), within_km=3000),
    Where(near=(0.0, 179.95), within_km=2000),
    Where(near=(89.0, 0.0), within_km=4000),
    Where(folder="/photos/2024", formats=("JPEG",), orientation="landscape", taken_from=date(2000, 1, 1)),
]


@pytest.mark.parametrize("where", CASES, ids=str)
def test_what_is_found_is_what_matches(library: Catalogue, where: Where) -> None:
    assert found(library, where) == {picture.path for picture in PICTURES if where.matches(picture)}


def test_the_cases_tell_pictures_apart() -> None:
    sizes = [sum(where.matches(picture) for picture in PICTURES) for where in CASES]
    assert sum(0 < size < len(PICTURES) for size in sizes) >= 50
    assert found_by_hand(Where(folder="/photos/2024")) == len(NAMES), "a folder is not a prefix of names"
    assert found_by_hand(Where(name="img%1")) == len(FOLDERS)
    assert found_by_hand(Where(camera='" || id != "')) == 0


def found_by_hand(where: Where) -> int:
    return sum(where.matches(picture) for picture in PICTURES)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_any_value_is_data(library: Catalogue, text: str) -> None:
    for where in (
        Where(name=text),
        Where(tags=(text,)),
        Where(camera=text),
        Where(formats=(text, "PNG")),
        Where(formats=(f"PNG\n{text}",)),
        Where(folder="/" + text.replace("\0", "")),
    ):
        assert found(library, where) == {picture.path for picture in PICTURES if where.matches(picture)}


def test_values_that_make_no_sense_are_refused() -> None:
    for wrong in (
        {"orientation": "tall"},
        {"near": (91, 0)},
        {"near": (1, 2, 3)},
        {"within_km": 0, "near": (0, 0)},
        {"tags": "beach"},
        {"name": "\ud800"},
        {"folder": "/photos/\udcff"},
        {"formats": ("\ud800",)},
        {"min_width": float("nan")},
        {"max_bytes": float("inf")},
    ):
        with pytest.raises(QueryError):
            Where(**wrong)
    assert not Where()
    assert Where(name="x")


@pytest.mark.parametrize("spelled", ["NFC", "NFD"])
def test_a_folder_is_asked_for_as_people_see_its_name(
    tmp_path: Path, encoder: CountingEncoder, spelled: Literal["NFC", "NFD"]
) -> None:
    for name in ("É2024/é", "E2024", "É2024x"):
        save_photo(tmp_path / unicodedata.normalize("NFD", f"{name}/a.jpg"), seed=len(name))
    asked = unicodedata.normalize(spelled, "É2024/é")
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        assert library.add(tmp_path / asked, tmp_path).added == 3
        vector = np.ones(16, dtype=np.float32)
        found = library.nearest(vector, limit=9, where=Where(folder=tmp_path / asked))
        assert [match.picture.path.parent.name for match in found] == [unicodedata.normalize("NFD", "é")]
        (tmp_path / unicodedata.normalize("NFD", "É2024")).rename(tmp_path / "gone")
        assert library.nearest(vector, limit=9, where=Where(folder=tmp_path / asked)) == [found[0]], "moved since"
        many = Where(folder=tmp_path / "é" / "é" / "é" / "é" / "é" / "é")
        assert library.nearest(vector, limit=9, where=many) == []
        assert library.get(tmp_path / unicodedata.normalize(spelled, "É2024x") / "a.JPG") is not None
        assert library.remove(tmp_path / unicodedata.normalize(spelled, "É2024x")) == 1
