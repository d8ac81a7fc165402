"""Opening picture files: of the documented formats alone, by their content, and without decoding anything."""

from __future__ import annotations

import io
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from zhclip.errors import PictureError
from zhclip.models.mending import PNG_SIGNATURE, Jpeg, without_ancillary_chunks

PictureFile = str | Path | bytes | BinaryIO
"""Where a picture file may be: at a path, in memory, or opened."""

PICTURE_SUFFIXES = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib",
    ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif",
))  # fmt: skip
"""Endings, in lower case, of picture files."""

MAX_PIXELS = 200_000_000
"""Pictures of more pixels are refused."""

MAX_SIDE = 500_000
"""Pictures of a longer side are refused, in pixels: to scale one takes a table as long as its side."""

TURNED = (5, 6, 7, 8)
"""EXIF orientations of pictures that lie on their side."""

_OPENERS: dict[str, Callable[[BinaryIO], ImageFile.ImageFile]] = {
    "JPEG": Jpeg,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "DIB": BmpImagePlugin.DibImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}
"""What Pillow opens for us, in this order; it knows forty other formats, and starts programs for some of them."""

PICTURE_FORMATS = (*_OPENERS, "HEIF")
"""The formats of picture files, as Pillow names them."""


@contextmanager
def open_picture_file(source: PictureFile) -> Iterator[ImageFile.ImageFile]:
    """Open a picture file and read its head: format, size, mode and what is beside the pixels.

    Unlike ``PIL.Image.open`` it depends on no setting of Pillow's and changes none, opens the
    documented formats alone, and bounds the size itself.

    Args:
        source: A path, the bytes of a file, or a file, which stays open.

    Yields:
        The picture; its pixels are decoded when they are first needed (see :func:`zhclip.models.open_image`).

    Raises:
        PictureError: The file is missing, is no picture, or is larger than :data:`MAX_PIXELS`.
    """
    name = name_of(source)
    with explained(name):
        file = _open(source, name)
    try:
        with explained(name):
            image = _identify(file, name)
            check_size(image, name)
        yield image
    finally:
        if file is not source:
            file.close()


def check_size(image: Image.Image, name: str) -> None:
    """Refuse a picture that is too large to be decoded.

    Raises:
        PictureError: It is.
    """
    if image.width * image.height > MAX_PIXELS:
        raise PictureError(
            "{path} is {width} x {height}, over the limit of {limit} million pixels; scale it down to use it",
            path=name,
            width=image.width,
            height=image.height,
            limit=MAX_PIXELS // 1_000_000,
        )
    if max(image.size) > MAX_SIDE:
        raise PictureError(
            "{path} is {width} x {height}, over the limit of {limit} pixels a side; cut it into pieces to use it",
            path=name,
            width=image.width,
            height=image.height,
            limit=f"{MAX_SIDE:,}",
        )


def orientation_of(image: Image.Image) -> int:
    """How a picture is to be turned once it is decoded, as EXIF numbers it: 1 where it is upright.

    Never decodes it, and reads none of what is damaged.
    """
    if image.format == "TIFF":
        return 1  # Pillow turns these itself, their size too
    with suppress(Exception):
        # PNG's own getexif would decode the whole picture first.
        value = int(Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1))
        if value in range(2, 9):
            return value
    return 1


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Make whatever goes wrong with a picture a PictureError that names it."""
    try:
        yield
    except PictureError:
        raise
    except FileNotFoundError:
        raise PictureError("no picture at {path}; check the path", path=name) from None
    except PermissionError:
        raise PictureError("{path} may not be read; check its permissions", path=name) from None
    except IsADirectoryError:
        raise PictureError("{path} is a folder, not a picture; name the files in it", path=name) from None
    except MemoryError:
        raise PictureError(
            "{path} takes more memory to decode than there is; scale it down to use it", path=name
        ) from None
    # Decoders raise nearly anything over damaged files, SyntaxError and struct.error among them.
    except Exception as error:
        if isinstance(error, OSError) and error.errno:  # of the disk, not of Pillow
            raise PictureError("{path} cannot be read: {error}", path=name, error=error) from error
        raise PictureError("{path} is damaged: {error}", path=name, error=error) from error


def name_of(source: PictureFile | Image.Image) -> str:
    """What to call a picture in messages."""
    if isinstance(source, str | Path):
        return str(source)
    return str(getattr(source, "filename", "") or "the picture")


def _open(source: PictureFile, name: str) -> BinaryIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if not isinstance(source, str | Path):
        return source
    path = Path(source)
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe would be waited for, a device read without end
        raise PictureError("{path} is not a file; name a picture file", path=name)
    return path.open("rb")


def _identify(file: BinaryIO, name: str) -> ImageFile.ImageFile:
    """What ``PIL.Image.open`` does, for our formats alone and with no regard to its global limit."""
    file.seek(0)
    prefix = file.read(16)
    if prefix.startswith(PNG_SIGNATURE):
        file = without_ancillary_chunks(file, name)
    for form, factory in _OPENERS.items():
        accept = Image.OPEN[form][1]
        with suppress(SyntaxError, IndexError, TypeError, struct.error):
            if accept is None or accept(prefix) is True:
                file.seek(0)
                return factory(file)
    from pillow_heif import HeifImageFile, is_supported

    # Used as it is, not registered: what the host program's Pillow opens is its own affair.
    if is_supported(io.BytesIO(prefix)):
        with suppress(SyntaxError):
            file.seek(0)
            return HeifImageFile(file)
    raise PictureError("{path} is not a picture that can be read, or is damaged", path=name)
