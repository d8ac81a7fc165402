"""What the tests of the page are made of: a served library and a browser's tab."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Route

ZHCLIP = Path(sys.executable).with_name("zhclip")
COLOURS = {"red": "#d33", "green": "#3a3", "blue": "#36c", "yellow": "#fc3", "pink": "#f9c", "black": "#111"}
HOSTILE = "<img src=x onerror=alert(1)>${7*7}{{value}}.png"


@dataclass
class Server:
    """A running ``zhclip demo``."""

    address: str
    photos: Path
    temporary: Path


@contextmanager
def serving(*options: str | Path, temporary: Path) -> Iterator[str]:
    """Run ``zhclip demo`` on a free port and give its address; it must end cleanly on Ctrl-C."""
    command = [ZHCLIP, "demo", *options, "--port", "0"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            yield next(word for word in line.split() if word.startswith("http://"))
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert process.returncode == 0


@dataclass
class Tab:
    """A browser tab that can reach nothing but this machine, and what went wrong in it."""

    page: Page
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(20_000)
        self.page.context.route("**/*", self._loopback_alone)
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))

    def _loopback_alone(self, route: Route) -> None:
        if route.request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            self.refused.append(route.request.url)
            route.abort()

    def open(self, address: str) -> None:
        """Open the page and wait until it can be used."""
        self.page.goto(address)
        self.page.wait_for_selector(".zc-count")

    def search(self, text: str) -> None:
        """Type a query and wait for what comes of it."""
        self.page.fill("#zc-box textarea", text)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(".zc-hit, .zc-message")
