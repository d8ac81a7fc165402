"""What a library knows of a picture, and what it reports of an indexing run."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

_EPOCH = datetime(1970, 1, 1)
NOWHERE = 1000.0
"""Latitude and longitude of pictures that do not say where they were taken."""


@dataclass(frozen=True)
class Picture:
    """One picture file of a library.

    ``taken`` is wall-clock time where the picture was taken (from EXIF, else the file's
    time), ``latitude`` and ``longitude`` are degrees.
    """

    path: Path
    content: str
    """Hash of the file's content: files of one content are one picture."""
    format: str
    width: int
    height: int
    bytes: int
    taken: datetime
    camera: str = ""
    latitude: float | None = None
    longitude: float | None = None
    caption: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Identifies the file in its library: made of the path alone."""
        return picture_id(self.path)

    def to_row(self) -> dict[str, Any]:
        """The values of the store's fields, without the vector."""
        return {
            "id": self.id,
            "content": self.content,
            "path": str(self.path),
            "name": fold(self.path.name),
            "format": self.format,
            "width": self.width,
            "height": self.height,
            "bytes": self.bytes,
            "taken": seconds(self.taken),
            "camera": self.camera,
            "latitude": NOWHERE if self.latitude is None else self.latitude,
            "longitude": NOWHERE if self.longitude is None else self.longitude,
            "caption": self.caption or "",
            "tags": {"all": list(self.tags)},
        }

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Picture:
        """The picture of a row that :meth:`to_row` made."""
        return cls(
            path=Path(row["path"]),
            content=row["content"],
            format=row["format"],
            width=row["width"],
            height=row["height"],
            bytes=row["bytes"],
            taken=moment(row["taken"]),
            camera=row["camera"],
            latitude=None if row["latitude"] == NOWHERE else row["latitude"],
            longitude=None if row["longitude"] == NOWHERE else row["longitude"],
            caption=row["caption"] or None,
            tags=tuple(row["tags"]["all"]),
        )


@dataclass(frozen=True)
class Match:
    """A picture that a library found near a vector."""

    picture: Picture
    cosine: float
    paths: tuple[Path, ...]
    """All files of the same content, the picture's own first."""


@dataclass(frozen=True)
class Failure:
    """A file that could not be indexed."""

    path: Path
    reason: str
    tries: int = 1


@dataclass
class IndexReport:
    """What an indexing run did, in files."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    reused: int = 0
    """Of those added and updated, how many needed no embedding: moved, copied, or new words only."""
    failed: list[Failure] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)
    """Files of kinds that are not read, by their suffixes."""
    unmatched: list[str] = field(default_factory=list)
    """Pictures of the table of captions that fit no file, as it names them."""
    gone: list[Path] = field(default_factory=list)
    """Files elsewhere that the library holds, that are of the same content as some added now, and no longer there."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Status:
    """What a library holds."""

    location: str
    pictures: int
    """By content."""
    files: int
    """Picture files: at least as many."""
    failed: int
    """Files in the ledger of failures."""
    model: str
    fingerprint: str
    dim: int
    since: str
    """When the library was made with the model, in ISO 8601."""
    next_model: str | None
    """The model of a reindexing that is not complete yet."""


def picture_id(path: str | Path) -> str:
    """The id of the picture file at an absolute path."""
    return hashlib.blake2b(os.fsencode(path), digest_size=16).hexdigest()


def fold(name: str) -> str:
    """A file name as it is compared: without regard to case, or to how accents are encoded."""
    return unicodedata.normalize("NFC", name).casefold()


def seconds(time: datetime) -> int:
    """A wall-clock time as seconds since 1970, whatever the time zone."""
    return int((time.replace(tzinfo=None) - _EPOCH).total_seconds())


def moment(value: int) -> datetime:
    """The wall-clock time of seconds since 1970."""
    return _EPOCH + timedelta(seconds=value)
