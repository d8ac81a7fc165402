"""``zhclip index``, ``remove`` and ``reindex``: what the library holds, and the model that it is of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhclip.cli.options import LibraryOption, ModelOption
from zhclip.errors import LibraryError
from zhclip.messages import translate

if TYPE_CHECKING:
    from zhclip.library.picture import IndexReport

SHOWN_FAILURES = 10


def index(
    folders: Annotated[list[Path], typer.Argument(help=translate("Folders of pictures; those inside them count too."))],
    include: Annotated[
        list[str] | None, typer.Option("--include", help=translate("Take only these files, for example *.jpg."))
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help=translate("Leave out these files and folders."))
    ] = None,
    keep_missing: Annotated[
        bool, typer.Option("--keep-missing", help=translate("Keep pictures in the library whose files are gone."))
    ] = False,
    captions: Annotated[
        Path | None,
        typer.Option("--captions", help=translate("A CSV table with the columns image, caption and tags.")),
    ] = None,
    watching: Annotated[
        bool, typer.Option("--watch", help=translate("Go on until Ctrl-C, and follow the folders as they change."))
    ] = False,
    library: LibraryOption = None,
    model: ModelOption = None,
) -> None:
    """Bring the library up to date with folders, and say what changed.

    Raises:
        LibraryError: A folder does not exist, or there was no picture that could be read.
    """
    from zhclip.search import Library

    with Library(library, model=model) as photos:
        report = photos.add(
            *folders,
            include=include or (),
            exclude=exclude or (),
            captions=captions,
            keep_missing=keep_missing,
            progress=True,
        )
        print_report(report)
        typer.echo(translate("{count} pictures in {library}", count=f"{len(photos):,}", library=photos.location))
        if report.failed and not (report.added or report.updated or report.unchanged):
            raise LibraryError("none of the pictures could be read; see the reasons above")
        if watching:
            from zhclip.library.watching import watch

            typer.echo(translate("watching; Ctrl-C stops it"), err=True)
            watch(
                photos,
                *folders,
                include=include or (),
                exclude=exclude or (),
                captions=captions,
                keep_missing=keep_missing,
                report=print_report,
            )


def remove(
    paths: Annotated[list[Path], typer.Argument(help=translate("Pictures, or folders of them; the files stay."))],
    library: LibraryOption = None,
) -> None:
    """Take pictures out of the library.

    Raises:
        LibraryError: There is no library, or none of the pictures is in it.
    """
    from zhclip.search import Library

    with Library(library) as photos:
        removed = photos.remove(*paths)
        if not removed:
            raise LibraryError(
                "the library holds no pictures of {paths}; nothing was removed", paths=", ".join(map(str, paths))
            )
        typer.echo(translate("{count} pictures removed", count=f"{removed:,}"))


def reindex(
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help=translate("The new model: a name, or a model folder. The same by default.")),
    ] = None,
    drop_missing: Annotated[
        bool, typer.Option("--drop-missing", help=translate("Let pictures go whose files cannot be read."))
    ] = False,
    library: LibraryOption = None,
) -> None:
    """Embed the library's pictures with another model, and switch to it; or let an old library learn words.

    Raises:
        LibraryError: There is no library, it is of the model already, or files cannot be read.
    """
    from zhclip.library import reindex as rebuild
    from zhclip.search import Library

    with Library(library) as photos:
        report = rebuild(photos, model, drop_missing=drop_missing, progress=True)
        count = f"{report.added + report.unchanged:,}"
        if model:
            typer.echo(translate("{count} pictures are now of the model {model}", count=count, model=model))
        else:
            typer.echo(translate("{count} pictures are found by words now", count=count))


def print_report(report: IndexReport) -> None:
    """Say what an indexing run did, and which files it could not read."""
    for failure in report.failed[:SHOWN_FAILURES]:
        reason = translate(failure.reason)
        named = reason if str(failure.path) in reason else f"{failure.path}: {reason}"
        typer.echo(f"zhclip: {translate('warning: {text}', text=' '.join(named.split()))}", err=True)
    if len(report.failed) > SHOWN_FAILURES:
        more = translate("and {count} more that could not be read", count=len(report.failed) - SHOWN_FAILURES)
        typer.echo(f"zhclip: {translate('warning: {text}', text=more)}", err=True)
    for note in report.notes():
        typer.echo(f"zhclip: {translate(note)}", err=True)
    numbers = {name: f"{getattr(report, name):,}" for name in ("added", "updated", "unchanged", "removed")}
    typer.echo(
        translate(
            "added {added}, updated {updated}, unchanged {unchanged}, removed {removed}, failed {failed}",
            failed=f"{len(report.failed):,}",
            **numbers,
        )
    )
