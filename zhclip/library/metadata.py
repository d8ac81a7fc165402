"""What picture files say of themselves: format, size, time, camera, place, and words beside them."""

from __future__ import annotations

import json
import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import ExifTags, Image

from zhclip.library.picture import Picture
from zhclip.library.scan import FoundFile
from zhclip.models.image import register_heif

_MOST_WORDS = 16_000
"""Characters of a caption, and of all tags of a picture: Milvus keeps 64 kB of either."""
_TURNED = (5, 6, 7, 8)
_DC = "{http://purl.org/dc/elements/1.1/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


@dataclass(frozen=True)
class Words:
    """Caption and tags of a picture."""

    caption: str | None = None
    tags: tuple[str, ...] = ()

    def __or__(self, other: Words) -> Words:
        """These words, completed by others."""
        return Words(self.caption or other.caption, tuple(dict.fromkeys((*self.tags, *other.tags))))


def read_picture(file: FoundFile, content: str, given: Words | None = None) -> tuple[Picture, dict[str, str]]:
    """Read what there is to know of a picture file, without decoding it.

    Args:
        file: The file.
        content: Hash of its content.
        given: Words from elsewhere, which go before those of the sidecars.

    Returns:
        The picture, and the sidecars that could not be read, each with the reason.

    Raises:
        OSError: The file cannot be opened.
        PIL.UnidentifiedImageError: It is no picture.
    """
    words, problems = given or Words(), {}
    for sidecar in file.sidecars:
        try:
            words |= read_sidecar(Path(sidecar))
        except (OSError, ValueError, ElementTree.ParseError) as error:
            problems[sidecar] = f"the words about {Path(file.path).name} cannot be read: {error}"
    register_heif()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata, in pictures that are read all the same
        with Image.open(file.path) as image:
            exif = _exif(image)
            width, height = image.size
            if exif.get("Orientation") in _TURNED:
                width, height = height, width
            embedded = image.info.get("xmp")
            if isinstance(embedded, bytes | str):
                with suppress(ElementTree.ParseError):
                    words |= _read_xmp(embedded)
            form = (image.format or "").upper()
    latitude, longitude = _place(exif.get("GPSInfo"))
    picture = Picture(
        path=Path(file.path),
        content=content,
        format="JPEG" if form == "MPO" else form,
        width=width,
        height=height,
        bytes=file.size,
        taken=_taken(exif) or datetime.fromtimestamp(file.mtime_ns // 1_000_000_000),
        camera=_camera(exif),
        latitude=latitude,
        longitude=longitude,
        caption=words.caption,
        tags=words.tags,
    )
    return picture, problems


def read_sidecar(path: Path) -> Words:
    """Caption and tags of a ``.txt`` (all of it is the caption), ``.json`` or ``.xmp`` file.

    A JSON file is an object with ``caption`` (or ``description``) and ``tags`` (or ``keywords``:
    a list, or a string with commas).

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not UTF-8, or not such JSON.
        xml.etree.ElementTree.ParseError: It is not XML.
    """
    suffix = path.suffix.lower()
    if suffix == ".xmp":
        return _read_xmp(path.read_bytes())
    text = path.read_text(encoding="utf-8-sig")
    if suffix == ".txt":
        return make_words(text)
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("it is not a JSON object with caption and tags")
    return make_words(
        content.get("caption") or content.get("description"), content.get("tags") or content.get("keywords")
    )


def make_words(caption: Any = None, tags: Any = None) -> Words:
    """Words of a caption and tags as they were found: white space collapsed, a string of tags split."""
    if isinstance(tags, str):
        tags = tags.replace("，", ",").replace(";", ",").replace("；", ",").split(",")
    cleaned = [clean(str(tag)) for tag in tags] if isinstance(tags, list | tuple) else []
    kept: list[str] = []
    room = _MOST_WORDS
    for tag in dict.fromkeys(filter(None, cleaned)):
        room -= len(tag) + 4
        if room < 0:
            break
        kept.append(tag)
    return Words(clean(str(caption))[:_MOST_WORDS] or None if caption else None, tuple(kept))


def clean(text: str) -> str:
    """A text without control characters, its white space collapsed: how words and cameras are kept."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _read_xmp(content: bytes | str) -> Words:
    root = ElementTree.fromstring(content.strip("\0") if isinstance(content, str) else content.strip(b"\0"))
    captions = [item.text for item in root.iterfind(f".//{_DC}description/{_RDF}Alt/{_RDF}li")]
    tags = [item.text for item in root.iterfind(f".//{_DC}subject/{_RDF}Bag/{_RDF}li")]
    return make_words(next(filter(None, captions), None), [tag for tag in tags if tag])


def _exif(image: Image.Image) -> dict[str, Any]:
    """The few EXIF values that are used, by name; nothing where the block is damaged."""
    values: dict[str, Any] = {}
    # Damaged EXIF blocks raise nearly anything; the picture is as good without them.
    with suppress(Exception):
        exif = image.getexif()
        for tag in (ExifTags.Base.Orientation, ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.DateTime):
            values[tag.name] = exif.get(tag)
        values["DateTimeOriginal"] = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        values["GPSInfo"] = exif.get_ifd(ExifTags.IFD.GPSInfo)
    return values


def _taken(exif: dict[str, Any]) -> datetime | None:
    for name in ("DateTimeOriginal", "DateTime"):
        with suppress(TypeError, ValueError):
            return datetime.strptime(str(exif.get(name)).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")
    return None


def _camera(exif: dict[str, Any]) -> str:
    make, model = (clean(str(exif.get(name) or "")) for name in ("Make", "Model"))
    return (model if model.lower().startswith(make.lower()) else f"{make} {model}".strip())[:256]


def _place(gps: Any) -> tuple[float, float] | tuple[None, None]:
    try:
        latitude, longitude = (
            _degrees(gps[value]) * (-1 if str(gps.get(side, "")).strip("\0 ").upper() in ("S", "W") else 1)
            for value, side in (
                (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef),
                (ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef),
            )
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
