"""What the page serves of the pictures, and what it refuses."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from zhclip.page.pictures import FoundPictures


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side
    exif[0x8825] = {1: "N", 2: (30.0, 15.0, 0.0)}
    Image.new("RGB", (3000, 1000), "teal").save(path, exif=exif)
    return path


@pytest.fixture
def found() -> FoundPictures:
    return FoundPictures()


@pytest.fixture
def client(found: FoundPictures) -> TestClient:
    app = FastAPI()
    app.include_router(found.router())
    return TestClient(app)


@pytest.mark.parametrize(("size", "expected"), [("small", (160, 480)), ("large", (533, 1600))])
def test_a_found_picture_is_served_small_upright_and_without_its_metadata(
    photo: Path, found: FoundPictures, client: TestClient, size: str, expected: tuple[int, int]
) -> None:
    response = client.get(f"/pictures/{found.key(photo)}", params={"size": size})
    image = Image.open(io.BytesIO(response.content))
    assert response.headers["content-type"] == "image/jpeg"
    assert image.size == expected
    assert not image.getexif()


def test_only_what_was_found_is_served(photo: Path, client: TestClient) -> None:
    for key in ("x", "0" * 32, str(photo), f"..%2F..%2F{photo.name}", "%2Fetc%2Fpasswd"):
        assert client.get(f"/pictures/{key}").status_code == 404


def test_keys_of_one_process_mean_nothing_to_another(photo: Path, client: TestClient) -> None:
    assert client.get(f"/pictures/{FoundPictures().key(photo)}").status_code == 404


def test_a_picture_that_is_gone_or_an_unknown_size_is_not_found(
    photo: Path, found: FoundPictures, client: TestClient
) -> None:
    key = found.key(photo)
    assert client.get(f"/pictures/{key}?size=huge").status_code == 404
    photo.unlink()
    assert client.get(f"/pictures/{key}").status_code == 404


def test_a_small_picture_is_not_enlarged(tmp_path: Path, found: FoundPictures, client: TestClient) -> None:
    path = tmp_path / "small.png"
    Image.new("RGB", (20, 10)).save(path)
    response = client.get(f"/pictures/{found.key(path)}?size=large")
    assert Image.open(io.BytesIO(response.content)).size == (20, 10)
