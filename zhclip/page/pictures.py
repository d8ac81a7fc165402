"""The pictures that the page shows: small copies of what the library holds, and the originals on request."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Response

from zhclip.errors import LibraryNotFoundError, PictureError
from zhclip.server.originals import PRIVATE, original_response
from zhclip.server.thumbnails import SIZES, make_copy

if TYPE_CHECKING:
    from zhclip.library import Picture
    from zhclip.search import Library

_SHOWN_BY_BROWSERS = frozenset(("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"))
_CACHED = 512


def picture_router(library: Library) -> APIRouter:
    """The routes ``/pictures/{identity}?size=small|large`` and ``/pictures/{identity}/original``.

    A browser can ask for a picture by its id in the library alone, never by a path. Copies
    are made when they are asked for, carry none of the original's metadata, and are kept in
    memory alone. An original that browsers cannot show is sent as a large copy.

    Args:
        library: What holds the pictures.
    """
    router = APIRouter(include_in_schema=False)
    # A picture's content is part of it: a file that was changed and indexed again is copied anew.
    copy_of = lru_cache(maxsize=_CACHED)(make_copy)

    def find(identity: str) -> Picture:
        try:
            picture = library.get_by_id(identity)
        except LibraryNotFoundError:
            picture = None
        if picture is None:
            raise HTTPException(404)
        return picture

    def copy(identity: str, size: str) -> Response:
        try:
            content = copy_of(find(identity), SIZES[size])
        except PictureError:
            raise HTTPException(404) from None
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": PRIVATE})

    @router.get("/pictures/{identity}")
    def small_picture(identity: str, size: str = "small") -> Response:
        if size not in SIZES:
            raise HTTPException(404)
        return copy(identity, size)

    @router.get("/pictures/{identity}/original")
    def original(identity: str) -> Response:
        picture = find(identity)
        if picture.format not in _SHOWN_BY_BROWSERS:
            return copy(identity, "large")
        try:
            return original_response(picture)
        except PictureError:
            raise HTTPException(404) from None

    return router
