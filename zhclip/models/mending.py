"""Picture files whose pixels are whole, and what stands beside them is not: PNG chunks, the end of a JPEG."""

from __future__ import annotations

import io
import random
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate, count
from typing import BinaryIO, NamedTuple, cast

from PIL import ImageChops, JpegImagePlugin

from zhclip.errors import PictureError

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_MOST_INFLATED = 1 << 20
"""Bytes of a compressed chunk: what Pillow reads at most."""
_MOST_KEPT = 16 << 20
"""Bytes of a chunk that stands in the file as it is."""
_MOST_CHUNKS = 200_000
"""Chunks of a PNG: at their usual 8 KB, of pixels that are larger than any picture that is decoded."""
_END_OF_IMAGE = b"\xff\xd9"
_NOISE = random.Random(0).randbytes(4096).replace(b"\xff", b"")


class Jpeg(JpegImagePlugin.JpegImageFile):
    """A JPEG, of several pictures the first; its EXIF block is no affair of opening it."""

    def _read_dpi_from_exif(self) -> None:
        """Do nothing: a damaged block would be warned of, or refused."""


class Part(NamedTuple):
    """A run of bytes of a file."""

    file: BinaryIO
    start: int
    length: int


class JoinedFile(io.RawIOBase):
    """Parts of files, read as if they were one file; nothing is copied.

    Args:
        parts: In their order. The files stay open, and are nobody else's to read meanwhile.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._ends = list(accumulate(part.length for part in parts))
        self._place = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        self._place = max(0, offset + (0, self._place, self._ends[-1])[whence])
        return self._place

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read the next bytes of one of the parts; 0 at the end."""
        row = bisect_right(self._ends, self._place)
        if row == len(self._parts):
            return 0
        file, start, length = self._parts[row]
        left = self._ends[row] - self._place
        file.seek(start + length - left)
        content = file.read(min(left, len(buffer)))
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)


def without_ancillary_chunks(file: BinaryIO, name: str) -> BinaryIO:
    """A PNG without the chunks that are not needed, or damaged, or would be huge once inflated.

    Pillow refuses the whole picture for any of those. What is kept of them goes before the
    pixels, so that it is known before these are decoded.

    Args:
        file: That begins as a PNG does.
        name: What to call it in messages.

    Raises:
        PictureError: It has more chunks than any picture.
    """
    critical: list[Part] = []
    kept: dict[bytes, Part] = {}
    place = len(PNG_SIGNATURE)
    for number in count():
        if number > _MOST_CHUNKS:
            raise PictureError("{path} has chunks without end; save it again as a PNG", path=name)
        file.seek(place)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4]), head[4:]
        part = Part(file, place, 12 + length)
        if len(head) < 8 or not kind.isalpha():
            critical.append(Part(file, place, file.seek(0, io.SEEK_END) - place))  # Pillow is to say what it is
            break
        place += part.length
        if kind[:1].isupper():
            if kind == b"IDAT" and len(critical) > 1 and critical[-1].start + critical[-1].length == part.start:
                part = Part(file, critical[-1].start, critical.pop().length + part.length)  # there may be thousands
            critical.append(part)
            if kind == b"IEND":
                break
        elif kind not in kept and length <= _MOST_KEPT and _is_wanted(kind, file.read(length + 4)):
            kept[kind] = part
    # The header is the first of the critical chunks.
    parts = [Part(file, 0, len(PNG_SIGNATURE)), *critical[:1], *kept.values(), *critical[1:]]
    return cast(BinaryIO, io.BufferedReader(JoinedFile([part for part in parts if part.length > 0]), 1 << 16))


def _is_wanted(kind: bytes, content: bytes) -> bool:
    """Whether an ancillary chunk says something that is used, and is whole."""
    data, checksum = content[:-4], content[-4:]
    if zlib.crc32(data, zlib.crc32(kind)) != int.from_bytes(checksum):
        return False
    key, _, rest = data.partition(b"\0")
    if kind == b"iCCP":
        return _inflates(rest[1:])
    if kind == b"iTXt" and key == b"XML:com.adobe.xmp":
        return rest[:1] == b"\0" or _inflates(rest[2:].split(b"\0", 2)[-1])
    if kind == b"zTXt" and key == b"Raw profile type exif":
        return _inflates(rest[1:])
    return kind in (b"tRNS", b"eXIf") or (kind == b"tEXt" and key == b"Raw profile type exif")


def _inflates(data: bytes) -> bool:
    """Whether compressed data is whole, and no more than Pillow reads."""
    inflater = zlib.decompressobj()
    with suppress(zlib.error):
        inflater.decompress(data, _MOST_INFLATED)
    return inflater.eof


def with_end(file: BinaryIO) -> BinaryIO | None:
    """A JPEG that lacks the mark of its end and nothing else, with it; None where pixels are missing, too.

    Args:
        file: A JPEG file of which Pillow says that it is cut off.
    """
    length = file.seek(0, io.SEEK_END)
    file.seek(max(length - 1, 0))
    whole = Part(file, 0, length - file.read(1).endswith(b"\xff"))
    mended, disturbed = (_joined(whole, tail) for tail in (_END_OF_IMAGE, _NOISE + _END_OF_IMAGE))
    try:
        # Where all pixels are there, what follows them does not matter; missing ones are made of it.
        same = ImageChops.difference(_compared(mended), _compared(disturbed)).getbbox() is None
    except Exception:  # noqa: BLE001 - decoders raise nearly anything over damaged files
        return None
    return _joined(whole, _END_OF_IMAGE) if same else None


def _joined(part: Part, tail: bytes) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(JoinedFile([part, Part(io.BytesIO(tail), 0, len(tail))]), 1 << 16))


def _compared(file: BinaryIO) -> Jpeg:
    """A JPEG, decoded at an eighth of its sides; a progressive one, whose details come last, at its own."""
    image = Jpeg(file)
    if not image.info.get("progressive"):
        image.draft(None, (1, 1))
    image.load()
    return image
