"""Small copies of pictures."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from zhclip.models import open_image

SIZES = {"small": 480, "large": 1600}
"""The longest side in pixels of each copy that is served."""


def make_copy(path: Path, longest: int) -> bytes:
    """A picture as a JPEG file whose longer side is at most ``longest`` pixels.

    Raises:
        PictureError: It is gone, or can no longer be read.
    """
    return to_jpeg(open_image(path, shrink_to=longest), longest)


def to_jpeg(image: Image.Image, longest: int) -> bytes:
    """A JPEG file of a picture, scaled down to at most ``longest`` pixels."""
    image = image.copy()
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=85, optimize=True)
    return content.getvalue()
