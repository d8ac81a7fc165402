"""A search as the page's address holds it, so that reloading, going back and bookmarks work."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlencode

from PIL import Image

from zhclip.errors import QueryError
from zhclip.library import Where
from zhclip.messages import Message
from zhclip.search import Part, Query

MOST_PARTS = 16
"""Of a query, and as many exclusions."""
MOST_CHARACTERS = 2_000
"""Of one text: models read far less, and an address must not grow too long for servers."""
_LONGEST = 60_000
_MOST_FIELDS = 200
_LONGEST_FILTER = 4_096
WEIGHTS = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0)
_PICTURE = re.compile("u?[0-9a-f]{32}")

Pictures = Callable[[str], bytes | Image.Image]
"""Gives the picture that a key stands for."""


@dataclass(frozen=True)
class Item:
    """A text or a picture of a search.

    Args:
        text: The words; empty for a picture.
        picture: The picture's id in the library, or the key of one that was dropped; empty for words.
        weight: How much it counts.
    """

    text: str = ""
    picture: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Filters:
    """The filters as they are typed; empty where nothing is asked for."""

    folder: str = ""
    name: str = ""
    since: str = ""
    until: str = ""
    format: str = ""
    shape: str = ""
    width: str = ""
    height: str = ""
    tags: str = ""
    near: str = ""
    km: str = ""

    @classmethod
    def of(cls, values: dict[str, str]) -> Self:
        """The filters among some values."""
        names = {item.name for item in fields(cls)}
        return cls(
            **{
                name: str(value)[:_LONGEST_FILTER].replace("\0", "").strip()
                for name, value in values.items()
                if name in names
            }
        )

    def given(self) -> dict[str, str]:
        """Those that ask for something."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if value and (name != "km" or self.near)}

    def to_where(self) -> Where | None:
        """The filter; None where nothing is asked for.

        Raises:
            QueryError: A value makes no sense.
        """
        if not self.given():
            return None
        shape = self.shape if self.shape in ("landscape", "portrait", "square") else None
        return Where(
            folder=_folder(self.folder),
            name=self.name or None,
            taken_from=_day(self.since),
            taken_until=_day(self.until),
            formats=tuple(filter(None, re.split(r"[\s,，、]+", self.format))),
            orientation=shape,  # type: ignore[arg-type]
            min_width=_pixels(self.width),
            min_height=_pixels(self.height),
            tags=tuple(filter(None, (tag.strip() for tag in re.split("[,，、;；]", self.tags)))),
            near=_place(self.near),
            within_km=_number(self.km, Message("a distance in km")) if self.km else 10.0,
        )


