"""Lines of a text file that should be UTF-8, and may not be."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from zhclip.errors import DataError


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file, line ends included, a byte order mark left out.

    Raises:
        DataError: The file cannot be read, or is in another encoding, which is named where it can be told.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number == 1:
                    line = line.removeprefix(codecs.BOM_UTF8)
                yield decode(line, f"{path}, line {number}", path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None


def decode(content: bytes, place: str, path: Path) -> str:
    """Decode UTF-8, or say what it is instead.

    Args:
        content: Bytes of the file.
        place: Where they stand, for the message.
        path: The file, for the message.

    Raises:
        DataError: They are not UTF-8.
    """
    try:
        return content.decode()
    except UnicodeDecodeError:
        encoding = _encoding(content)
    if encoding is None:
        raise DataError(f"{place} is not UTF-8; save {path.name} as UTF-8")
    name, target = {"GBK": "GB18030"}.get(encoding, encoding), f"{path.stem}-utf8{path.suffix}"
    raise DataError(
        "{place} is not UTF-8 but {encoding}; convert it: iconv -f {name} -t UTF-8 {file} > {target}",
        place=place,
        encoding=encoding,
        name=name,
        file=path.name,
        target=target,
    )


def _encoding(content: bytes) -> str | None:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "GBK"
