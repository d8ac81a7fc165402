"""Commands that use a library which another command holds."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from tests.cli.conftest import ZHCLIP, Run


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until the end of the block."""
    command = [str(ZHCLIP), *map(str, arguments)]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run:
        try:
            yield run
        finally:
            run.kill()


def ask(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.loads(answer.read())


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_watched_library_is_searched_and_added_to(
    zhclip: Run, tmp_path: Path, photos: Path, tiny_model_folder: Path
) -> None:
    library, watched, others = tmp_path / "photos.db", tmp_path / "watched", tmp_path / "others"
    for folder, colour in ((watched, "#d33"), (others, "#3a3")):
        folder.mkdir()
        Image.new("RGB", (64, 48), colour).save(folder / "one.png")
    with running("index", watched, "--watch", "--library", library, "--model", tiny_model_folder) as watcher:
        assert watcher.stdout is not None
        while "watching" not in watcher.stdout.readline():
            assert watcher.poll() is None
        added = zhclip("index", others, library=library)
        assert added.returncode == 0, added.stderr
        assert "added 1" in added.stdout
        found = zhclip("search", "red", "--json", library=library)
        assert found.returncode == 0, found.stderr
        paths = {hit["path"] for hit in json.loads(found.stdout)}
        assert paths <= {str(watched / "one.png"), str(others / "one.png")}
        assert len(paths) == 2
        Image.new("RGB", (64, 48), "#36c").save(watched / "two.png")
        wait_until(lambda: json.loads(zhclip("status", "--json", library=library).stdout)["files"] == 3)
        watcher.send_signal(signal.SIGKILL)
        watcher.wait()
        assert zhclip("remove", others, library=library).stdout.startswith("1 pictures removed")
        assert json.loads(zhclip("status", "--json", library=library).stdout)["files"] == 2


def test_the_service_sees_what_a_command_does(
    zhclip: Run, tmp_path: Path, photos: Path, tiny_model_folder: Path
) -> None:
    library = tmp_path / "photos.db"
    assert zhclip("index", photos / "red.png", "--model", tiny_model_folder, library=library).returncode == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with running("serve", "--port", port, "--library", library) as service:
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert service.poll() is None, service.stdout and service.stdout.read()
            try:
                return bool(ask(f"{address}/readyz"))
            except (urllib.error.URLError, ConnectionError):
                return False

        wait_until(answers)
        assert len(ask(f"{address}/v1/search?q=red")["hits"]) == 1
        assert zhclip("index", photos, library=library).returncode == 0
        assert len(ask(f"{address}/v1/search?q=red")["hits"]) == 3
        assert zhclip("remove", photos / "green.png", library=library).returncode == 0
        assert len(ask(f"{address}/v1/search?q=red")["hits"]) == 2
        same = zhclip("reindex", "--model", "mini", library=library)
        assert same.returncode == 0, same.stderr
        assert ask(f"{address}/v1/library")["model"] == "mini"
        assert len(ask(f"{address}/v1/search?q=red")["hits"]) <= 2
