"""A picture is served only while its file is the one that was indexed, by the page and by ``/v1`` alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from PIL import Image

from tests.library.pictures import save_photo
from tests.server.services import Client
from zhclip.errors import PictureError, PictureGoneError
from zhclip.library import Picture
from zhclip.models import Encoder
from zhclip.page.pictures import picture_router
from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.originals import read_original


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save_photo(tmp_path / "photos" / "a.png", seed=1)


@pytest.fixture
def indexed(photo: Path, tiny_encoder: Encoder) -> Iterator[tuple[Library, Picture]]:
    with Library(photo.parent.parent / "photos.db", model=tiny_encoder) as library:
        library.add(photo.parent)
        picture = library.get(photo)
        assert picture is not None
        yield library, picture


def places(picture: Picture) -> list[str]:
    originals = [f"/v1/pictures/{picture.id}", f"/pictures/{picture.id}/original"]
    copies = [f"/v1/pictures/{picture.id}/thumbnail", f"/pictures/{picture.id}", f"/pictures/{picture.id}?size=large"]
    return [*originals, *copies]


def client_of(library: Library) -> Client:
    app: FastAPI = create_service(library)
    app.include_router(picture_router(library))
    return Client(app)


def link_elsewhere(photo: Path) -> None:
    secret = photo.parent.parent / "secret.png"
    save_photo(secret, seed=2)
    photo.unlink()
    photo.symlink_to(secret)


def link_to_text(photo: Path) -> None:
    secret = photo.parent.parent / "secret.txt"
    secret.write_bytes(b"x" * photo.stat().st_size)
    photo.unlink()
    photo.symlink_to(secret)


def link_folder(photo: Path) -> None:
    save_photo(photo.parent.parent / "secrets" / photo.name, seed=2)
    photo.parent.rename(photo.parent.parent / "before")
    photo.parent.symlink_to(photo.parent.parent / "secrets")


def same_size(photo: Path) -> None:
    content = bytearray(photo.read_bytes())
    content[-20] ^= 1  # among the pixels' checksums
    times = photo.stat()
    photo.write_bytes(content)
    os.utime(photo, ns=(times.st_atime_ns, times.st_mtime_ns))


def another_kind(photo: Path) -> None:
    Image.new("RGB", (8, 8)).save(photo, "JPEG")


def cut_short(photo: Path) -> None:
    photo.write_bytes(photo.read_bytes()[:-12])


def to_pipe(photo: Path) -> None:
    photo.unlink()
    os.mkfifo(photo)


def to_device(photo: Path) -> None:
    photo.unlink()
    photo.symlink_to("/dev/zero")


def to_folder(photo: Path) -> None:
    photo.unlink()
    photo.mkdir()


CHANGES = (
    link_elsewhere, link_to_text, link_folder, same_size, another_kind, cut_short,
    to_pipe, to_device, to_folder, Path.unlink,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_replaced_file_is_not_served(
    indexed: tuple[Library, Picture], photo: Path, change: Callable[[Path], None]
) -> None:
    library, picture = indexed
    client = client_of(library)
    change(photo)
    for place in places(picture):
        assert client.get(place).status_code == 404, place
    for route, body in (("describe", {"captions": ["海"]}), ("classify", {"labels": ["海"]}), ("why", {"query": "海"})):
        response = client.post(f"/v1/{route}", json=body | {"id": picture.id})
        assert response.status_code in (404, 422)
        assert str(photo.parent.parent) not in response.text


def test_an_unchanged_file_is_served(indexed: tuple[Library, Picture], photo: Path) -> None:
    library, picture = indexed
    client = client_of(library)
    os.utime(photo, (0, 0))  # when it was written is not what it holds
    for place in places(picture):
        assert client.get(place).status_code == 200, place
    for place in places(picture)[:2]:
        response = client.get(place)
        assert (response.headers["content-type"], response.content) == ("image/png", photo.read_bytes())
        assert response.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_link_that_was_indexed_is_served(tmp_path: Path, tiny_encoder: Encoder) -> None:
    elsewhere = save_photo(tmp_path / "disk" / "a.png", seed=3)
    (tmp_path / "photos").mkdir()
    link = tmp_path / "photos" / "b.png"
    link.symlink_to(elsewhere)
    with Library(tmp_path / "photos.db", model=tiny_encoder) as library:
        library.add(tmp_path / "photos")
        picture = library.get(link)
        assert picture is not None
        assert read_original(picture) == elsewhere.read_bytes()


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "relative.png", "", "a\0b", "/dev/zero", "/proc/self/environ", "x" * 5000, "~/a.png"]
)
def test_a_row_that_names_any_path_opens_nothing(indexed: tuple[Library, Picture], path: str) -> None:
    _, picture = indexed
    with pytest.raises(PictureError):
        read_original(replace(picture, path=Path(path)))


def test_a_row_that_lies_about_its_file_opens_nothing(indexed: tuple[Library, Picture]) -> None:
    _, picture = indexed
    for lie in ({"format": "HTML"}, {"format": "JPEG"}, {"bytes": picture.bytes - 1}, {"content": ""}):
        with pytest.raises(PictureError) as caught:
            read_original(replace(picture, **lie))
        assert not isinstance(caught.value, PictureGoneError)
