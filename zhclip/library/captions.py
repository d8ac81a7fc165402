"""Captions and tags of many pictures from one table."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from zhclip.errors import DataError, LibraryError
from zhclip.file_names import as_seen, find_file
from zhclip.library.sidecars import Words, make_words
from zhclip.text_file import read_rows

_NAMES = {"path": "image", "file": "image", "filename": "image", "description": "caption", "keywords": "tags"}


class CaptionTable:
    """The words of a CSV or TSV file about pictures.

    The first line names the columns: ``image`` (a path, relative to the table's folder or
    absolute, or a bare file name that then means every file of that name), ``caption`` and
    ``tags`` (separated by commas or semicolons); either of the last two may be missing.

    Args:
        path: The table, in UTF-8; split at commas, semicolons or tabs, whichever its first line has most of.

    Raises:
        LibraryError: It cannot be read, or lacks a column.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        table = Path(path).expanduser()
        try:
            rows = [row for _, row in read_rows(table)]
        except DataError as error:
            raise LibraryError("the captions cannot be read: {error}", error=error) from None
        columns = [_NAMES.get(name.strip().lower(), name.strip().lower()) for name in rows[0]] if rows else []
        if "image" not in columns or not {"caption", "tags"} & set(columns):
            raise LibraryError("{table} needs a first line that names the columns image, caption and tags", table=table)
        self._words: dict[str, Words] = {}
        self._names: dict[str, str] = {}
        """Of each key, how the table has it."""
        for row in rows[1:]:
            values = dict(zip(columns, row, strict=False))
            image = values.get("image", "").strip()
            if image:
                bare = os.sep not in image and "\\" not in image
                key = as_seen(image if bare else os.path.realpath(find_file(table.parent, image)))
                self._words[key] = make_words(values.get("caption"), values.get("tags"))
                self._names[key] = image

    def __len__(self) -> int:
        """How many pictures the table speaks of."""
        return len(self._words)

    def of(self, path: str) -> Words | None:
        """The words about the picture at an absolute path."""
        key = as_seen(path)
        return self._words.get(key) or self._words.get(os.path.basename(key))  # noqa: PTH119 (called for every file)

    def choose(self, paths: list[str]) -> Mapping[str, Words]:
        """The words about those of the paths that the table speaks of."""
        return {path: words for path in paths if (words := self.of(path)) is not None}

    def unmatched(self, paths: list[str], covers: Callable[[str], bool]) -> list[str]:
        """Pictures that the table speaks of and that are not there, as it names them.

        Args:
            paths: All that were found.
            covers: Whether a path lies where they were looked for.
        """
        found = {key for path in map(as_seen, paths) for key in (path, os.path.basename(path))}  # noqa: PTH119
        return [
            name
            for key, name in self._names.items()
            if key not in found and (os.sep not in key or covers(key) or not os.path.lexists(key))
        ]
