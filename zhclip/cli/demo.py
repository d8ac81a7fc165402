"""``zhclip demo``: the web page."""

from __future__ import annotations

import csv
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from zhclip.cli.listening import AuthOption, HostOption, to_credentials, warn_of_strangers
from zhclip.cli.options import LibraryOption, ModelOption
from zhclip.messages import translate
from zhclip.temporary import TemporaryFolder

SAMPLES = Path(__file__).parent.parent / "samples"


def demo(
    samples: Annotated[
        bool, typer.Option("--samples", help=translate("Show the pictures that come with zhclip instead of your own."))
    ] = False,
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help=translate("Where to listen; 0 takes a free port."))
    ] = 7860,
    host: HostOption = "127.0.0.1",
    auth: AuthOption = None,
    open_browser: Annotated[bool, typer.Option("--open", help=translate("Open the page in your browser."))] = False,
    library: LibraryOption = None,
    model: ModelOption = None,
) -> None:
    """Serve the page until Ctrl-C.

    Raises:
        LibraryError: There is no library, or it cannot be used.
        ConfigError: The port is taken, or an option makes no sense.
    """
    credentials = to_credentials(auth)
    # The slow imports come after what can be said at once.
    from zhclip.server.serving import listen

    with listen(host, port) as listener, ExitStack() as stack:
        if credentials is None:
            warn_of_strangers(host, listener.getsockname()[0], "--auth")
        from zhclip.page.serving import serve
        from zhclip.search import Library

        if samples:
            # Made anew each time: that takes a second, and a new version may bring other pictures.
            folder = stack.enter_context(TemporaryFolder()).path
            library = str(folder / "samples.db")
        photos = stack.enter_context(Library(library, model=model))
        if samples:
            photos.add(SAMPLES, include=["*.jpg"], captions=_write_captions(folder / "captions.csv"), progress=True)
        if photos.exists():
            photos.search(
                "图片", top_k=1
            )  # what it loads is loaded now, so that the first search is as quick as the second
        serve(photos, listener, host=host, auth=credentials, announce=_announce, open_browser=open_browser)


def _write_captions(table: Path) -> Path:
    """The samples' first captions, Chinese and English, as the table that a library reads."""
    lines = (SAMPLES / "captions.jsonl").read_text(encoding="utf-8").splitlines()
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("image", "caption"))
        for captions in map(json.loads, lines):
            writer.writerow((captions["image"], f"{captions['zh'][0]} · {captions['en'][0]}"))
    return table


def _announce(address: str) -> None:
    typer.echo(translate("The page is at {address} (Ctrl-C stops it)", address=address))
