"""CSV and TSV tables: one picture, or one pair, a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from zhclip.errors import DataError
from zhclip.file_names import find_file
from zhclip.text_file import read_rows
from zhclip.training.pictures import FilePicture
from zhclip.training.sources.jsonl import picture_field
from zhclip.training.sources.sample import Entry


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
    rows = read_rows(path)
    columns = set(columns)
    number, head = next(rows, (1, []))
    names = [name if name in columns else name.lower() for name in map(str.strip, head)]
    position = names.index(picture_field(names, f"{path}, line {number}"))
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        place = f"{path}, line {number}"
        if len(row) != len(names):
            raise DataError(
                "{place} has {count} columns and the header {expected}; quote texts that hold them",
                place=place,
                count=len(row),
                expected=len(names),
            )
        name = row[position].strip()
        if not name:
            raise DataError("{place} has no picture name in its column {column!r}", place=place, column=names[position])
        yield Entry(name, FilePicture(find_file(folder, name)), dict(zip(names, row, strict=True)), place)
