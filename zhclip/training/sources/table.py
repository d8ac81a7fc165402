"""CSV and TSV tables: one picture, or one pair, a row."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from zhclip.errors import DataError
from zhclip.training.pictures import FilePicture
from zhclip.training.sources.jsonl import picture_field
from zhclip.training.sources.lines import read_lines
from zhclip.training.sources.sample import Entry

if TYPE_CHECKING:
    from _csv import Reader


def read_table(path: Path, folder: Path, columns: Iterable[str] = ()) -> Iterator[Entry]:
    """Read a table with a header row, quoted where needed.

    Args:
        path: The file; ``.tsv`` is split at tabs, others at what their header has most of: commas, semicolons or tabs.
        folder: What picture names are relative to.
        columns: Column names to take as they stand; others are lower-cased.

    Raises:
        DataError: No column names the picture, a row is longer or shorter than the header, or a quotation mark is
            not closed.
    """
    lines = read_lines(path)
    first = next(lines, "")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    # Without strict, a lone quotation mark would swallow the rows that follow it.
    rows = csv.reader(itertools.chain([first], lines), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        yield from _read(rows, path, folder, set(columns))
    except csv.Error as error:
        raise DataError(
            f"{path}, line {rows.line_num}: {error}; write a quotation mark inside a quoted text twice"
        ) from None


def _read(rows: Reader, path: Path, folder: Path, columns: set[str]) -> Iterator[Entry]:
    names = [name if name in columns else name.lower() for name in map(str.strip, next(rows, []))]
    position = names.index(picture_field(names, f"{path}, line 1"))
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        place = f"{path}, line {rows.line_num}"
        if len(row) != len(names):
            raise DataError(
                "{place} has {count} columns and the header {expected}; quote texts that hold them",
                place=place,
                count=len(row),
                expected=len(names),
            )
        name = row[position].strip()
        if not name:
            raise DataError(f"{place} has no picture name in its column {names[position]!r}")
        yield Entry(name, FilePicture(str(folder / name)), dict(zip(names, row, strict=True)), place)
