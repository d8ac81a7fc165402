"""WebDataset tars: members of one key are a picture and its texts.

The ``webdataset`` library streams; a shuffle over everything and an exact resume take random access, so the headers
are read once and each picture's place is kept.
"""

from __future__ import annotations

import glob
import re
import tarfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zhclip.errors import DataError
from zhclip.models.image import PICTURE_SUFFIXES
from zhclip.text_file import decode
from zhclip.training.pictures import PackedPicture
from zhclip.training.sources.jsonl import parse_object
from zhclip.training.sources.sample import Entry

_BRACES = re.compile(r"\{([^{}]*)\}")


def find_tars(path: str) -> list[Path]:
    """The tars that a path means, sorted: a file, a folder, or a pattern such as ``train-{000..123}.tar`` or ``*.tar``.

    Raises:
        DataError: One is missing, or compressed.
    """
    if Path(path).is_dir():
        tars = sorted(tar for tar in Path(path).iterdir() if tar.suffix.lower() == ".tar")
    else:
        # Path.glob takes no absolute patterns.
        found = [sorted(glob.glob(pattern)) or [pattern] for pattern in _expand(path)]  # noqa: PTH207
        tars = [Path(tar) for tars_of_pattern in found for tar in tars_of_pattern]
    for tar in tars:
        if not tar.is_file():
            raise DataError("no tar at {tar}; check the path or the pattern {path}", tar=tar, path=path)
        if tar.suffix.lower() != ".tar":
            raise DataError("{tar} is compressed or not a tar; only plain .tar files can be read at any place", tar=tar)
    return tars


def read_webdataset(path: str) -> Iterator[Entry]:
    """Read the members of tars: pictures, ``.txt`` (one caption a line), ``.zh.txt`` and ``.json``.

    Args:
        path: What :func:`find_tars` takes.

    Raises:
        DataError: A tar is missing or damaged, or a text in it is.
    """
    for tar in find_tars(path):
        try:
            with tarfile.open(tar, "r:") as archive:
                yield from _read(tar, archive)
        except tarfile.TarError as error:
            raise DataError("{tar} is damaged: {error}; write or download it again", tar=tar, error=error) from None
        except OSError as error:
            raise DataError("{tar} cannot be read: {error}", tar=tar, error=error) from None


def _read(tar: Path, archive: tarfile.TarFile) -> Iterator[Entry]:
    pictures: dict[str, PackedPicture] = {}
    dotted: dict[str, str] = {}
    fields: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for member in archive:
        archive.members = []  # type: ignore[attr-defined]  # they would stay in memory, a kilobyte each
        key, extension = _split(member.name)
        if not member.isfile() or Path(member.name).name.startswith("."):
            continue
        place = f"{tar}: {member.name}"
        if f".{extension}" in PICTURE_SUFFIXES:
            pictures.setdefault(key, PackedPicture(str(tar), member.offset_data, member.size, member.name))
        elif Path(member.name).suffix.lower() in PICTURE_SUFFIXES:
            dotted[key] = member.name  # beside another picture it may be anything, such as a mask: 7.jpg, 7.mask.png
        elif extension == "json":
            fields[key] |= parse_object(_text(archive, member, place), place)
        elif extension.endswith("txt"):
            fields[key][extension.removesuffix(".txt")] = _text(archive, member, place).splitlines()
    for key in dotted.keys() - pictures.keys():
        raise DataError(
            "{tar}: {name} has a dot in its name, where WebDataset's extensions begin; rename it",
            tar=tar,
            name=dotted[key],
        )
    # Members of one key should follow each other, and do not where somebody packed a folder by hand.
    for key, picture in pictures.items():
        yield Entry(key, picture, fields.pop(key, {}), f"{tar}: {key}")


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo, place: str) -> str:
    file = archive.extractfile(member)
    return decode(file.read() if file else b"", place, Path(member.name))


def _split(name: str) -> tuple[str, str]:
    """Key and extension: the name is split at the first dot after the last slash; accents are composed."""
    folder, slash, file = unicodedata.normalize("NFC", name).rpartition("/")
    stem, _, extension = file.partition(".")
    return f"{folder}{slash}{stem}", extension.lower()


def _expand(pattern: str) -> list[str]:
    """Write out ``{000..123}`` and ``{a,b}``."""
    found = _BRACES.search(pattern)
    if not found:
        return [pattern]
    first, dots, last = found[1].partition("..")
    if dots and first.isdigit() and last.isdigit():
        choices = [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]
    else:
        choices = found[1].split(",")
    return [
        whole for choice in choices for whole in _expand(pattern[: found.start()] + choice + pattern[found.end() :])
    ]
