"""Pictures that were dropped on the page: small copies, in memory alone."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path

from PIL import Image

from zhclip.errors import PictureError
from zhclip.models import open_image
from zhclip.models.image import register_heif

MAX_PIXELS = 100_000_000
_LONGEST = 1024
_MOST = 32


class Uploads:
    """The pictures that were dropped last, by their content."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[str, Image.Image] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, file: Path) -> str:
        """Keep a picture, and give the key that it is known by from now on.

        Raises:
            PictureError: It cannot be read, or has over :data:`MAX_PIXELS`.
        """
        key = "u" + hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()
        register_heif()
        try:
            with Image.open(file) as image:
                width, height = image.size
        except Exception as error:  # decoders raise nearly anything over damaged files
            raise PictureError("{path} is not a picture that can be read, or is damaged", path=file.name) from error
        if width * height > MAX_PIXELS:
            raise PictureError(
                "{path} is {width} x {height}, over the limit of {limit} million pixels; scale it down to use it",
                path=file.name,
                width=width,
                height=height,
                limit=MAX_PIXELS // 1000000,
            )
        picture = open_image(file, shrink_to=_LONGEST)
        picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
        with self._lock:
            self._pictures[key] = picture
            self._pictures.move_to_end(key)
            while len(self._pictures) > _MOST:
                self._pictures.popitem(last=False)
        return key

    def get(self, key: str) -> Image.Image:
        """The picture of a key.

        Raises:
            PictureError: It was let go since.
        """
        with self._lock:
            picture = self._pictures.get(key)
        if picture is None:
            raise PictureError("the picture that was dropped is no longer here; drop it again")
        return picture
