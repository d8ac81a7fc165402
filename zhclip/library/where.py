"""What pictures must be like to be found: a typed filter, turned into Milvus's language."""

from __future__ import annotations

import math
import operator
import os
import re
import unicodedata
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import accumulate, product
from typing import Literal

from zhclip.errors import QueryError
from zhclip.file_names import on_disk
from zhclip.library.exif import clean
from zhclip.library.picture import Picture, fold, seconds

_EARTH_KM = 6371.0
_DAY = 86_400
_MOST_SPELLINGS = 8
_FORMATS = {"JPG": "JPEG", "HEIC": "HEIF", "TIF": "TIFF"}


@dataclass(frozen=True, kw_only=True)
class Where:
    """What pictures must be like; all that is given must hold.

    Values are data and never syntax: quotes, ``%``, ``_``, backslashes and emoji mean themselves.

    Args:
        folder: Below this folder.
        name: In the file's name, upper or lower case.
        formats: One of these (``JPEG``, ``PNG``, ``HEIF``...).
        orientation: By the upright picture's sides.
        min_width: In pixels.
        min_height: In pixels.
        min_bytes: Of the file.
        max_bytes: Of the file.
        taken_from: Taken at this time or later.
        taken_until: Taken before this time; with a ``date``, on that day or before.
        camera: The camera, as EXIF names it.
        tags: All of these.
        near: Latitude and longitude, in degrees.
        within_km: How far from ``near``.

    Raises:
        QueryError: A value makes no sense.
    """

    folder: str | os.PathLike[str] | None = None
    name: str | None = None
    formats: tuple[str, ...] = ()
    orientation: Literal["landscape", "portrait", "square"] | None = None
    min_width: int | None = None
    min_height: int | None = None
    min_bytes: int | None = None
    max_bytes: int | None = None
    taken_from: date | None = None
    taken_until: date | None = None
    camera: str | None = None
    tags: tuple[str, ...] = ()
    near: tuple[float, float] | None = None
    within_km: float = 10.0

    def __post_init__(self) -> None:
        if not isinstance(self.formats, tuple) or not isinstance(self.tags, tuple):
            raise QueryError("formats and tags are tuples of strings, for example tags=('beach',)")
        if self.orientation not in (None, "landscape", "portrait", "square"):
            raise QueryError(
                "orientation is landscape, portrait or square, not {orientation!r}", orientation=self.orientation
            )
        for item in fields(self):
            _check_encodable(item.name, getattr(self, item.name))
        for name in ("min_width", "min_height", "min_bytes", "max_bytes"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise QueryError("{name} must be a number, not {value}", name=name, value=value)
        if self.near is not None and len(self.near) != 2:
            raise QueryError("near is a latitude and a longitude, not {near}", near=self.near)
        if self.near and not (abs(self.near[0]) <= 90 and abs(self.near[1]) <= 180):
            raise QueryError("near is a latitude (-90 to 90) and a longitude (-180 to 180), not {near}", near=self.near)
        if not self.within_km > 0:
            raise QueryError("within_km must be more than 0, not {within_km}", within_km=self.within_km)

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return any(getattr(self, item.name) != item.default for item in fields(self) if item.name != "within_km")

    def matches(self, picture: Picture) -> bool:
        """Whether a picture is as asked: the exact rule, which the expression may be wider than."""
        return (
            (self.folder is None or _composed(str(picture.path)).startswith(_composed(self._prefix())))
            and (self.name is None or fold(self.name) in fold(picture.path.name))
            and (not self.formats or picture.format in self._formats())
            and (self.orientation is None or self.orientation == _orientation(picture))
            and (self.min_width is None or picture.width >= self.min_width)
            and (self.min_height is None or picture.height >= self.min_height)
            and (self.min_bytes is None or picture.bytes >= self.min_bytes)
            and (self.max_bytes is None or picture.bytes <= self.max_bytes)
            and (self.taken_from is None or seconds(picture.taken) >= _start(self.taken_from))
            and (self.taken_until is None or seconds(picture.taken) < _end(self.taken_until))
            and (self.camera is None or picture.camera == clean(self.camera))
            and {clean(tag) for tag in self.tags} <= set(picture.tags)
            and (self.near is None or _distance_km(self.near, picture) <= self.within_km)
        )

    def expression(self, *, inside_names: bool) -> str:
        """The filter for Milvus: it lets through all pictures that match, and seldom others.

        Args:
            inside_names: Whether the store can look for a part within a name (Milvus before 2.4 cannot).
        """
        parts: list[str] = []
        if self.folder is not None:
            # Only what is printable can be written in an expression; a folder further up is wide enough.
            prefix = re.split(r"[\x00-\x1f\x7f]", self._prefix())[0]
            prefix = prefix[: prefix.rindex("/") + 1]
            spelled = (f"(path >= {_quoted(one)} && path < {_quoted(one[:-1] + '0')})" for one in _spellings(prefix))
            parts.append(f"({' || '.join(spelled)})")
        if self.name is not None and inside_names:
            runs = re.findall(r"[^\W_]+", fold(self.name))
            if runs:
                parts.append(f'name like "%{"%".join(runs)}%"')
        if self.formats:
            parts.append(f"format in [{', '.join(map(_quoted, self._formats()))}]")
        if self.orientation is not None:
            sign = {"landscape": ">", "portrait": "<", "square": "=="}[self.orientation]
            parts.append(f"width {sign} height")
        for name, sign, value in (
            ("width", ">=", self.min_width),
            ("height", ">=", self.min_height),
            ("bytes", ">=", self.min_bytes),
            ("bytes", "<=", self.max_bytes),
            ("taken", ">=", None if self.taken_from is None else _start(self.taken_from)),
            ("taken", "<", None if self.taken_until is None else _end(self.taken_until)),
        ):
            if value is not None:
                parts.append(f"{name} {sign} {int(value)}")
        if self.camera is not None:
            parts.append(f"camera == {_quoted(clean(self.camera))}")
        parts.extend(f'json_contains(tags["all"], {_quoted(clean(tag))})' for tag in self.tags)
        if self.near is not None:
            parts.append(_box(*self.near, self.within_km))
        return " && ".join(parts)

    def _prefix(self) -> str:
        return on_disk(str(self.folder)).rstrip("/") + "/"

    def _formats(self) -> tuple[str, ...]:
        upper = (clean(name).upper().lstrip(".") for name in self.formats)
        return tuple(_FORMATS.get(name, name) for name in upper)


def _check_encodable(name: str, value: object) -> None:
    """Refuse half of a surrogate pair, which stands for no character and which no store takes."""
    for text in value if isinstance(value, tuple) else (value,):
        try:
            str(text).encode()
        except UnicodeEncodeError:
            raise QueryError("{name} is not UTF-8; write it again", name=name) from None


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


def _spellings(folder: str) -> list[str]:
    """The ways in which a disk may spell a folder's path: each part's accents composed or not."""
    parts = [
        sorted({part, *(unicodedata.normalize(form, part) for form in ("NFC", "NFD"))}) for part in folder.split("/")
    ]
    for number, spellings in enumerate(accumulate(map(len, parts), operator.mul)):
        if spellings > _MOST_SPELLINGS:  # a folder further up is wide enough
            parts = [*parts[:number], [""]]
            break
    return ["/".join(spelled) for spelled in product(*parts)]


def _quoted(value: str) -> str:
    # No other escapes: one that Milvus Lite does not know ends its process.
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _orientation(picture: Picture) -> str:
    if picture.width == picture.height:
        return "square"
    return "landscape" if picture.width > picture.height else "portrait"


def _start(day: date) -> int:
    return seconds(day if isinstance(day, datetime) else datetime(day.year, day.month, day.day))


def _end(day: date) -> int:
    # In seconds, which go on after the last day that a date can be.
    return _start(day) + (0 if isinstance(day, datetime) else _DAY)


def _box(latitude: float, longitude: float, km: float) -> str:
    """Latitudes and longitudes that a circle lies within."""
    angle = km / _EARTH_KM
    reach = math.degrees(angle)
    south, north = latitude - reach - 1e-6, latitude + reach + 1e-6
    part = f"latitude >= {max(south, -90.0):.7f} && latitude <= {min(north, 90.0):.7f}"
    if south <= -90 or north >= 90 or math.sin(angle) >= math.cos(math.radians(latitude)):
        return part  # a pole lies within: every longitude does
    width = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(latitude)))) + 1e-6
    west, east = longitude - width, longitude + width
    if west >= -180 and east <= 180:
        return f"{part} && longitude >= {west:.7f} && longitude <= {east:.7f}"
    west, east = (west + 540) % 360 - 180, (east + 540) % 360 - 180
    return f"{part} && (longitude >= {west:.7f} || longitude <= {east:.7f})"


def _distance_km(place: tuple[float, float], picture: Picture) -> float:
    if picture.latitude is None or picture.longitude is None:
        return math.inf
    one, two = math.radians(place[0]), math.radians(picture.latitude)
    half = math.radians(picture.longitude - place[1]) / 2
    chord = math.sin((two - one) / 2) ** 2 + math.cos(one) * math.cos(two) * math.sin(half) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))
