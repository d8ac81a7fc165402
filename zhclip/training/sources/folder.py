"""A folder of pictures with texts of the same name beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from zhclip.file_names import as_seen
from zhclip.models.image import PICTURE_SUFFIXES
from zhclip.text_file import read_lines
from zhclip.training.pictures import FilePicture
from zhclip.training.sources.sample import Entry


def read_folder(folder: Path, columns: Iterable[str]) -> Iterator[Entry]:
    """Read pictures and the captions beside them, one a line: ``a.jpg`` and ``a.txt``, or ``a.zh.txt``.

    Args:
        folder: With the folders inside it; hidden files and folders are passed over.
        columns: What may stand between the name and ``.txt``.

    Raises:
        DataError: A text cannot be read.
    """
    columns = list(columns)
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        present = {as_seen(name): name for name in reversed(files)}
        for file in sorted(files):
            path = Path(place, file)
            if file.startswith(".") or path.suffix.lower() not in PICTURE_SUFFIXES:
                continue
            texts = {"txt": f"{path.stem}.txt"} | {column: f"{path.stem}.{column}.txt" for column in columns}
            fields = {
                field: [line.rstrip("\r\n") for line in read_lines(Path(place, present[as_seen(text)]))]
                for field, text in texts.items()
                if as_seen(text) in present
            }
            yield Entry(str(path.relative_to(folder)), FilePicture(str(path)), fields, str(path))
