"""One server and one browser for all tests of the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from tests.page.browser import COLOURS, HOSTILE, Server, Tab, serving_here
from zhclip.models import Encoder
from zhclip.search import Library

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def server(tiny_encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page over seven small pictures, a broken one, and a model of random weights."""
    folder = tmp_path_factory.mktemp("page")
    photos = folder / "photos"
    photos.mkdir()
    for name, colour in COLOURS.items():
        picture = Image.new("RGB", (320, 240), colour)
        ImageDraw.Draw(picture).ellipse((40 + 20 * len(name), 60, 200, 180), fill="white")
        picture.save(photos / f"{name}.png")
    Image.effect_noise((1600, 1200), 60).save(photos / HOSTILE)
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    with Library(folder / "photos.db", model=tiny_encoder) as library:
        library.add(photos)
        with serving_here(library) as address:
            yield Server(address, photos)


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, beside which other modules can run none
def chromium() -> Iterator[Browser]:
    """A browser; ``ZHCLIP_CHROMIUM`` names another than the one on the path."""
    executable = os.environ.get("ZHCLIP_CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("no chromium; run `make browser`, or set ZHCLIP_CHROMIUM to a Chromium or Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def language() -> str:
    """The browser's language; tests override it."""
    return "en-GB"


@pytest.fixture
def tab(chromium: Browser, language: str) -> Iterator[Tab]:
    """A fresh tab, in which nothing may ask for anything outside this machine and no script may fail."""
    context = chromium.new_context(locale=language, viewport={"width": 1440, "height": 900})
    tab = Tab(context.new_page())
    yield tab
    context.close()
    assert tab.refused == []
    assert tab.errors == []
