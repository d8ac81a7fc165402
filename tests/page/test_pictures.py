"""What the page serves of the pictures, and what it refuses."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from zhclip.models import Encoder
from zhclip.page.pictures import picture_router
from zhclip.search import Library


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photos" / "photo.jpg"
    path.parent.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side
    exif[0x8825] = {1: "N", 2: (30.0, 15.0, 0.0)}
    Image.new("RGB", (3000, 1000), "teal").save(path, exif=exif)
    Image.new("RGB", (20, 10)).save(path.parent / "small.png")
    return path


@pytest.fixture
def library(photo: Path, tmp_path: Path, tiny_encoder: Encoder) -> Iterator[Library]:
    with Library(tmp_path / "photos.db", model=tiny_encoder) as library:
        library.add(photo.parent)
        yield library


@pytest.fixture
def client(library: Library) -> TestClient:
    app = FastAPI()
    app.include_router(picture_router(library))
    return TestClient(app)


def identity(library: Library, path: Path) -> str:
    picture = library.get(path)
    assert picture is not None
    return picture.id


@pytest.mark.parametrize(("size", "expected"), [("small", (160, 480)), ("large", (533, 1600))])
def test_a_picture_is_served_small_upright_and_without_its_metadata(
    photo: Path, library: Library, client: TestClient, size: str, expected: tuple[int, int]
) -> None:
    response = client.get(f"/pictures/{identity(library, photo)}", params={"size": size})
    image = Image.open(io.BytesIO(response.content))
    assert response.headers["content-type"] == "image/jpeg"
    assert image.size == expected
    assert not image.getexif()


def test_a_small_picture_is_not_enlarged(photo: Path, library: Library, client: TestClient) -> None:
    response = client.get(f"/pictures/{identity(library, photo.parent / 'small.png')}?size=large")
    assert Image.open(io.BytesIO(response.content)).size == (20, 10)


def test_only_pictures_of_the_library_are_served(photo: Path, tmp_path: Path, client: TestClient) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (20, 10)).save(other)
    for name in ("x", "0" * 32, str(other), str(photo), f"..%2F{other.name}", "%22 or id != %22", "x" * 10_000):
        assert client.get(f"/pictures/{name}").status_code == 404


def test_a_picture_that_is_gone_or_an_unknown_size_is_not_found(
    photo: Path, library: Library, client: TestClient
) -> None:
    address = f"/pictures/{identity(library, photo)}"
    assert client.get(f"{address}?size=huge").status_code == 404
    photo.unlink()
    assert client.get(address).status_code == 404


def test_where_there_is_no_library_there_is_no_picture(tmp_path: Path) -> None:
    app = FastAPI()
    with Library(tmp_path / "none.db") as library:
        app.include_router(picture_router(library))
        assert TestClient(app).get("/pictures/0123").status_code == 404
