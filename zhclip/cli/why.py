"""``zhclip why``: which words of a query carried a picture, and where in it they are."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhclip.cli import query_options as options
from zhclip.cli.options import JsonOption, LibraryOption, ModelOption, ServerOption, TokenOption, open_library
from zhclip.errors import PictureError, QueryError
from zhclip.messages import translate

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from zhclip.search.explanation import Explanation

BAR = 20


def why(
    text: Annotated[str, typer.Argument(metavar="QUERY", help=translate("What was searched for."))],
    picture: Annotated[Path, typer.Argument(help=translate("A picture; it need not be in the library."))],
    also: options.Also = None,
    exclude: options.Excluded = None,
    literal: options.Literal = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            dir_okay=False,
            help=translate("Write the picture with warm colours where it fits the query (.png, .jpg, .webp)."),
        ),
    ] = None,
    as_json: JsonOption = False,
    library: LibraryOption = None,
    model: ModelOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Print what each word did for a picture's score.

    Raises:
        QueryError: The query is empty, or ``--out`` is no kind of picture.
        PictureError: The picture cannot be read, or the other cannot be written.
        LibraryError: The library or its service cannot be used.
    """
    from PIL import Image

    from zhclip.models import open_image
    from zhclip.search import Part, Query

    if out is not None and out.suffix.lower() not in Image.registered_extensions():
        raise QueryError("{out} is no name of a picture; give one that ends in .png, .jpg or .webp", out=out)
    query = Query(
        Part(text),
        *map(options.to_text_part, also or ()),
        exclude=[*map(options.to_text_part, exclude or ())],
        negation=not literal,
    )
    with open_library(library, model=model, server=server, token=token) as photos:
        explanation = photos.explain(query, picture)
    if as_json:
        from zhclip.search.picture_wire import ExplanationModel

        typer.echo(json.dumps(ExplanationModel.of(explanation).model_dump(), ensure_ascii=False, indent=2))
    else:
        _print(explanation)
    if out is not None:
        try:
            explanation.overlay(open_image(picture)).save(out)
        except OSError as error:
            raise PictureError("{out} cannot be written: {error}", out=out, error=error) from None
        typer.echo(translate("written to {file}", file=out), err=True)


def _print(explanation: Explanation) -> None:
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(_table(explanation))
    console.print(f"{translate('score')} {explanation.score:.3f}")


def _table(explanation: Explanation) -> Table:
    from rich.table import Table

    # Columns are as wide as a terminal shows them: a Chinese character takes two places.
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(translate("word"))
    table.add_column(translate("what it did for the score"), no_wrap=True)
    table.add_column("", justify="right")
    most = max((abs(word.contribution) for word in explanation.words), default=0.0) or 1.0
    for word in explanation.words:
        excluded = word.part >= len(explanation.query.parts)
        shown = f"{word.text} ({translate('excluded')})" if excluded else word.text
        table.add_row(shown, _bar(word.contribution / most), f"{word.contribution:+.3f}")
    return table


def _bar(share: float) -> Text:
    """A bar to the right of an axis for what spoke for the picture, to the left for what spoke against it."""
    from rich.text import Text

    length = round(abs(share) * BAR)
    left, right = ("", "█" * length) if share >= 0 else ("█" * length, "")
    return Text.assemble((left.rjust(BAR), "red"), ("│", "dim"), (right.ljust(BAR), "green"))
