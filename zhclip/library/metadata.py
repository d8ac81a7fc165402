"""What picture files say of themselves: format, size, time, camera, place, and words beside them."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from PIL import Image

from zhclip.library.exif import clean, read_exif
from zhclip.library.picture import Picture
from zhclip.library.scan import FoundFile
from zhclip.library.sidecars import Words, make_words, read_sidecar, read_xmp
from zhclip.messages import Message
from zhclip.models.picture_file import TURNED, open_picture_file, orientation_of

__all__ = ["Words", "clean", "make_words", "read_picture", "read_sidecar"]


def read_picture(file: FoundFile, content: str, given: Words | None = None) -> tuple[Picture, dict[str, str]]:
    """Read what there is to know of a picture file, without decoding it.

    What stands beside the pixels is read as far as it can be: none of it decides about the picture.

    Args:
        file: The file.
        content: Hash of its content.
        given: Words from elsewhere, which go before those of the sidecars.

    Returns:
        The picture, and the sidecars that could not be read, each with the reason.

    Raises:
        PictureError: The file cannot be opened, or is no picture.
    """
    words = given or Words()
    problems: dict[str, str] = {}
    for sidecar in file.sidecars:
        try:
            words |= read_sidecar(Path(sidecar))
        # Whatever is wrong with a sidecar costs its words alone.
        except Exception as error:  # noqa: BLE001
            problems[sidecar] = Message(
                "the words about {name} cannot be read: {error}", name=Path(file.path).name, error=error
            )
    with open_picture_file(file.path) as image:
        exif = read_exif(image)
        width, height = image.size
        if orientation_of(image) in TURNED:
            width, height = height, width
        words |= _embedded(image)
        form = (image.format or "").upper()
    latitude, longitude = exif.place or words.place or (None, None)
    picture = Picture(
        path=Path(file.path),
        content=content,
        format="JPEG" if form == "MPO" else form,
        width=width,
        height=height,
        bytes=file.size,
        taken=exif.taken or words.taken or _written(file),
        camera=exif.camera,
        latitude=latitude,
        longitude=longitude,
        caption=words.caption,
        tags=words.tags,
    )
    return picture, problems


def _embedded(image: Image.Image) -> Words:
    """The words of the XMP inside of a picture; none where it is damaged."""
    embedded = image.info.get("xmp")
    if isinstance(embedded, tuple) and embedded:
        embedded = embedded[0]
    if isinstance(embedded, bytes | str):
        with suppress(Exception):
            return read_xmp(embedded)
    return Words()


def _written(file: FoundFile) -> datetime:
    """The time of a file, by this machine's clock."""
    try:
        return datetime.fromtimestamp(file.mtime_ns // 1_000_000_000)
    except (OverflowError, ValueError, OSError):  # a file system may say anything
        return datetime(1970, 1, 1)
