"""``/readyz`` asks the library's store."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from tests.server.services import Client, error_code
from zhclip.errors import StoreError
from zhclip.library import reindex
from zhclip.library.store import Store
from zhclip.models import Encoder
from zhclip.search import Library
from zhclip.server import service
from zhclip.server.app import create_service


def test_a_store_that_fails_makes_the_service_unready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(store: Store, collection: str) -> int:
        raise StoreError("the disk is full")

    monkeypatch.setattr(Store, "count", fail)
    response = client.get("/readyz")
    assert (response.status_code, error_code(response)) == (503, "store_failed")
    assert client.get("/healthz").status_code == 200
    monkeypatch.undo()
    assert client.get("/readyz").status_code == 200


def test_a_store_that_does_not_answer_makes_the_service_unready(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(service, "_STORE_SECONDS", 0.1)
    monkeypatch.setattr(Store, "count", lambda store, collection: gate.wait(60))
    response = Client(create_service(library)).get("/readyz")
    gate.set()
    assert (response.status_code, error_code(response)) == (503, "store_failed")


def store_of(location: Path) -> int:
    """The process of a file library's store."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"milvus" in words[0] and any(os.fsencode(location) in word for word in words):
                return int(folder.name)
    raise AssertionError("there is no such process")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are found in /proc")
def test_after_the_store_was_killed_the_service_goes_on(tmp_path: Path, tiny_encoder: Encoder) -> None:
    save_photo(tmp_path / "photos" / "a.png")
    with Library(tmp_path / "photos.db", model=tiny_encoder) as library:
        library.add(tmp_path / "photos")
        client = Client(create_service(library))
        assert client.get("/readyz").status_code == 200
        os.kill(store_of(tmp_path / "photos.db"), signal.SIGKILL)
        assert client.get("/v1/search?q=a").status_code == 200
        os.kill(store_of(tmp_path / "photos.db"), signal.SIGKILL)
        assert client.get("/readyz").status_code == 200


def test_after_another_process_embedded_it_anew_the_service_is_ready(tmp_path: Path, tiny_encoder: Encoder) -> None:
    save_photo(tmp_path / "photos" / "a.png")
    with Library(tmp_path / "photos.db", model=tiny_encoder) as library:
        library.add(tmp_path / "photos")
    with Library(tmp_path / "photos.db") as served, Library(tmp_path / "photos.db") as other:
        client = Client(create_service(served))
        assert client.get("/readyz").status_code == 200
        reindex(other, CountingEncoder(tiny_encoder, name="other", fingerprint="f" * 64))
        assert client.get("/readyz").status_code == 200, "the vectors that it remembered are gone"
