"""``zhclip search``: pictures for a query."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhclip.cli.options import JsonOption, LibraryOption, ModelOption
from zhclip.errors import QueryError
from zhclip.messages import translate

if TYPE_CHECKING:
    from rich.table import Table

    from zhclip.search import Hit


def search(
    text: Annotated[
        list[str] | None, typer.Argument(help=translate("What the picture shows. Several words need no quotes."))
    ] = None,
    image: Annotated[
        Path | None, typer.Option("--image", "-i", help=translate("A picture, to find pictures like it."))
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, help=translate("How many pictures to show."))] = 10,
    as_json: JsonOption = False,
    library: LibraryOption = None,
    model: ModelOption = None,
) -> None:
    """Search the library and print what was found.

    Raises:
        QueryError: There is neither a text nor a picture, or both.
        LibraryError: There is no library, or it cannot be used.
    """
    if (image is None) == (not text):
        raise QueryError("give either words to search for, or --image FILE")
    from zhclip.search import Library

    with Library(library, model=model) as photos:
        hits = photos.search(image or " ".join(text or []), top_k=top_k)
    if as_json:
        typer.echo(json.dumps([asdict(hit) for hit in hits], ensure_ascii=False, indent=2, default=_as_json))
    elif hits:
        _print_table(hits)
    else:
        typer.echo(translate("nothing fits; try other words"), err=True)


def _as_json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _print_table(hits: list[Hit]) -> None:
    from rich.console import Console

    # A pipe has no width: a path must not be folded for it.
    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False)
    console.print(_table(hits))


def _table(hits: list[Hit]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("#", justify="right", style="dim")
    calibrated = any(hit.relevance is not None for hit in hits)
    table.add_column(translate("relevance") if calibrated else translate("score"), justify="right", style="green")
    table.add_column(translate("picture"), overflow="fold")
    captioned = any(hit.caption for hit in hits)
    if captioned:
        table.add_column(translate("caption"), style="cyan")
    for hit in hits:
        value = f"{hit.relevance:.0%}" if hit.relevance is not None else f"{hit.score:.3f}"
        path = Text(str(hit.path), style=f"link {hit.path.absolute().as_uri()}")
        table.add_row(str(hit.rank), value, path, *([Text(hit.caption or "")] if captioned else []))
    return table
