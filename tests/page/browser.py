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
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import uvicorn
from playwright.sync_api import Locator, Page, Route, expect

from zhclip.page.app import add_page
from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.serving import listen

ZHCLIP = Path(sys.executable).with_name("zhclip")
COLOURS = {"red": "#d33", "green": "#3a3", "blue": "#36c", "yellow": "#fc3", "pink": "#f9c", "black": "#111"}
PICTURES = len(COLOURS) + 1
PATIENCE = 60_000
"""Milliseconds; machines that run tests are often busy."""
expect.set_options(timeout=PATIENCE)
HOSTILE = "<img src=x onerror=alert(1)>${7*7}{{value}}.png"


@dataclass
class Server:
    """A served page."""

    address: str
    photos: Path


@contextmanager
def serving_here(library: Library, *, api: bool = False) -> Iterator[str]:
    """Serve the page over a library in a thread of this process, and give its address; with ``api``, ``/v1``, too."""
    app = create_service(library, api=api)
    add_page(app)
    with listen("127.0.0.1", 0) as listener:
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        running = uvicorn.Server(config)
        thread = Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join()


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
        self.page.set_default_timeout(PATIENCE)
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
        self.page.wait_for_selector("html[data-turn]", state="attached")
        self.page.wait_for_selector(".zc-hit, .zc-message")

    @contextmanager
    def answer(self) -> Iterator[None]:
        """Wait for the answer to what is done within."""
        turn = self.page.locator("html").get_attribute("data-turn")
        yield
        self.page.wait_for_selector(f"html[data-turn]:not([data-turn='{turn}'])", state="attached")

    def search(self, text: str) -> None:
        """Type a query and wait for what comes of it."""
        self.page.fill("#zc-box textarea", text)
        with self.answer():
            self.page.keyboard.press("Enter")

    def drop(self, *files: Path) -> None:
        """Put pictures into the box and wait until they are there."""
        self.page.set_input_files("#zc-box input[type=file]", files)
        expect(self.page.locator("#zc-box img")).to_have_count(len(files))

    def send(self) -> None:
        """Press the button of the box."""
        with self.answer():
            self.page.click("#zc-box [data-testid=submit-button]")

    def click(self, selector: str) -> None:
        """Click something that changes the search."""
        with self.answer():
            self.page.locator(selector).first.click()

    def captions(self) -> list[str]:
        """The captions of the hits, best first."""
        return self.page.locator(".zc-caption").all_inner_texts()

    def asked(self) -> dict[str, list[str]]:
        """What the address says that is searched for."""
        return parse_qs(urlsplit(self.page.url).query)


def press(tab: Tab, target: Locator) -> None:
    """Press the pointer at the centre of something, whatever lies there."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    tab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
