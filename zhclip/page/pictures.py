"""The pictures that the page shows: small copies of what searches found, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from PIL import Image

from zhclip.errors import PictureError
from zhclip.models import open_image

SIZES = {"small": 480, "large": 1600}
"""The longest side in pixels of each copy that is served."""

_CACHED = 512


class FoundPictures:
    """Pictures that a search found, by keys that cannot be guessed.

    A browser can ask for a picture only by a key, and a key exists only once a search has
    found the picture: no path ever comes from the browser. Copies are made when they are
    asked for, carry none of the original's metadata, and are kept in memory alone.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._paths: dict[str, Path] = {}
        self._copy = lru_cache(maxsize=_CACHED)(make_copy)

    def key(self, path: Path) -> str:
        """The key of a picture, which may be asked for from now on."""
        key = hmac.new(self._secret, bytes(path), hashlib.sha256).hexdigest()[:32]
        self._paths[key] = path
        return key

    def path(self, key: str) -> Path | None:
        """The picture of a key; None where the key is none of ours."""
        return self._paths.get(key)

    def router(self) -> APIRouter:
        """The route ``/pictures/{key}?size=small|large`` that serves the copies."""
        router = APIRouter()

        @router.get("/pictures/{key}")
        def picture(key: str, size: str = "small") -> Response:
            path = self.path(key)
            if path is None or size not in SIZES:
                raise HTTPException(404)
            try:
                content = self._copy(path, SIZES[size])
            except PictureError:
                raise HTTPException(404) from None
            return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})

        return router


def make_copy(path: Path, longest: int) -> bytes:
    """A picture as a JPEG file whose longer side is at most ``longest`` pixels.

    Raises:
        PictureError: It is gone, or can no longer be read.
    """
    # The decoder's reduced scale bounds the shorter side, so half of the longest is enough for it.
    image = open_image(path, shrink_to=longest)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=85, optimize=True)
    return content.getvalue()
