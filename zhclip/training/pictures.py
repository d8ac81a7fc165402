"""References to training pictures: where each one is, read when needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from zhclip.models.image import ImageSource


class Picture(Protocol):
    """A picture somewhere: in a file, a tar, a table or a database."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    def identity(self) -> str:
        """What changes when the picture does: place, size and time of writing."""

    def read(self) -> ImageSource:
        """What :func:`zhclip.models.open_image` takes."""


@dataclass(frozen=True, slots=True)
class FilePicture:
    """A picture in a file of its own."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def identity(self) -> str:
        """Path, size and time of writing; a missing file has the path alone."""
        return file_identity(self.path)

    def read(self) -> ImageSource:
        """The path."""
        return self.path


def file_identity(path: Path) -> str:
    """Absolute path, size in bytes and time of writing in nanoseconds."""
    try:
        status = path.stat()
    except OSError:
        return str(path.absolute())
    return f"{path.absolute()}|{status.st_size}|{status.st_mtime_ns}"
