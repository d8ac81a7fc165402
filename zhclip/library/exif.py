"""EXIF as cameras and programs write it: when, where and with what a picture was taken."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PIL import ExifTags, Image

_TIMES = (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized, ExifTags.Base.DateTime)
_TIME = re.compile(
    r"\s*(\d{4})\D?(\d\d?)\D?(\d\d?)"
    r"(?:[T\s:]*(?P<half>[AP]M|上午|下午)?\s*(\d\d?)\D?(\d\d)(?:\D?(\d\d))?)?",
    re.IGNORECASE,
)
_GB2312 = re.compile(rb"(?:[\x20-\x7e]|[\xa1-\xf7][\xa1-\xfe])+")


@dataclass(frozen=True)
class Exif:
    """What a picture's EXIF block says; nothing where it is damaged."""

    taken: datetime | None = None
    """Wall-clock time."""
    camera: str = ""
    place: tuple[float, float] | None = None
    """Latitude and longitude in degrees."""


def read_exif(image: Image.Image) -> Exif:
    """Read the EXIF block of an opened picture, without decoding it."""
    try:
        # PNG's own getexif would decode the whole picture first.
        exif = Image.Image.getexif(image)
        main = dict(exif)
    # Damaged blocks raise nearly anything; the picture is as good without them.
    except Exception:  # noqa: BLE001
        return Exif()
    photo, gps = _part(exif, ExifTags.IFD.Exif), _part(exif, ExifTags.IFD.GPSInfo)
    times = (parse_time(to_text(part.get(tag))) for tag in _TIMES for part in (photo, main))
    make, model = (to_text(main.get(tag)) for tag in (ExifTags.Base.Make, ExifTags.Base.Model))
    return Exif(
        taken=next((time for time in times if time is not None), None),
        camera=(model if model.lower().startswith(make.lower()) else f"{make} {model}".strip())[:256],
        place=_place(gps),
    )


def parse_time(text: str) -> datetime | None:
    """A time as EXIF should have it (``2024:05:06 07:08:09``), or as it is found in its place; None where it is none.

    Dashes, slashes, ISO 8601, a day alone, and the hour 24, which is the next day's first, are understood.
    A time zone is left out: a time is that of the clock where the picture was taken.
    """
    match = _TIME.match(text)
    if match is None:
        return None
    year, month, day, half, hour, minute, second = (match[1], match[2], match[3], match["half"], *match.group(5, 6, 7))
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if half and half.upper() in ("PM", "下午") and hours < 12:
        hours += 12
    if hours > 24 or minutes > 59 or seconds > 60:
        return None
    with suppress(ValueError, OverflowError):
        return datetime(int(year), int(month), int(day)) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return None


def to_text(value: Any) -> str:
    """A text value, which should be ASCII and is UTF-8 or GBK in pictures of Chinese phones; one line, printable."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    if value is None:
        return ""
    content = value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")  # as Pillow decoded it
    content = content.partition(b"\0")[0].strip()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        # Two bytes for each letter tell Chinese from an accent.
        text = content.decode("gb2312" if _GB2312.fullmatch(content) else "latin-1", "replace")
    return clean(text)


def clean(text: str) -> str:
    """A text without control characters, its white space collapsed: how words and cameras are kept."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _part(exif: Image.Exif, part: ExifTags.IFD) -> dict[int, Any]:
    with suppress(Exception):
        return dict(exif.get_ifd(part))
    return {}


def _place(gps: dict[int, Any]) -> tuple[float, float] | None:
    try:
        latitude, longitude = (
            _degrees(gps[value]) * (-1 if to_text(gps.get(side)).upper()[:1] in ("S", "W") else 1)
            for value, side in (
                (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef),
                (ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef),
            )
        )
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    return checked_place(latitude, longitude)


def checked_place(latitude: float, longitude: float) -> tuple[float, float] | None:
    """A place on Earth; None where it is none, or 0, 0, which stands for an unknown one."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or latitude == longitude == 0:
        return None
    return latitude, longitude


def _degrees(parts: Any) -> float:
    numbers = [float(part) for part in (parts if isinstance(parts, tuple | list) else (parts,))]
    return sum((number / 60**power for power, number in enumerate(numbers[:3])), 0.0)
