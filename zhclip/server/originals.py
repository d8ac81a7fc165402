"""The files of a library's pictures: the one place where they are opened for others to see."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import partial
from io import BufferedReader
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from zhclip.errors import PictureError, PictureGoneError
from zhclip.models.picture_file import open_picture_file

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from zhclip.library import Picture

_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "DIB": "image/bmp",
    "TIFF": "image/tiff",
    "HEIF": "image/heif",
    "AVIF": "image/avif",
}
_CHUNK = 256 << 10
PRIVATE = "private, max-age=600"
"""``Cache-Control`` of pictures: kept by a browser, for a while, and by nobody between."""
# A pipe must not be waited for; the flag is one of POSIX alone.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)


class Original(NamedTuple):
    """The file of a picture, opened for reading at its beginning."""

    file: BufferedReader
    size: int
    """In bytes."""
    media_type: str


def open_original(picture: Picture) -> Original:
    """Open the file of a picture, if it still is what was indexed.

    A row of the store says a path, and what lies at a path can be replaced, by a link to another file
    for instance; a row that was imported may name any path. So the file is served only where it is a regular
    file of the same size, kind and content as when it was indexed, and it is the opened file that is looked at.

    Args:
        picture: As a library gives it.

    Returns:
        The file, which the caller closes.

    Raises:
        PictureGoneError: There is no file that may be opened.
        PictureError: It is not the one that was indexed.
    """
    try:
        file = os.fdopen(os.open(picture.path, _FLAGS), "rb")
    except (OSError, ValueError):  # a path of an imported row may hold anything
        raise PictureGoneError("the file of this picture is gone, or may not be read") from None
    try:
        status = os.fstat(file.fileno())
        is_indexed = (
            stat.S_ISREG(status.st_mode)
            and status.st_size == picture.bytes
            and picture.format in _MEDIA_TYPES
            and _kind(file) == picture.format
            and _content(file) == picture.content
        )
        if not is_indexed:
            raise PictureError("the file of this picture is no longer the one that was indexed; index its folder again")
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Original(file, status.st_size, _MEDIA_TYPES[picture.format])


def original_response(picture: Picture) -> StreamingResponse:
    """The file of a picture, as it is, for a browser or a program; nothing in it can run in a page.

    Raises:
        PictureGoneError: There is no file that may be opened.
        PictureError: It is not the one that was indexed.
    """
    original = open_original(picture)
    headers = {
        "Content-Length": str(original.size),
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(picture.path.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": PRIVATE,
    }
    return _FileResponse(original.file, media_type=original.media_type, headers=headers)


def read_original(picture: Picture) -> bytes:
    """The bytes of a picture's file, if it still is what was indexed.

    Raises:
        PictureGoneError: There is no file that may be opened.
        PictureError: It is not the one that was indexed.
    """
    with open_original(picture).file as file:
        return file.read()


def _kind(file: BufferedReader) -> str | None:
    try:
        with open_picture_file(file) as image:
            return "JPEG" if image.format == "MPO" else image.format  # as metadata says
    except PictureError:
        return None


def _content(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


class _FileResponse(StreamingResponse):
    """Sends an opened file, and closes it however that ends."""

    def __init__(self, file: BufferedReader, **more: Any) -> None:
        super().__init__(iter(partial(file.read, _CHUNK), b""), **more)
        self.file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.file:
            await super().__call__(scope, receive, send)
