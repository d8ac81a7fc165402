"""``zhclip serve`` as a process: what it says, the page in it, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from zhclip.search import Library

ZHCLIP = Path(sys.executable).with_name("zhclip")
NAMES = ("ZHCLIP_LIBRARY", "ZHCLIP_TOKEN", "ZHCLIP_AUTH", "ZHCLIP_DEBUG")


@pytest.fixture(scope="module")
def location(library: Library, photos: Path, tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of ``photos`` that no other process holds."""
    path = tmp_path_factory.mktemp("served") / "photos.db"
    with Library(path, model=tiny_model_folder) as own:
        own.add(photos)
    return path


@contextmanager
def started(*options: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``zhclip serve`` on a free port; gives the process and its address."""
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    environment |= {"LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    command = [ZHCLIP, "serve", *options, "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("The service is at http://"), process.communicate(timeout=60)[1]
            yield process, line.split()[4]
        finally:
            if process.poll() is None:
                process.kill()


def test_the_service_ends_in_order(location: Path, tiny_model_folder: Path) -> None:
    options = ("--library", location, "--model", tiny_model_folder, "--no-page", "--host", "0.0.0.0")
    with started(*options) as (process, address):
        address = address.replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{address}/readyz").status_code == 200
        assert httpx.get(f"{address}/zh/").status_code == 404
        found: list[httpx.Response] = []

        def send_slowly() -> Iterator[bytes]:
            yield b'{"query":'
            process.send_signal(signal.SIGTERM)
            time.sleep(0.4)
            assert httpx.get(f"{address}/readyz").status_code == 503
            assert httpx.get(f"{address}/healthz").status_code == 200
            time.sleep(1.2)
            refused = httpx.get(f"{address}/v1/search", params={"q": "海"})
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "ending")
            yield '"海"}'.encode()

        thread = threading.Thread(
            target=lambda: found.append(
                httpx.post(
                    f"{address}/v1/search",
                    content=send_slowly(),
                    headers={"Content-Type": "application/json"},
                    timeout=60,
                )
            )
        )
        thread.start()
        thread.join(60)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0
    assert [response.status_code for response in found] == [200]
    (line,) = said.splitlines()
    assert line == "zhclip: warning: everybody who can reach 0.0.0.0 can search this library; set --token/--auth"


def test_the_page_is_served_to_those_who_may_see_it(location: Path, tiny_model_folder: Path) -> None:
    options = ("--library", location, "--model", tiny_model_folder, "--auth", "me:秘密")
    with started(*options) as (process, address):
        refused = httpx.get(f"{address}/zh/", headers={"Accept": "text/html"})
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")
        page = httpx.get(f"{address}/zh/", auth=("me", "秘密"), timeout=60)
        assert page.status_code == 200
        assert "default-src 'self'" in page.headers["content-security-policy"]
        found = httpx.get(f"{address}/v1/search", params={"q": "海"}, auth=("me", "秘密"), timeout=60)
        assert len(found.json()["hits"]) == 8
        assert httpx.get(f"{address}/zh/", headers={"Host": "evil.example"}, auth=("me", "秘密")).status_code == 421
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--auth", "me"), "--auth must be USER:PASSWORD"),
        (("--token", ""), "the token must be"),
        (("--root-path", "photos"), "--root-path must be a path as /photos"),
        (("--root-path", "/a b"), "--root-path must be a path as /photos"),
        (("--host", "192.0.2.1"), "is not an address of this machine"),
        (("--host", "no.such.name.invalid"), "there is no address"),
    ],
)
def test_options_that_make_no_sense(options: tuple[str, ...], reason: str) -> None:
    result = subprocess.run(
        [ZHCLIP, "serve", *options],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert result.returncode == 2
    assert reason in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_commands_ask_a_service(location: Path, tiny_model_folder: Path, photos: Path) -> None:
    options = ("--library", location, "--model", tiny_model_folder, "--no-page", "--token", "secret")
    picture = photos / "sea" / "照片 1.png"
    with started(*options) as (process, address):
        for arguments, expected in (
            (("search", "海", "--top-k", "2"), '"rank": 1'),
            (("describe", picture), '"text": "海边的日落"'),
            (("why", "一只狗", picture), '"text": "一只"'),
        ):
            command = [ZHCLIP, *arguments, "--server", address, "--json"]
            environment = {**os.environ, "LC_ALL": "C.UTF-8", "ZHCLIP_TOKEN": "secret"}
            result = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
            assert result.returncode == 0, result.stderr
            assert expected in result.stdout
        process.terminate()
        assert process.wait(60) == 0
