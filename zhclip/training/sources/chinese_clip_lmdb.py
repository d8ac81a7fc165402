"""Chinese-CLIP's LMDB: environments ``imgs`` (id: base64) and ``pairs`` (number: image id, text id, text)."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import lmdb

from zhclip.errors import DataError, PictureError
from zhclip.training.pictures import decode_base64, file_identity
from zhclip.training.sources.captions import encodable
from zhclip.training.sources.lmdb_pages import check_pages, check_size
from zhclip.training.sources.sample import Entry

_PARTS = ("imgs", "pairs")
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class LmdbPicture:
    """A picture in an LMDB environment, as base64."""

    folder: str
    """The environment's."""
    key: str

    @property
    def name(self) -> str:
        """The environment and the key."""
        return f"{self.folder}: {self.key}"

    def identity(self) -> str:
        """Path, size and time of writing of the database, and the key."""
        return f"{file_identity(Path(self.folder, 'data.mdb'))}|{self.key}"

    def read(self) -> bytes:
        """The bytes of the picture file, decoded."""
        try:
            with _environment(self.folder, os.getpid()).begin() as transaction:
                encoded = transaction.get(self.key.encode())
        except lmdb.Error as error:
            raise PictureError("{name} cannot be read: {error}", name=self.name, error=error) from None
        if encoded is None:
            raise PictureError("{folder} has no picture {key}", folder=self.folder, key=self.key)
        return decode_base64(encoded.strip(), self.name)


def is_lmdb(path: Path) -> bool:
    """Whether a folder holds the two environments, or one of them."""
    return any((path / part / "data.mdb").exists() for part in _PARTS)


def read_lmdb(path: Path) -> Iterator[Entry]:
    """Read the pairs in order; the pictures stay where they are.

    Args:
        path: The folder of a split, which holds ``imgs`` and ``pairs``.

    Raises:
        DataError: An environment is missing or damaged, or a pair is not what Chinese-CLIP writes.
    """
    if not is_lmdb(path):
        splits = sorted(folder.name for folder in path.iterdir() if is_lmdb(folder)) if path.is_dir() else []
        if splits:
            raise DataError(
                "{path} does not hold Chinese-CLIP's imgs/data.mdb and pairs/data.mdb; it holds the splits {splits}: "
                "add one to the path",
                path=path,
                splits=", ".join(splits),
            )
        raise DataError(
            "{path} does not hold Chinese-CLIP's imgs/data.mdb and pairs/data.mdb; check the path", path=path
        )
    for part in _PARTS:
        if not (path / part / "data.mdb").exists():
            raise DataError("{path} lacks {part}/data.mdb; copy it beside the other", path=path, part=part)
        check_pages(path / part / "data.mdb")
    images = str(path / "imgs")
    _environment(images, os.getpid())  # fails here rather than at every picture
    with _environment(str(path / "pairs"), os.getpid()).begin() as transaction:
        for number in range(_count(transaction, path / "pairs")):
            place = f"{path / 'pairs'}, pair {number}"
            pair = _get(transaction, str(number), path / "pairs")
            if pair is None:
                raise DataError("{place} is missing; write the LMDB again", place=place)
            image, text_id, text = _unpickle(pair, place)
            yield Entry(image, LmdbPicture(images, image), {"text": text, "text_id": text_id}, place)


# An environment that was opened before a fork must not be used after it: one for each process.
@lru_cache(maxsize=32)
def _environment(folder: str, process: int) -> Any:
    check_size(Path(folder, "data.mdb"))
    try:
        return lmdb.open(folder, readonly=True, create=False, lock=False, readahead=False, meminit=False)
    except lmdb.Error as error:
        raise DataError("{path} cannot be opened as LMDB: {error}", path=folder, error=error) from None


def _get(transaction: Any, key: str, folder: Path) -> bytes | None:
    try:
        value: bytes | None = transaction.get(key.encode())
    except lmdb.Error as error:
        raise DataError("{path} cannot be read: {error}", path=folder, error=error) from None
    return value


def _count(transaction: Any, folder: Path) -> int:
    value = _get(transaction, "num_samples", folder)
    if value is None or not value.isdigit() or len(value) > _MOST_DIGITS:
        raise DataError("{path} does not say its num_samples; it is not as Chinese-CLIP writes it", path=folder)
    return int(value)


class _NotPlainError(Exception):
    """A pickle holds more than numbers, strings and tuples."""


class _Unpickler(pickle.Unpickler):
    """Loads numbers, strings and tuples, and nothing that could run code."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise _NotPlainError(f"{module}.{name}")


def _unpickle(pair: bytes, place: str) -> tuple[str, Any, str]:
    try:
        value = _Unpickler(io.BytesIO(pair)).load()
    except _NotPlainError as error:
        raise DataError(
            "{place} would run {function} when loaded and was refused; do not trust this LMDB",
            place=place,
            function=str(error),
        ) from None
    # Broken pickles raise nearly anything.
    except Exception as error:
        raise DataError("{place} is damaged ({error}); write the LMDB again", place=place, error=error) from error
    if not (
        isinstance(value, tuple) and len(value) == 3 and isinstance(value[0], int | str) and isinstance(value[2], str)
    ):
        raise DataError("{place} is not (image id, text id, text) as Chinese-CLIP writes it", place=place)
    return encodable(str(value[0])), value[1], value[2]
