"""The pictures that the page shows: small copies of what the library holds, and nothing else."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Response
from PIL import Image

from zhclip.errors import LibraryNotFoundError, PictureError
from zhclip.models import open_image

if TYPE_CHECKING:
    from zhclip.search import Library

SIZES = {"small": 480, "large": 1600}
"""The longest side in pixels of each copy that is served."""

_CACHED = 512


def picture_router(library: Library) -> APIRouter:
    """The route ``/pictures/{identity}?size=small|large``.

    A browser can ask for a picture by its id in the library alone, never by a path. Copies
    are made when they are asked for, carry none of the original's metadata, and are kept in
    memory alone.

    Args:
        library: What holds the pictures.
    """
    router = APIRouter(include_in_schema=False)
    # The content's hash is part of the key: a file that was changed and indexed again is copied anew.
    cached = lru_cache(maxsize=_CACHED)(lambda path, content, longest: make_copy(path, longest))

    @router.get("/pictures/{identity}")
    def picture(identity: str, size: str = "small") -> Response:
        try:
            picture = library.get_by_id(identity)
            if picture is None or size not in SIZES:
                raise HTTPException(404)
            content = cached(picture.path, picture.content, SIZES[size])
        except (LibraryNotFoundError, PictureError):
            raise HTTPException(404) from None
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})

    return router


def make_copy(path: Path, longest: int) -> bytes:
    """A picture as a JPEG file whose longer side is at most ``longest`` pixels.

    Raises:
        PictureError: It is gone, or can no longer be read.
    """
    image = open_image(path, shrink_to=longest)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=85, optimize=True)
    return content.getvalue()
