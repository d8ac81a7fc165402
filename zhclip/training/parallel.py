"""Parallel texts: sentence pairs and dictionary entries in English and Chinese."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from zhclip.errors import DataError
from zhclip.text_file import decode

# 落日 落日 [luo4 ri4] /setting sun/
_CEDICT = re.compile(r"^\S+ (?P<simplified>\S+) \[[^\]]*\] /(?P<meanings>.*)/\s*$")
_REMARK = re.compile(r"\([^)]*\)|\[[^\]]*\]")


def read_parallel(paths: Sequence[str]) -> list[tuple[str, str]]:
    """(Chinese, English) pairs of TSV files and of CC-CEDICT files (``.u8``, also gzipped).

    A TSV line is English, a tab, Chinese. A dictionary entry gives its first two meanings,
    without remarks in brackets; entries that only point to others are left out.

    Raises:
        DataError: A file is missing, not UTF-8, or holds no pairs.
    """
    pairs: list[tuple[str, str]] = []
    for name in paths:
        path = Path(name).expanduser()
        found = list(_cedict(path) if ".u8" in path.suffixes else _tsv(path))
        if not found:
            raise DataError("{path} holds no sentence pairs; a line is English, a tab, Chinese", path=path)
        pairs.extend(found)
    return pairs


def _tsv(path: Path) -> Iterator[tuple[str, str]]:
    for line in _lines(path):
        english, _, chinese = line.rstrip("\r\n").partition("\t")
        if english.strip() and chinese.strip():
            yield chinese.split("\t")[0], english


def _cedict(path: Path) -> Iterator[tuple[str, str]]:
    for line in _lines(path):
        entry = _CEDICT.match(line)
        if entry is None:
            continue
        for meaning in entry["meanings"].split("/")[:2]:
            plain = " ".join(_REMARK.sub("", meaning).split())
            if plain and not plain.startswith(("variant of", "see ", "old variant", "surname ", "CL:", "used in")):
                yield entry["simplified"], plain.removeprefix("to ")


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield decode(line, f"{path}, line {number}", path, begins=number == 1)
    except FileNotFoundError:
        raise DataError("no parallel texts at {path}; check data.parallel", path=path) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError("{path} cannot be read: {error}", path=path, error=error) from None
