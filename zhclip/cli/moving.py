"""``zhclip migrate``, ``export`` and ``import``: a library to another place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhclip.cli.options import LibraryOption
from zhclip.messages import translate


def migrate(
    to: Annotated[str, typer.Option("--to", help=translate("Where to: a file, or the address of a Milvus server."))],
    library: LibraryOption = None,
) -> None:
    """Copy the library, and make sure that the copy answers alike.

    Raises:
        LibraryError: There is no library, or another one is at the target.
    """
    from zhclip.library import migrate as copy
    from zhclip.search import Library

    with Library(library) as source, Library(to) as target:
        moved = copy(source, target, progress=True)
        typer.echo(
            translate(
                "{files} pictures are at {library} now; {verified} sample queries gave the same answers",
                files=f"{moved.files:,}",
                library=target.location,
                verified=moved.verified,
            )
        )


def export(
    file: Annotated[Path, typer.Argument(help=translate("A Parquet file; it is written."))],
    library: LibraryOption = None,
) -> None:
    """Write the library's pictures and vectors to a file.

    Raises:
        LibraryError: There is no library.
    """
    from zhclip.library import export_parquet
    from zhclip.search import Library

    with Library(library) as photos:
        count = export_parquet(photos, file, progress=True)
    typer.echo(translate("{count} pictures written to {file}", count=f"{count:,}", file=file))


def import_(
    file: Annotated[Path, typer.Argument(help=translate("A Parquet file that zhclip export wrote."))],
    library: LibraryOption = None,
) -> None:
    """Read pictures and vectors of a file into the library.

    Raises:
        LibraryError: The file cannot be read, or is of another model.
    """
    from zhclip.library import import_parquet
    from zhclip.search import Library

    with Library(library) as photos:
        count = import_parquet(photos, file, progress=True)
        typer.echo(
            translate(
                "{count} pictures read from {file} into {library}",
                count=f"{count:,}",
                file=file,
                library=photos.location,
            )
        )
