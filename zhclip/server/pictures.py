"""``/v1/pictures``: what the library holds, and no other file."""

from __future__ import annotations

from functools import lru_cache

from fastapi import APIRouter, Request, Response

from zhclip.errors import PictureError
from zhclip.server.one_picture import gone, picture_of
from zhclip.server.originals import PRIVATE, original_response
from zhclip.server.service import ERRORS, Service
from zhclip.server.thumbnails import SIZES, make_copy

_CACHED = 512
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def picture_routes(service: Service) -> APIRouter:
    """The routes that give pictures, by their ids alone."""
    router = APIRouter(tags=["pictures"], responses=ERRORS)
    # A picture's content is part of it: a file that was changed and indexed again is copied anew.
    copy_of = lru_cache(maxsize=_CACHED)(make_copy)

    @router.get(
        "/v1/pictures/{identity}",
        response_class=Response,
        responses={200: {"content": {"image/*": _BINARY}, "description": "The file as it is"}},
    )
    async def original(request: Request, identity: str) -> Response:
        """The file of a picture."""

        def read() -> Response:
            picture = picture_of(service, identity)
            try:
                return original_response(picture)
            except PictureError:
                raise gone() from None

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
                content = copy_of(picture, SIZES["small"])
            except PictureError:
                raise gone() from None
            return Response(content, media_type="image/jpeg", headers={"Cache-Control": PRIVATE})

        return await service.pictures.run(request, copy)

    return router
