"""One small library for all tests of the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from tests.server.services import Client, serving
from zhclip.models import Encoder
from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.settings import Settings


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight pictures, one of them with a caption."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(8):
        size = (64, 48) if number % 2 else (48, 64)
        save_photo(folder / ("sea" if number < 4 else "forest") / f"照片 {number}.png", seed=number, size=size)
    (folder / "sea" / "照片 0.txt").write_text("海边的日落", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def library(photos: Path, tiny_encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of ``photos``; tests leave it as it is."""
    location = tmp_path_factory.mktemp("library") / "photos.db"
    with Library(location, model=CountingEncoder(tiny_encoder)) as opened:
        opened.add(photos)
        yield opened


@pytest.fixture(scope="session")
def client(library: Library) -> Client:
    """Asks a service with the default settings."""
    return Client(create_service(library))


@pytest.fixture(scope="session")
def address(library: Library) -> Iterator[str]:
    """A service on a socket, with limits that tests reach."""
    settings = Settings(max_body=200_000, max_pixels=1_000_000, body_seconds=1.0, request_seconds=60.0)
    with serving(create_service(library, settings)) as address:
        yield address
