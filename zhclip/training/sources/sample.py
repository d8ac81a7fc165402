"""What every format is read into: entries, which make samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from zhclip.training.pictures import Picture


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture and its captions by language."""

    picture: Picture
    captions: dict[str, list[str]]
    """Each language that was asked for, with a list that may be empty."""
    weight: float = 1.0
    """How often a pass sees it."""
    source: int = 0
    """Which source it is from, in the order of the configuration."""


class Entry(NamedTuple):
    """What one line, row or file of a source says of one picture; several may speak of the same."""

    name: str
    """The picture's name as the source has it."""
    picture: Picture
    fields: Mapping[str, Any]
    """The source's fields, captions among them."""
    place: str
    """Where it stands, for messages."""
