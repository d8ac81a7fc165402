"""``zhclip status``: what a library holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from zhclip.cli.options import JsonOption, LibraryOption
from zhclip.messages import translate


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
        facts = photos.status()
        failures = photos.failed() if failed or as_json else []
    if as_json:
        ledger = [{"path": str(failure.path), "reason": failure.reason} for failure in failures]
        typer.echo(json.dumps({**asdict(facts), "failures": ledger}, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{translate('library')}: {facts.location}")
    typer.echo(f"{translate('model')}: {facts.model}")
    typer.echo(f"{translate('pictures')}: {facts.files:,}")
    typer.echo(f"{translate('could not be read')}: {facts.failed:,}")
    if facts.gone:
        typer.echo(f"{translate('no longer at their place')}: {facts.gone:,}")
    if facts.next_model:
        typer.echo(translate("not complete yet: zhclip reindex --model {model}", model=facts.next_model))
    for failure in failures:
        typer.echo(f"  {failure.path}: {' '.join(translate(failure.reason).split())}")
