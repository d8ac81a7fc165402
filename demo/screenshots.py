"""Take the pictures of the page that the README shows: ``python demo/screenshots.py [FOLDER]``.

Writes ``page-zh.jpg`` (1440 wide, light), ``page-en.jpg`` (1024, dark) and ``page-phone.jpg`` (390)
of ``zhclip demo --samples`` into a folder, ``docs`` by default. Wants Playwright, Chromium
(``ZHCLIP_CHROMIUM`` names another than the one on the path) and a Chinese font.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright

ZHCLIP = Path(sys.executable).with_name("zhclip")
PATIENCE = 120_000
SHOTS = (
    # name, width, height, language, colours, query
    ("page-zh", 1440, 900, "zh", "light", [("q", "没有人的海滩")]),
    ("page-en", 1024, 768, "en", "dark", [("q", "a red car"), ("q", "a road"), ("w", "0.5"), ("not", "snow")]),
    ("page-phone", 390, 844, "zh", "light", [("q", "夕阳 大海 沙滩")]),
)


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen([ZHCLIP, "demo", "--samples", "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            address = next(word for word in line.split() if word.startswith("http://"))
            with sync_playwright() as playwright:
                executable = os.environ.get("ZHCLIP_CHROMIUM") or shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
                for name, width, height, language, colours, query in SHOTS:
                    take(
                        browser,
                        f"{address}/{language}/?{urlencode(query)}",
                        folder / f"{name}.jpg",
                        width,
                        height,
                        colours,
                    )
                browser.close()
        finally:
            process.send_signal(signal.SIGTERM)


def take(browser: Browser, address: str, file: Path, width: int, height: int, colours: str) -> None:
    """Take one, when all its pictures are there."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if width < 600 else 1,
        color_scheme="dark" if colours == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_selector(".zc-score")
    page.wait_for_function(
        """() => !document.documentElement.hasAttribute('data-busy') && [...document.images].every(
             image => image.complete || image.getBoundingClientRect().top > innerHeight)"""
    )
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=file, type="jpeg", quality=88)
    context.close()
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
