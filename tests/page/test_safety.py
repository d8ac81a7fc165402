"""Who may see the page and the pictures."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.page.browser import Server, serving
from zhclip.cli.listening import to_credentials, warn_of_strangers
from zhclip.errors import ConfigError, ZhclipWarning
from zhclip.page.opening import open_folder


def status(address: str, **headers: str) -> int:
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_only_pictures_of_the_library_are_served_and_only_under_its_own_names(server: Server) -> None:
    original = quote(str(server.photos / "red.png"))
    assert status(f"{server.address}/en/") == 200
    assert status(f"{server.address}/en/", Host="evil.example") == 421
    for path in (f"/en/gradio_api/file={original}", "/en/gradio_api/file=/etc/passwd", f"/pictures/{original}"):
        assert status(server.address + path) in (403, 404)


def test_with_auth_nobody_else_comes_in(tiny_model_folder: Path, tmp_path: Path) -> None:
    options = ("--library", tmp_path / "none.db", "--model", tiny_model_folder, "--auth", "ann:secret")
    with serving(*options, temporary=tmp_path) as address:
        for path in ("/", "/en/", "/en/config", "/pictures/0123", "/pictures/0123/original"):
            assert status(address + path) == 401
        assert status(f"{address}/en/", Authorization="Basic YW5uOnNlY3JldA==") == 200
        assert status(f"{address}/en/", Authorization="Basic YW5uOndyb25n") == 401


def test_listening_elsewhere_without_auth_is_warned_of() -> None:
    with pytest.warns(ZhclipWarning, match="everybody who can reach nas.local can search this library; set --auth"):
        warn_of_strangers("nas.local", "192.168.0.7", "--auth")
    for address in ("127.0.0.1", "::1"):
        warn_of_strangers("localhost", address, "--auth")  # warnings are errors here


@pytest.mark.parametrize("auth", ["nobody", "ann:", ":secret", ""])
def test_a_user_without_a_password_is_refused(auth: str) -> None:
    with pytest.raises(ConfigError, match="USER:PASSWORD"):
        to_credentials(auth)


def test_a_folder_opens_in_the_file_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tmp_path / "asked"
    command = tmp_path / "xdg-open"
    command.write_text(f'#!/bin/sh\necho "$1" > "{asked}.new"\nmv "{asked}.new" "{asked}"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    assert open_folder(tmp_path)
    deadline = time.monotonic() + 60
    while not asked.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert asked.read_text() == f"{tmp_path}\n"
    assert not open_folder(tmp_path / "missing")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not open_folder(tmp_path)
