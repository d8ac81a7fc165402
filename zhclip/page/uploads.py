"""Pictures that visitors drop on the page: small copies, in memory alone, each for the one who dropped it."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict

from PIL import Image

from zhclip.errors import PictureError
from zhclip.models import open_image
from zhclip.server.limits import check_picture

_LONGEST = 1024
_MOST_OF_A_VISITOR = 32
_MOST = 96


class Uploads:
    """The pictures that were dropped last.

    Args:
        max_pixels: The most that a picture may have.
    """

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._kept: dict[str, OrderedDict[str, Image.Image | PictureError]] = {}
        self._lock = threading.Lock()

    def put(self, visitor: str, content: bytes) -> str:
        """Keep a picture for a visitor; what cannot be read is only known when it is asked for.

        Args:
            visitor: Who dropped it.
            content: The file, which is let go.

        Returns:
            An id that nobody can guess, by which the visitor asks for it.
        """
        key = f"u{secrets.token_hex(16)}"
        picture = self._read(content)
        with self._lock:
            own = self._kept.setdefault(visitor, OrderedDict())
            own[key] = picture
            if len(own) > _MOST_OF_A_VISITOR:
                own.popitem(last=False)
            if sum(map(len, self._kept.values())) > _MOST:
                self._let_go()
        return key

    def get(self, visitor: str, key: str) -> Image.Image:
        """The picture of an id.

        Raises:
            PictureError: It cannot be read, was let go since, or is another visitor's.
        """
        with self._lock:
            picture = self._kept.get(visitor, OrderedDict()).get(key)
        if picture is None:
            raise PictureError("the picture that was dropped is no longer here; drop it again")
        if isinstance(picture, PictureError):
            raise picture
        return picture

    def _read(self, content: bytes) -> Image.Image | PictureError:
        try:
            check_picture(content, max_pixels=self._max_pixels)
            picture = open_image(content, shrink_to=_LONGEST)
        except PictureError as error:
            return error.with_traceback(None)  # which would keep the file
        picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
        return picture

    def _let_go(self) -> None:
        """Let the oldest picture go of whoever has most, so that nobody's flood costs others theirs."""
        visitor, own = max(self._kept.items(), key=lambda kept: len(kept[1]))
        own.popitem(last=False)
        if not own:
            del self._kept[visitor]
