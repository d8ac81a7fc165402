"""``zhclip search``: pictures for a query."""

from __future__ import annotations

import json
import sys
import warnings
from typing import TYPE_CHECKING, Annotated

import typer

from zhclip.cli import query_options as options
from zhclip.cli.options import JsonOption, LibraryOption, ModelOption, ServerOption, TokenOption, open_library
from zhclip.errors import UnknownTextWarning
from zhclip.messages import translate

if TYPE_CHECKING:
    from rich.table import Table

    from zhclip.search import Hit, Query


def search(
    text: Annotated[
        list[str] | None, typer.Argument(help=translate("What the picture shows. Several words need no quotes."))
    ] = None,
    image: options.Images = None,
    also: options.Also = None,
    exclude: options.Excluded = None,
    exclude_image: options.ExcludedImages = None,
    every: options.Every = False,
    literal: options.Literal = False,
    words: options.WordShare = 0.0,
    min_relevance: options.MinRelevance = None,
    folder: options.Folder = None,
    name: options.Name = None,
    formats: options.Formats = None,
    orientation: options.OrientationOption = None,
    min_width: options.MinWidth = None,
    min_height: options.MinHeight = None,
    min_bytes: options.MinBytes = None,
    max_bytes: options.MaxBytes = None,
    taken_from: options.TakenFrom = None,
    taken_until: options.TakenUntil = None,
    camera: options.Camera = None,
    tag: options.Tags = None,
    near: options.Near = None,
    within: options.Within = 10.0,
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, help=translate("How many pictures to show."))] = 10,
    offset: Annotated[int, typer.Option("--offset", min=0, help=translate("Leave out this many of the best."))] = 0,
    as_json: JsonOption = False,
    library: LibraryOption = None,
    model: ModelOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Search the library and print what was found.

    Raises:
        QueryError: There is neither a text nor a picture, or a value makes no sense.
        LibraryError: There is no library, or it or its service cannot be used.
    """
    from zhclip.search import Part, Query

    parts = [
        *([Part(" ".join(text))] if text else []),
        *map(options.to_text_part, also or ()),
        *map(options.to_image_part, image or ()),
    ]
    query = Query(
        *parts,
        exclude=[*map(options.to_text_part, exclude or ()), *map(options.to_image_part, exclude_image or ())],
        every=every,
        where=options.to_where(
            folder=folder,
            name=name,
            formats=formats,
            orientation=orientation,
            min_width=min_width,
            min_height=min_height,
            min_bytes=min_bytes,
            max_bytes=max_bytes,
            taken_from=taken_from,
            taken_until=taken_until,
            camera=camera,
            tags=tag,
            near=near,
            within=within,
        ),
        negation=not literal,
        words=words,
        min_relevance=min_relevance,
    )
    with open_library(library, model=model, server=server, token=token) as photos:
        hits = photos.search(query, top_k=top_k, offset=offset)
    for note in hits.notes:
        if isinstance(note, UnknownTextWarning):  # the others are warned of by the search itself
            warnings.warn(note, stacklevel=1)
    _say_what_was_understood(query)
    if as_json:
        from zhclip.search.wire import HitModel

        listed = [HitModel.of(hit).model_dump(mode="json") for hit in hits]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif hits:
        _print_table(hits)
    elif offset:
        typer.echo(translate("no more hits"), err=True)
    else:
        typer.echo(translate("nothing fits well; try other words, or --min-relevance 0 for the nearest"), err=True)


def _say_what_was_understood(query: Query) -> None:
    read = query.interpreted()
    negated = [part.text or "" for part in read.exclude[len(query.exclude) :]]
    if negated:
        sought = [part.text for part in read.parts if part.text]
        typer.echo(
            translate(
                "understood: {sought}, without {negated} (--literal takes the words as they are)",
                sought=", ".join(sought),
                negated=", ".join(negated),
            ),
            err=True,
        )


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
