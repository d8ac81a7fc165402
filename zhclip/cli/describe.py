"""``zhclip describe``: captions for a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from zhclip.cli.options import JsonOption, LibraryOption, ModelOption, ServerOption, TokenOption, open_library
from zhclip.messages import translate


def describe(
    picture: Annotated[Path, typer.Argument(help=translate("A picture; it need not be in the library."))],
    captions: Annotated[
        Path | None,
        typer.Option(
            "--captions", "-c", help=translate("A text file of captions, one a line. The library's own by default.")
        ),
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, help=translate("How many captions to show."))] = 5,
    as_json: JsonOption = False,
    library: LibraryOption = None,
    model: ModelOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Print the captions that describe a picture best.

    Raises:
        QueryError: There is no caption to choose from.
        DataError: The file of captions cannot be used.
        PictureError: The picture cannot be read.
        LibraryError: There is no library, and no captions are given; or its service cannot be used.
    """
    from zhclip.evaluation.classification import read_labels

    given = read_labels(captions) if captions else None
    with open_library(library, model=model, server=server, token=token) as photos:
        found = photos.describe(picture, captions=given, top_k=top_k)
    if as_json:
        listed = [
            {
                "text": caption.text,
                "score": caption.score,
                "relevance": caption.relevance,
                "path": str(caption.path) if caption.path else None,
                "id": caption.id,
            }
            for caption in found
        ]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    for caption in found:
        value = f"{caption.score:.3f}" if caption.relevance is None else f"{caption.relevance:.0%}"
        typer.echo(f"{value:>6}  {caption.text}")