@dataclass(frozen=True)
class Search:
    """What somebody searches for on the page.

    Args:
        parts: Texts and pictures; the first text stands in the box.
        exclude: What must not be in the picture.
        every: Every part must be in the picture.
        literal: Take negations as they are written.
        words: How much captions, tags and file names count, 0 to 1.
        anything: Show the nearest, however little they fit.
        filters: What pictures must be like.
    """

    parts: tuple[Item, ...] = ()
    exclude: tuple[Item, ...] = ()
    every: bool = False
    literal: bool = False
    words: float = 0.0
    anything: bool = False
    filters: Filters = field(default_factory=Filters)

    @classmethod
    def parse(cls, address: str) -> Self:
        """The search of an address's query string; what makes no sense in it is passed over."""
        lists: dict[str, list[Item]] = {"parts": [], "exclude": []}
        last: list[Item] = []
        values: dict[str, str] = {}
        for name, value in parse_qsl("&".join(address.lstrip("?")[:_LONGEST].split("&")[:_MOST_FIELDS])):
            where = lists["exclude" if name.startswith("no") else "parts"]
            if name in ("q", "not") and value.strip() and len(where) < MOST_PARTS:
                where.append(Item(text=value.strip()[:MOST_CHARACTERS]))
                last = where
            elif name in ("p", "notp") and _PICTURE.fullmatch(value) and len(where) < MOST_PARTS:
                where.append(Item(picture=value))
                last = where
            elif name == "w" and last:
                last[-1] = replace(last[-1], weight=nearest_weight(value))
            else:
                values[name] = value
        return cls(
            parts=tuple(lists["parts"]),
            exclude=tuple(lists["exclude"]),
            every=values.get("every") == "1",
            literal=values.get("literal") == "1",
            words=share(values.get("words", "0")),
            anything=values.get("anything") == "1",
            filters=Filters.of(values),
        )

    def address(self) -> str:
        """The query string, with its ``?``; empty where nothing is searched for."""
        pairs: list[tuple[str, str]] = []
        for items, text, picture in ((self.parts, "q", "p"), (self.exclude, "not", "notp")):
            for item in items:
                pairs.append((text, item.text) if item.text else (picture, item.picture))
                if item.weight != 1:
                    pairs.append(("w", f"{item.weight:g}"))
        pairs.extend((name, "1") for name in ("every", "literal", "anything") if getattr(self, name))
        if self.words:
            pairs.append(("words", f"{self.words:g}"))
        pairs.extend(self.filters.given().items())
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def text(self) -> str:
        """What stands in the box: the first text."""
        return next((item.text for item in self.parts if item.text), "")

    def with_box(self, text: str, pictures: list[str]) -> Self:
        """The search after the box is sent: its text replaces the first, dropped pictures the earlier dropped ones."""
        parts = list(self.parts)
        place = next((row for row, item in enumerate(parts) if item.text), None)
        if text and place is None:
            parts.insert(0, Item(text=text))
        elif text and place is not None:
            parts[place] = replace(parts[place], text=text)
        elif place is not None:
            del parts[place]
        if pictures:
            parts = [item for item in parts if not item.picture.startswith("u")]
            parts.extend(Item(picture=key) for key in pictures)
        return replace(self, parts=tuple(parts[:MOST_PARTS]), anything=False)

    def to_query(self, pictures: Pictures) -> Query:
        """The query.

        Args:
            pictures: Gives the picture that a key stands for.

        Raises:
            QueryError: Nothing is searched for, or a value makes no sense.
            PictureError: A picture is gone.
        """

        def to_part(item: Item) -> Part:
            return Part(item.text or pictures(item.picture), item.weight)

        return Query(
            *map(to_part, self.parts),
            exclude=[to_part(item) for item in self.exclude],
            every=self.every,
            where=self.filters.to_where(),
            negation=not self.literal,
            words=self.words,
            min_relevance=0.0 if self.anything else None,
        )


def share(value: object) -> float:
    """A value as a share of 0 to 1; 0 for what is none."""
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return round(number, 2) if 0 <= number <= 1 else 0.0


def nearest_weight(value: object) -> float:
    """The weight of :data:`WEIGHTS` that is nearest to a value; 1 for what is no number."""
    try:
        number = float(str(value))
    except ValueError:
        return 1.0
    return min(WEIGHTS, key=lambda weight: abs(weight - number)) if math.isfinite(number) else 1.0


def _folder(value: str) -> Path | None:
    try:
        return Path(value).expanduser() if value else None
    except RuntimeError:
        raise QueryError("{value!r} is not a folder; write its whole path", value=value) from None


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise QueryError("{value!r} is not a day; write it as 2024-05-31", value=value) from None


def _number(value: str, meaning: Message) -> float:
    try:
        return float(value)
    except ValueError:
        raise QueryError("{value!r} is not {meaning}; write a number", value=value, meaning=meaning) from None


def _pixels(value: str) -> int | None:
    if not value:
        return None
    number = _number(value, Message("a number of pixels"))
    if not 0 <= number <= 1_000_000:
        raise QueryError("{value!r} is not a number of pixels; write a number of 0 to 1,000,000", value=value)
    return int(number)


def _place(value: str) -> tuple[float, float] | None:
    if not value:
        return None
    try:
        latitude, longitude = (float(part) for part in re.split(r"\s*[,，]\s*|\s+", value))
    except ValueError:
        raise QueryError(
            "{value!r} is not a place; write latitude and longitude, as 30.25, 120.15", value=value
        ) from None
    return latitude, longitude
