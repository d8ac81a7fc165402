"""Small copies of pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from zhclip.models.decoding import decoded
from zhclip.server.originals import open_original

if TYPE_CHECKING:
    from zhclip.library import Picture

SIZES = {"small": 480, "large": 1600}
"""The longest side in pixels of each copy that is served."""


def make_copy(picture: Picture, longest: int) -> bytes:
    """A picture of the library as a JPEG file whose longer side is at most ``longest`` pixels.

    Raises:
        PictureError: It is gone, is no longer the one that was indexed, or cannot be read.
    """
    with open_original(picture).file as file, decoded(file, shrink_to=longest) as image:
        return to_jpeg(image, longest)


def to_jpeg(image: Image.Image, longest: int) -> bytes:
    """A JPEG file of a picture, scaled down to at most ``longest`` pixels."""
    image = image.copy()
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=85, optimize=True)
    return content.getvalue()
