"""From the pixels of any file to 8-bit sRGB, a strip of rows at a time."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

STRIP_PIXELS = 1 << 20
"""Pixels that are converted at once: what is made on the way is never as large as the picture."""

_SRGB = ImageCms.createProfile("sRGB")
_COLOUR_SPACES = {
    "RGB ": ("RGB", "RGBA", "RGBa", "RGBX", "P", "PA"),
    "GRAY": ("1", "L", "LA", "La"),
    "CMYK": ("CMYK",),
    "Lab ": ("LAB",),
}
"""For the colour space of a profile the modes of the pictures that it can be about."""
_SAMPLES = 1_000_000


def to_srgb(image: Image.Image, *, reduce: int = 1) -> Image.Image:
    """Convert a picture to 8-bit sRGB.

    An embedded colour profile is applied, a broken one ignored; alpha is laid on white; 16-bit
    values are scaled; of floats, values that are no numbers are black, and highlights are cut off.

    Args:
        image: Of any mode; not changed.
        reduce: Make both sides so many times shorter, by averaging.

    Returns:
        An image of mode ``RGB``: the given one, if it is such and came from a file of one picture.
    """
    convert = _converter(image)
    if convert is None:
        if reduce == 1:
            # What came from one of these holds no decoder; a copy costs a tenth of the decoding.
            return image if image.format in ("JPEG", "PNG", "BMP", None) else image.copy()
        convert = _as_it_is
    rows = max(1, STRIP_PIXELS // image.width // reduce) * reduce
    if reduce == 1 and image.height <= rows:
        return convert(image)
    made = Image.new("RGB", (-(-image.width // reduce), -(-image.height // reduce)))
    for top in range(0, image.height, rows):
        strip = convert(image.crop((0, top, image.width, min(top + rows, image.height))))
        made.paste(strip.reduce(reduce) if reduce > 1 else strip, (0, top // reduce))
    return made


Convert = Callable[[Image.Image], Image.Image]


def _as_it_is(image: Image.Image) -> Image.Image:
    return image


def _converter(image: Image.Image) -> Convert | None:
    """What makes a strip of a picture RGB; None where it is."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        scale = 255 / _white(image)
        coloured = _by_profile(image.info.get("icc_profile"), "L")
        return lambda strip: coloured(_to_eight_bits(strip, scale))
    coloured = _by_profile(image.info.get("icc_profile"), image.mode)
    if image.has_transparency_data:
        return lambda strip: _on_white(strip, coloured)
    if image.mode == "RGB" and coloured is _plain:
        return None
    return coloured


def _plain(image: Image.Image) -> Image.Image:
    return image.convert("RGB")


def _by_profile(profile: object, mode: str) -> Convert:
    """What makes a picture of a mode RGB, as an embedded profile has it."""
    if not isinstance(profile, bytes) and mode != "LAB":
        return _plain
    # A broken or mismatched profile: the plain values are the best guess.
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        source = ImageCms.ImageCmsProfile(
            io.BytesIO(profile) if isinstance(profile, bytes) else ImageCms.createProfile("LAB")
        )
        if mode not in _COLOUR_SPACES.get(source.profile.xcolor_space, ()):
            return _plain
        given = {"GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}.get(source.profile.xcolor_space, "RGB")
        transform = ImageCms.buildTransform(source, _SRGB, given, "RGB")
        return lambda image: transform.apply(image if image.mode == given else image.convert(given))
    return _plain


def _on_white(image: Image.Image, coloured: Convert) -> Image.Image:
    image = image.convert("RGBA")
    alpha = image.getchannel("A")
    picture = image if coloured is _plain else coloured(image)
    picture = picture.convert("RGBA")
    picture.putalpha(alpha)
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _to_eight_bits(image: Image.Image, scale: float) -> Image.Image:
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.asarray(image, dtype=np.float32) * np.float32(scale)
    return Image.fromarray(np.clip(np.nan_to_num(values, nan=0.0), 0, 255).astype(np.uint8))


def _white(image: Image.Image) -> float:
    """The value that is to be white: 32-bit modes say nothing of their range."""
    if image.mode.startswith("I;16"):
        return 65535.0
    # Some highlights may lie far above the rest, so that the largest value says nothing.
    high = float(np.percentile(values, 99)) if (values := _some_values(image)).size else 1.0
    if image.mode == "I":
        return max(high, 65535.0)
    # 0..1 and 0..255 are usual; what goes a little beyond 1 is light itself, as in HDR.
    return 1.0 if high <= 1 else 255.0 if 16 < high <= 255 else high


def _some_values(image: Image.Image) -> NDArray[np.float32]:
    """Finite values of a picture, a million of them at most."""
    step = int(np.ceil(np.sqrt(image.width * image.height / _SAMPLES)))
    rows = max(1, STRIP_PIXELS // image.width)
    parts = []
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        parts.append(np.asarray(strip, dtype=np.float32)[::step, ::step].ravel())
    values = np.concatenate(parts)
    return values[np.isfinite(values)]
