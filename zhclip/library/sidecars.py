"""Words beside pictures: text, JSON and XMP files, Google Takeout's among them, and XMP inside of pictures."""

from __future__ import annotations

import codecs
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from zhclip.errors import DataError
from zhclip.library.exif import checked_place, clean, parse_time
from zhclip.text_file import decode, read_text

_MOST_BYTES = 16 << 20
_MOST_WORDS = 16_000
"""Characters of a caption, and of all tags of a picture: Milvus keeps 64 kB of either."""
_DC = "{http://purl.org/dc/elements/1.1/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_TIMES = (
    "{http://ns.adobe.com/exif/1.0/}DateTimeOriginal",
    "{http://ns.adobe.com/photoshop/1.0/}DateCreated",
    "{http://ns.adobe.com/xap/1.0/}CreateDate",
)
_PACKET = re.compile(r"<(?:\w+:)?(xmpmeta|xapmeta|RDF)\b.*</(?:\w+:)?\1\s*>", re.DOTALL)
_DECLARATION = re.compile(r"^[^<]*(?:<\?.*?\?>\s*)*", re.DOTALL)


@dataclass(frozen=True)
class Words:
    """Caption and tags of a picture, and where a sidecar knows them its time and place."""

    caption: str | None = None
    tags: tuple[str, ...] = ()
    taken: datetime | None = None
    place: tuple[float, float] | None = None

    def __or__(self, other: Words) -> Words:
        """These words, completed by others."""
        return Words(
            self.caption or other.caption,
            tuple(dict.fromkeys((*self.tags, *other.tags))),
            self.taken or other.taken,
            self.place or other.place,
        )


def read_sidecar(path: Path) -> Words:
    """Caption and tags of a ``.txt`` (all of it is the caption), ``.json`` or ``.xmp`` file.

    A JSON file is an object with ``caption`` (or ``description``) and ``tags`` (or ``keywords``:
    a list, or a string with commas); or one of Google Takeout's, which says when and where, and who is in the picture.

    Raises:
        OSError: The file cannot be read.
        DataError: It is not UTF-8, or not such JSON or XMP.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise DataError("it is larger than {megabytes} MB", megabytes=_MOST_BYTES >> 20)
    suffix = path.suffix.lower()
    if suffix == ".xmp":
        try:
            return read_xmp(path.read_bytes())
        except ElementTree.ParseError as error:
            raise DataError("it is not XMP: {error}", error=error) from None
    text = read_text(path)
    if suffix == ".txt":
        return make_words(text)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError("it is not JSON: {error}", error=error) from None
    if not isinstance(content, dict):
        raise DataError("it is not a JSON object with caption and tags")
    words = make_words(
        content.get("caption") or content.get("description"), content.get("tags") or content.get("keywords")
    )
    return words | _of_takeout(content)


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


def read_xmp(content: bytes | str) -> Words:
    """Caption, tags and time of XMP, whatever stands before and behind it and whatever encoding it claims.

    Raises:
        xml.etree.ElementTree.ParseError: It is not XML.
        DataError: It is in an encoding that is not known.
    """
    text = content if isinstance(content, str) else _decoded(content)
    packet = _PACKET.search(text)
    root = ElementTree.fromstring(packet[0] if packet else _DECLARATION.sub("", text).strip("\0 \t\r\n"))
    listed, plain = _values(root, f"{_DC}subject")
    captions = [text for texts in _values(root, f"{_DC}description") for text in texts]
    words = make_words(next(iter(captions), None), [*listed, *make_words(None, ",".join(plain)).tags])
    times = (parse_time(text) for name in _TIMES for texts in _values(root, name) for text in texts)
    return words | Words(taken=next((time for time in times if time is not None), None))


def _decoded(content: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
        (b"<\0", "utf-16-le"),
        (b"\0<", "utf-16-be"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return decode(content, "", Path())
    except DataError:
        packet = content.decode("latin-1")
        # What is left over behind the packet may be anything; what is in it should be UTF-8, and may be GBK.
        found = _PACKET.search(packet)
        inner = (found[0] if found else packet).encode("latin-1")
        with suppress(UnicodeDecodeError):
            return inner.decode()
        return inner.decode("gb18030", "replace")


def _values(root: ElementTree.Element, name: str) -> tuple[list[str], list[str]]:
    """The values of a property: those of lists of any kind, and those that stand there plainly or as an attribute."""
    listed: list[str | None] = []
    plain: list[str | None] = []
    for item in root.iter():
        plain.append(item.get(name))
        if item.tag == name:
            entries = [entry.text for entry in item.iter(f"{_RDF}li")]
            listed.extend(entries)
            if not entries:
                plain.append(item.text)
    return [text for text in listed if text and text.strip()], [text for text in plain if text and text.strip()]


def _of_takeout(content: dict[str, Any]) -> Words:
    """What Google Takeout's JSON adds: the time and place that Google Photos knows, and the people's names."""
    taken = place = None
    with suppress(TypeError, ValueError, KeyError, OverflowError, OSError):
        taken = datetime.fromtimestamp(int(content["photoTakenTime"]["timestamp"]))
    for name in ("geoData", "geoDataExif"):
        with suppress(TypeError, ValueError, KeyError):
            place = place or checked_place(float(content[name]["latitude"]), float(content[name]["longitude"]))
    people = content.get("people")
    names = [person.get("name") for person in people if isinstance(person, dict)] if isinstance(people, list) else []
    return Words(None, make_words(None, [name for name in names if name]).tags, taken, place)
