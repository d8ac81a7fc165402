"""What a library knows of a picture, and what it reports of an indexing run."""

from __future__ import annotations

import hashlib
import os
import shlex
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from zhclip.file_names import is_there
from zhclip.messages import Message

_EPOCH = datetime(1970, 1, 1)
NOWHERE = 1000.0
"""Latitude and longitude of pictures that do not say where they were taken."""
_NAMED = 5
"""Of the kinds and rows that a note names."""


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

    def notes(self) -> list[Message]:
        """What was passed over, or no longer is where it was: a sentence each, and none where there is nothing."""
        notes = []
        if self.passed_over:
            kinds = sorted(self.passed_over.items(), key=lambda kind: (-kind[1], kind[0]))
            notes.append(
                Message(
                    "{count} files of kinds that are not read were passed over: {kinds}",
                    count=f"{sum(self.passed_over.values()):,}",
                    kinds=_first([f"{kind} {count:,}" for kind, count in kinds]),
                )
            )
        if self.unmatched:
            notes.append(
                Message(
                    "{count} rows of the table of captions fit no picture: {names}",
                    count=f"{len(self.unmatched):,}",
                    names=_first(self.unmatched),
                )
            )
        if self.gone:
            notes.append(
                Message(
                    "{count} files of the same pictures are gone, such as {path}; if they moved, let the library "
                    "forget the old place: zhclip remove {folder}",
                    count=f"{len(self.gone):,}",
                    path=self.gone[0],
                    folder=shlex.quote(str(_moved(self.gone[0]))),
                )
            )
        return notes


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
    gone: int
    """Picture files that are no longer at their paths."""


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


def _first(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


def _moved(gone: Path) -> Path:
    """The outermost folder on the way to a file that is gone with it, or the file."""
    while not is_there(gone.parent):
        gone = gone.parent
    return gone
