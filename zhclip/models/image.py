"""Picture preparation: the one place where files become pixels.

Every picture comes through :func:`open_image`: upright, sRGB, without transparency, and
never larger in memory than :data:`MAX_PIXELS`.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from zhclip.errors import PictureError

ImageSource = str | Path | bytes | Image.Image
"""What a picture may be given as: a path, the bytes of a file, or an opened PIL image."""

MAX_PIXELS = 200_000_000
"""Pictures of more pixels are refused: at 3 bytes a pixel they would take over 600 MB."""

PICTURE_SUFFIXES = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib",
    ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif",
))  # fmt: skip
"""Endings, in lower case, of picture files."""

SHRINK = 2
"""Large JPEGs are decoded at a scale at which both sides are still this many times the model's input."""

# The limit above is ours and is checked before decoding; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None

_SRGB = ImageCms.createProfile("sRGB")
_registered = False


def register_heif() -> None:
    """Teach Pillow HEIC, once (AVIF it knows by itself)."""
    global _registered
    if not _registered:
        from pillow_heif import register_heif_opener

        register_heif_opener()
        _registered = True


def open_image(source: ImageSource, *, shrink_to: int | None = None) -> Image.Image:
    """Open a picture as upright sRGB.

    EXIF orientation is applied, an embedded colour profile is converted to sRGB, alpha is
    laid on white, 16-bit and palette pictures become 8-bit RGB, of an animation the first
    frame is taken.

    Args:
        source: A path, the bytes of a file, or a PIL image (which is not changed).
        shrink_to: Let the JPEG decoder work at a reduced scale whose sides are still at
            least this many pixels: several times faster for large photos.

    Returns:
        A new image of mode ``RGB``.

    Raises:
        PictureError: The file is missing, not a picture, damaged, or too large.
    """
    name = _name(source)
    register_heif()
    try:
        if isinstance(source, Image.Image):
            return _to_rgb(source.copy())
        with warnings.catch_warnings():
            # Pillow warns of odd metadata in pictures that it reads all the same.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise PictureError(
                        "{path} is {width} x {height}, over the limit of {limit} million pixels; scale it down "
                        "to use it",
                        path=name,
                        width=image.width,
                        height=image.height,
                        limit=MAX_PIXELS // 1000000,
                    )
                if shrink_to and image.format in ("JPEG", "MPO"):  # of HEIC it would take a thumbnail
                    image.draft(None, (shrink_to, shrink_to))
                return _to_rgb(image)
    except FileNotFoundError:
        raise PictureError("no picture at {path}; check the path", path=name) from None
    except UnidentifiedImageError:
        raise PictureError("{path} is not a picture that can be read, or is damaged", path=name) from None
    except PermissionError:
        raise PictureError("{path} may not be read; check its permissions", path=name) from None
    except PictureError:
        raise
    # Decoders raise nearly anything over damaged files, SyntaxError and struct.error among them.
    except Exception as error:
        raise PictureError("{path} is damaged: {error}", path=name, error=error) from error


def _name(source: ImageSource) -> str:
    if isinstance(source, bytes):
        return "the picture"
    if isinstance(source, Image.Image):
        return getattr(source, "filename", "") or "the picture"
    return str(source)


def _to_rgb(image: Image.Image) -> Image.Image:
    """An image of our own, which may be changed, as upright sRGB."""
    profile = image.info.get("icc_profile")
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = _to_eight_bits(image)
    if profile and image.mode in ("RGB", "CMYK", "L"):
        image = _to_srgb(image, profile)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        canvas = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(canvas, image).convert("RGB")
    # A JPEG, as most are, is whole when it is decoded: a copy costs a tenth of the decoding.
    return image if image.mode == "RGB" and image.format == "JPEG" else image.convert("RGB")


def _to_eight_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image, dtype=np.float32)
    # 32-bit modes say nothing of their range: 16 bits for integers, 0..1 or 0..255 for floats.
    peak = 65535.0 if image.mode != "F" else (1.0 if values.max(initial=0.0) <= 1.0 else 255.0)
    return Image.fromarray(np.clip(values * (255.0 / peak), 0, 255).astype(np.uint8))


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except ImageCms.PyCMSError:
        return image  # a broken or mismatched profile: the plain values are the best guess
    return converted or image


@dataclass(frozen=True)
class ImagePreparation:
    """How a model wants its pictures.

    Args:
        size: Side of the square input in pixels.
        mean: Per channel, of values in 0..1.
        std: Per channel, of values in 0..1.
        resize: ``squash`` scales both sides to ``size`` (as Chinese-CLIP does, nothing is
            cut off); ``crop`` scales the short side and takes the centre.
    """

    size: int = 224
    mean: tuple[float, float, float] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, float, float] = (0.26862954, 0.26130258, 0.27577711)
    resize: Literal["squash", "crop"] = "squash"

    def __call__(self, source: ImageSource) -> NDArray[np.float32]:
        """Open and prepare one picture.

        Returns:
            float32 array ``[3, size, size]``.

        Raises:
            PictureError: As :func:`open_image`.
        """
        return self.pixels(open_image(source))

    def read(self, source: ImageSource) -> NDArray[np.uint8]:
        """Open one picture and scale it to what the model sees, a large JPEG in part while it is decoded.

        Some times faster than decoding it whole, and so close that its vector's cosine stays above 0.999.

        Returns:
            uint8 array ``[size, size, 3]``.

        Raises:
            PictureError: As :func:`open_image`.
        """
        return np.asarray(self.fit(open_image(source, shrink_to=SHRINK * self.size)))

    def fit(self, image: Image.Image) -> Image.Image:
        """Scale an RGB image to the square that the model sees."""
        if self.resize == "squash":
            return image.resize((self.size, self.size), Image.Resampling.BICUBIC)
        return ImageOps.fit(image, (self.size, self.size), Image.Resampling.BICUBIC)

    def pixels(self, image: Image.Image) -> NDArray[np.float32]:
        """Scale and normalize an opened RGB image to a float32 array ``[3, size, size]``."""
        return self.normalize(np.asarray(self.fit(image)))

    def normalize(self, values: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Bring uint8 values ``[..., height, width, 3]`` to float32 ``[..., 3, height, width]``."""
        std = np.asarray(self.std, dtype=np.float32)
        scale = np.float32(1 / 255) / std
        shift = np.asarray(self.mean, dtype=np.float32) / std
        planes = np.empty((*values.shape[:-3], 3, *values.shape[-3:-1]), dtype=np.float32)
        for channel in range(3):  # five times faster than all at once, whose innermost loop is of three
            plane = planes[..., channel, :, :]
            np.multiply(values[..., channel], scale[channel], out=plane, dtype=np.float32)
            plane -= shift[channel]
        return planes

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return asdict(self)
