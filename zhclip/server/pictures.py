"""``/v1/pictures``: what the library holds, and no other file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from PIL import Image

from zhclip.errors import PictureError
from zhclip.models.image import register_heif
from zhclip.server.one_picture import gone, open_file, picture_of
from zhclip.server.service import ERRORS, Service
from zhclip.server.thumbnails import SIZES, make_copy

if TYPE_CHECKING:
    from zhclip.library import Picture

_CHUNK = 256 << 10
_CACHED = 512
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PRIVATE = "private, max-age=600"


def picture_routes(service: Service) -> APIRouter:
    """The routes that give pictures, by their ids alone."""
    router = APIRouter(tags=["pictures"], responses=ERRORS)
    # The content's hash is part of the key: a file that was changed and indexed again is copied anew.
    small = lru_cache(maxsize=_CACHED)(lambda path, content: make_copy(path, SIZES["small"]))

    @router.get(
        "/v1/pictures/{identity}",
        response_class=Response,
        responses={200: {"content": {"image/*": _BINARY}, "description": "The file as it is"}},
    )
    async def original(request: Request, identity: str) -> Response:
        """The file of a picture."""

        def read() -> Response:
            picture = picture_of(service, identity)
            file, size, kind = _open(picture)
            headers = {
                "Content-Length": str(size),
                "Content-Disposition": f"inline; filename*=UTF-8''{quote(picture.path.name, safe='')}",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": _PRIVATE,
            }
            return StreamingResponse(_chunks(file), media_type=kind, headers=headers)

        return await service.words.run(request, read)

    @router.get(
        "/v1/pictures/{identity}/thumbnail",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": _BINARY}, "description": "A JPEG of at most 480 pixels a side"}},
    )
    async def thumbnail(request: Request, identity: str) -> Response:
        """A small copy of a picture, without what the file says of place and camera."""

        def copy() -> Response:
            picture = picture_of(service, identity)
            try:
                content = small(picture.path, picture.content)
            except PictureError:
                raise gone() from None
            return Response(content, media_type="image/jpeg", headers={"Cache-Control": _PRIVATE})

        return await service.pictures.run(request, copy)

    return router


def _open(picture: Picture) -> tuple[BinaryIO, int, str]:
    """A picture's file, its size in bytes and its media type; what is there now must still be a picture."""
    register_heif()
    file = open_file(picture)
    try:
        with Image.open(file) as image:
            kind = Image.MIME.get(image.format or "", "")
        size = file.seek(0, 2)
        file.seek(0)
    except Exception:  # noqa: BLE001 - decoders raise nearly anything over damaged files
        file.close()
        raise gone() from None
    return file, size, kind if kind.startswith("image/") else "application/octet-stream"


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
