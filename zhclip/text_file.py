"""Text files that people bring: UTF-8 with or without a byte order mark, or a message that names what they are."""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

from zhclip.errors import DataError

_LONGEST_LINE = 16 << 20


def require_regular(path: Path) -> None:
    """Refuse what is neither a file nor a folder: data are read again and again, and to open a pipe waits for ever.

    Raises:
        DataError: It is a pipe, a device or a socket.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise DataError("{path} is neither a file nor a folder; copy its content to a file", path=path)


def read_text(path: Path) -> str:
    """Read a UTF-8 file, a byte order mark left out.

    Raises:
        DataError: The file cannot be read, or is in another encoding, which is named where it can be told.
    """
    try:
        return decode(path.read_bytes(), str(path), path)
    except FileNotFoundError:
        raise DataError("no file at {path}; check the path", path=path) from None
    except OSError as error:
        raise DataError("{path} cannot be read: {error}", path=path, error=error) from None


def read_lines(path: Path) -> Iterator[str]:
    """Read the lines of a UTF-8 file, line ends included, a byte order mark left out.

    Raises:
        DataError: The file cannot be read, has lines without end, or is in another encoding, which is named where it
            can be told.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE + 1), b""), start=1):
                if len(line) > _LONGEST_LINE:
                    raise DataError(
                        "{path}, line {number} has over {most:,} bytes; is it a text file?",
                        path=path,
                        number=number,
                        most=_LONGEST_LINE,
                    )
                yield decode(line, f"{path}, line {number}", path, begins=number == 1)
    except FileNotFoundError:
        raise DataError("no file at {path}; check the path", path=path) from None
    except OSError as error:
        raise DataError("{path} cannot be read: {error}", path=path, error=error) from None


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Read the rows of a table, quoted where needed, each with the number of its last line.

    Args:
        path: The file; ``.tsv`` is split at tabs, others at what their first line has most of: commas, semicolons
            or tabs.

    Raises:
        DataError: The file cannot be read, is not UTF-8, or has a quotation mark that is not closed.
    """
    lines = read_lines(path)
    first = next(lines, "")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    # Without strict, a lone quotation mark would swallow the rows that follow it.
    rows = csv.reader(itertools.chain([first], lines), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise DataError(
            "{path}, line {line}: {error}; write a quotation mark inside a quoted text twice",
            path=path,
            line=rows.line_num,
            error=error,
        ) from None


def decode(content: bytes, place: str, path: Path, *, begins: bool = True) -> str:
    """Decode UTF-8, or say what it is instead.

    Args:
        content: Bytes of the file.
        place: Where they stand, for the message.
        path: The file, for the message.
        begins: Whether a byte order mark may stand before them.

    Raises:
        DataError: They are not UTF-8.
    """
    try:
        return (content.removeprefix(codecs.BOM_UTF8) if begins else content).decode()
    except UnicodeDecodeError:
        encoding = _encoding(content)
    if encoding is None:
        raise DataError("{place} is not UTF-8; save {file} as UTF-8", place=place, file=path.name)
    raise DataError(
        "{place} is not UTF-8 but {encoding}; convert it: iconv -f {name} -t UTF-8 {file} > {target}",
        place=place,
        encoding=encoding,
        name={"GBK": "GB18030"}.get(encoding, encoding),
        file=path.name,
        target=f"{path.stem}-utf8{path.suffix}",
    )


def _encoding(content: bytes) -> str | None:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "GBK"
