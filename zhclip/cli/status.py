"""``zhclip status``: what a library holds."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from zhclip.cli.options import JsonOption, LibraryOption
from zhclip.messages import translate, translate_error


def status(
    failed: Annotated[
        bool, typer.Option("--failed", help=translate("List the files that could not be read, and why."))
    ] = False,
    as_json: JsonOption = False,
    library: LibraryOption = None,
) -> None:
    """Print the library's place, model and size.

    Raises:
        LibraryError: There is no library, or it cannot be used.
    """
    from zhclip.search import Library

    with Library(library) as photos:
        photos.require()
        failures = photos.failed()
        facts = {
            "library": photos.location,
            "model": photos.made_with,
            "pictures": len(photos),
            "failed": [{"path": str(failure.path), "reason": failure.reason} for failure in failures],
        }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{translate('library')}: {facts['library']}")
    typer.echo(f"{translate('model')}: {facts['model']}")
    typer.echo(f"{translate('pictures')}: {facts['pictures']:,}")
    typer.echo(f"{translate('could not be read')}: {len(failures):,}")
    if failed:
        for failure in failures:
            typer.echo(f"  {failure.path}: {' '.join(translate_error(failure.reason).split())}")
