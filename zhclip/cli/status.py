"""``zhclip status``: what a library holds."""

from __future__ import annotations

from zhclip.cli.options import JsonOption, LibraryOption


def status(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Print the library's place, model and size.

    Raises:
        LibraryError: There is no library, or it cannot be used.
    """
