"""Two homes for the same tests: Milvus Lite in a file, and a real Milvus server of this machine."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.models import Encoder

_databases = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Milvus server, started for the tests and stopped after them."""
    folder = tmp_path_factory.mktemp("milvus")
    _wait_for_others()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    log = (folder / "log.txt").open("wb")
    command = [str(Path(sys.executable).with_name("milvus-server")), "--data", str(folder / "data"), "--proxy-port"]
    process = subprocess.Popen([*command, str(port)], stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_ready(process, port, folder / "log.txt")
        yield f"http://127.0.0.1:{port}"
    finally:
        # The server itself outlives its launcher when it is asked politely.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def _wait_for_others() -> None:
    """One such server runs at a time on a machine: its etcd wants port 2380, and it dies where that is taken."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", 2380)):
                return
        time.sleep(1)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            MilvusClient(f"http://127.0.0.1:{port}", timeout=5).list_collections(timeout=5)
            return
        except MilvusException:
            time.sleep(0.5)
    pytest.fail(f"the Milvus server did not start: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture
def make_location(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A function that gives a fresh library's location in the home named: ``file`` or ``server``."""

    def make(home: str) -> str:
        if home == "file":
            return str(tmp_path / f"library{next(_databases)}.db")
        return make_database(request.getfixturevalue("server"))

    return make


def make_database(server: str) -> str:
    """The address of a new, empty database of a server."""
    from pymilvus import MilvusClient

    name = f"test_{uuid.uuid4().hex}"
    client = MilvusClient(server)
    client.create_database(name)
    client.close()
    return f"{server}/{name}"


@pytest.fixture(params=["file", "server"])
def location(request: pytest.FixtureRequest, make_location: Callable[[str], str]) -> str:
    """Where a new library can be made, in each home."""
    return make_location(request.param)


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what is remembered of server libraries out of the user's own folder."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        yield folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with six photos, in two folders."""
    folder = tmp_path / "photos"
    for number in range(6):
        save_photo(folder / ("sea" if number % 2 else "forest") / f"photo {number}.jpg", seed=number)
    return folder


@pytest.fixture
def encoder(tiny_encoder: Encoder) -> CountingEncoder:
    """The tiny model, counting what it embeds."""
    return CountingEncoder(tiny_encoder)
