"""Captions and tags of many pictures from one table."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path

from zhclip.errors import LibraryError
from zhclip.library.metadata import Words, make_words

_NAMES = {"path": "image", "file": "image", "filename": "image", "description": "caption", "keywords": "tags"}


class CaptionTable:
    """The words of a CSV or TSV file about pictures.

    The first line names the columns: ``image`` (a path, relative to the table's folder or
    absolute, or a bare file name that then means every file of that name), ``caption`` and
    ``tags`` (separated by commas or semicolons); either of the last two may be missing.

    Args:
        path: The table, in UTF-8.

    Raises:
        LibraryError: It cannot be read, or lacks a column.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        table = Path(path).expanduser()
        try:
            with table.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.reader(file, delimiter="\t" if table.suffix.lower() == ".tsv" else ","))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise LibraryError(f"the captions in {table} cannot be read: {error}") from None
        columns = [_NAMES.get(name.strip().lower(), name.strip().lower()) for name in rows[0]] if rows else []
        if "image" not in columns or not {"caption", "tags"} & set(columns):
            raise LibraryError(f"{table} needs a first line that names the columns image, caption and tags")
        self._words: dict[str, Words] = {}
        for row in rows[1:]:
            values = dict(zip(columns, row, strict=False))
            image = values.get("image", "").strip()
            if image:
                key = image if os.sep not in image else os.path.realpath(table.parent / image)
                self._words[key] = make_words(values.get("caption"), values.get("tags"))

    def __len__(self) -> int:
        """How many pictures the table speaks of."""
        return len(self._words)

    def of(self, path: str) -> Words | None:
        """The words about the picture at an absolute path."""
        return self._words.get(path) or self._words.get(os.path.basename(path))  # noqa: PTH119 (called for every file)

    def choose(self, paths: list[str]) -> Mapping[str, Words]:
        """The words about those of the paths that the table speaks of."""
        return {path: words for path in paths if (words := self.of(path)) is not None}
