"""References to training pictures: where each one is, read when needed.

A data set holds millions of them, so each is small, can be pickled for a worker process, and holds no open file.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from tqdm import tqdm

from zhclip.errors import PictureError
from zhclip.models.image import ImageSource

_CHUNK = 1024
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_WHITE_SPACE = b" \t\r\n\v\f"

T = TypeVar("T")


class Picture(Protocol):
    """A picture somewhere: in a file, a tar, a table or a database."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    def identity(self) -> str:
        """What changes when the picture does: place, size and time of writing."""

    def read(self) -> ImageSource:
        """What :func:`zhclip.models.open_image` takes.

        Raises:
            PictureError: There is nothing to read.
        """


@dataclass(frozen=True, slots=True)
class FilePicture:
    """A picture in a file of its own."""

    path: str
    """A string, for a ``Path`` takes four times the memory."""

    @property
    def name(self) -> str:
        """The path."""
        return self.path

    def identity(self) -> str:
        """Path, size and time of writing; a missing file has the path alone."""
        return file_identity(self.path)

    def read(self) -> ImageSource:
        """The path."""
        return self.path


@dataclass(frozen=True, slots=True)
class PackedPicture:
    """A picture that is a run of bytes in a larger file, such as a tar."""

    file: str
    offset: int
    """Where it begins, in bytes."""
    length: int
    """In bytes."""
    member: str
    """What it is called in there."""

    @property
    def name(self) -> str:
        """The file, and what the picture is called in there."""
        return f"{self.file}: {self.member}"

    def identity(self) -> str:
        """The file's path, size and time of writing, and the place in it."""
        return f"{file_identity(self.file)}|{self.offset}|{self.length}"

    def read(self) -> bytes:
        """The bytes of the picture file."""
        try:
            with Path(self.file).open("rb") as file:
                file.seek(self.offset)
                return file.read(self.length)
        except OSError as error:
            raise PictureError(
                "{name} cannot be read: {error}; check {file}", name=self.name, error=error, file=self.file
            ) from None


@dataclass(frozen=True, slots=True)
class Base64Picture(PackedPicture):
    """A picture that stands in a text file as base64."""

    def read(self) -> bytes:
        """The bytes of the picture file, decoded."""
        # In Python 3.11 slots=True leaves a bare super() without its class.
        return decode_base64(PackedPicture.read(self), self.name)


@dataclass(frozen=True, slots=True)
class AbsentPicture:
    """A picture that captions speak of and that is not there."""

    place: str
    """Where it should be."""
    member: str
    """What it is called in there."""

    @property
    def name(self) -> str:
        """The place, and what the picture is called in there."""
        return f"{self.place}: {self.member}"

    def identity(self) -> str:
        """The name: there is nothing more to know it by."""
        return self.name

    def read(self) -> ImageSource:
        """Fail: there is nothing to read."""
        raise PictureError("{place} has no picture {member}", place=self.place, member=self.member)


def decode_base64(encoded: bytes, name: str) -> bytes:
    """Decode base64 of the standard or the URL-safe alphabet.

    Args:
        encoded: White space in it does not count.
        name: What to call the picture in messages.

    Raises:
        PictureError: It is not base64.
    """
    try:
        return base64.b64decode(encoded.translate(_URL_SAFE, _WHITE_SPACE), validate=True)
    except binascii.Error as error:
        raise PictureError("{name} is not whole base64 ({error}); write it again", name=name, error=error) from None


def file_identity(path: str | Path) -> str:
    """Absolute path, size in bytes and time of writing in nanoseconds; can be encoded whatever the path is."""
    path = Path(path)
    # resolve() would ask the disk about every folder on the way, a million times over.
    absolute = os.path.abspath(path)  # noqa: PTH100
    # File names need not be UTF-8: Python has lone surrogates for what is not.
    place = absolute.encode(errors="backslashreplace").decode()
    try:
        status = path.stat()
    except (OSError, ValueError):  # a name that no file can have is a ValueError
        return place
    return f"{place}|{status.st_size}|{status.st_mtime_ns}"


def map_pictures(function: Callable[[Picture], T], pictures: Sequence[Picture], description: str) -> Iterator[T]:
    """Call a function with each picture in threads; a progress bar appears after 2 seconds.

    Args:
        function: Decoders release the interpreter lock, so threads are enough.
        pictures: To call it with.
        description: What the progress bar says.

    Yields:
        The results, in the order of the pictures.
    """
    with ThreadPoolExecutor() as pool, tqdm(total=len(pictures), desc=description, delay=2, disable=None) as bar:
        # A chunk at a time: the pool would queue them all at once.
        for start in range(0, len(pictures), _CHUNK):
            for result in pool.map(function, pictures[start : start + _CHUNK]):
                bar.update()
                yield result
