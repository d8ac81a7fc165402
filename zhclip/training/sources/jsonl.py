"""JSON lines: one picture, or one pair, a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from zhclip.errors import DataError
from zhclip.file_names import find_file
from zhclip.text_file import read_lines
from zhclip.training.pictures import FilePicture
from zhclip.training.sources.sample import Entry

PICTURE_FIELDS = ("image", "path", "filename", "filepath", "file_name", "image_path", "file")
"""Names of the field that names the picture; the first that is there counts."""


def read_jsonl(path: Path, folder: Path) -> Iterator[Entry]:
    """Read ``{"image": "a.jpg", "zh": ["..."], "en": "..."}`` lines.

    Args:
        path: The file.
        folder: What picture names are relative to.

    Raises:
        DataError: A line is not a JSON object, or names no picture.
    """
    for place, record in read_records(path):
        field = picture_field(record, place)
        name = record[field]
        if not isinstance(name, str) or not name:
            raise DataError(
                "{place}: {field!r} is {name!r}, not the name of a picture", place=place, field=field, name=name
            )
        yield Entry(name, FilePicture(find_file(folder, name)), record, place)


def read_records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON objects of a file, one a line, each with where it stands.

    Raises:
        DataError: A line is not a JSON object.
    """
    for number, line in enumerate(read_lines(path), start=1):
        if line.strip():
            place = f"{path}, line {number}"
            yield place, parse_object(line, place)


def parse_object(text: str | bytes, place: str) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        DataError: It is not one.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError("{place} is not JSON: {error}", place=place, error=error) from None
    if not isinstance(record, dict):
        raise DataError('{place} is JSON but not an object; write {{"image": "a.jpg", "zh": ["..."]}}', place=place)
    return record


def picture_field(names: Iterable[str], place: str) -> str:
    """Which of some fields names the picture.

    Raises:
        DataError: None does.
    """
    names = list(names)
    for field in PICTURE_FIELDS:
        if field in names:
            return field
    raise DataError(
        "{place} has no field that names the picture; it has {names}; call the field one of {known}",
        place=place,
        names=", ".join(names) or "none",
        known=", ".join(PICTURE_FIELDS),
    )
