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
from zhclip.training.sources.sample import Entry


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
            raise PictureError(f"{self.name} cannot be read: {error}") from None
        if encoded is None:
            raise PictureError(f"{self.folder} has no picture {self.key}")
        return decode_base64(encoded, self.name)


def is_lmdb(path: Path) -> bool:
    """Whether a folder holds the two environments."""
    return all((path / part / "data.mdb").is_file() for part in ("imgs", "pairs"))


def read_lmdb(path: Path) -> Iterator[Entry]:
    """Read the pairs in order; the pictures stay where they are.

    Args:
        path: The folder of a split, which holds ``imgs`` and ``pairs``.

    Raises:
        DataError: An environment is missing or broken, or a pair is not what Chinese-CLIP writes.
    """
    if not is_lmdb(path):
        splits = sorted(folder.name for folder in path.iterdir() if is_lmdb(folder)) if path.is_dir() else []
        hint = f"it holds the splits {', '.join(splits)}: add one to the path" if splits else "check the path"
        raise DataError(f"{path} does not hold Chinese-CLIP's imgs/data.mdb and pairs/data.mdb; {hint}")
    images = str(path / "imgs")
    _environment(images, os.getpid())  # fails here rather than at every picture
    with _environment(str(path / "pairs"), os.getpid()).begin() as transaction:
        for number in range(_count(transaction, path / "pairs")):
            place = f"{path / 'pairs'}, pair {number}"
            pair = transaction.get(str(number).encode())
            if pair is None:
                raise DataError(f"{place} is missing; write the LMDB again")
            image, text_id, text = _unpickle(pair, place)
            yield Entry(image, LmdbPicture(images, image), {"text": text, "text_id": text_id}, place)


# An environment that was opened before a fork must not be used after it: one for each process.
@lru_cache(maxsize=32)
def _environment(folder: str, process: int) -> Any:
    try:
        return lmdb.open(folder, readonly=True, create=False, lock=False, readahead=False, meminit=False)
    except lmdb.Error as error:
        raise DataError(f"{folder} cannot be opened as an LMDB environment: {error}") from None


def _count(transaction: Any, folder: Path) -> int:
    value = transaction.get(b"num_samples")
    if value is None or not value.isdigit():
        raise DataError(f"{folder} does not say its num_samples; it is not as Chinese-CLIP writes it")
    return int(value)


class _Unpickler(pickle.Unpickler):
    """Loads numbers, strings and tuples, and nothing that could run code."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise DataError(f"would run {module}.{name} when loaded and was refused; do not trust this LMDB")


def _unpickle(pair: bytes, place: str) -> tuple[str, Any, str]:
    try:
        value = _Unpickler(io.BytesIO(pair)).load()
    except DataError as error:
        raise DataError(f"{place} {error}") from None
    # Broken pickles raise nearly anything.
    except Exception as error:
        raise DataError(f"{place} is damaged ({error}); write the LMDB again") from error
    if not (isinstance(value, tuple) and len(value) == 3 and isinstance(value[2], str)):
        raise DataError(f"{place} is not (image id, text id, text) as Chinese-CLIP writes it")
    return encodable(str(value[0])), value[1], value[2]
