"""``zhclip index``: folders into the library."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhclip.cli.options import LibraryOption, ModelOption
from zhclip.messages import translate


def index(
    folders: Annotated[list[Path], typer.Argument(help=translate("Folders of pictures; those inside them count too."))],
    library: LibraryOption = None,
    model: ModelOption = None,
) -> None:
    """Bring the library up to date with folders, and say what changed.

    Raises:
        LibraryError: A folder does not exist, or there was no picture that could be read.
    """
