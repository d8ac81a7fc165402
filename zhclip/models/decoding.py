"""Decoding pictures in bounded memory, all threads together."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, cast

from PIL import Image, ImageFile, TiffImagePlugin

from zhclip.errors import PictureError
from zhclip.models.colour import STRIP_PIXELS, to_srgb
from zhclip.models.mending import Jpeg, with_end
from zhclip.models.picture_file import (
    TURNED,
    PictureFile,
    check_size,
    explained,
    name_of,
    open_picture_file,
    orientation_of,
)

MEMORY = 1 << 30
"""Bytes that all decodes of the process take together, as estimated before they begin."""

MEMORY_OF_ONE = 2 << 30
"""Bytes that a single picture may take, while no other is decoded; one that needs more is refused."""

LARGE = 32_000_000
"""Pixels from which a picture is scaled down as it is decoded, wherever less is wanted of it."""

# Bytes a pixel that decoders hold beside the picture they give, as measured.
_OF_DECODER = {"WEBP": 12, "AVIF": 8, "HEIF": 5, "GIF": 2}
_OF_PROGRESSIVE = 6
_OF_MODE = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip


class MemoryBudget:
    """Memory that threads take turns to use, first come, first served.

    Args:
        size: Bytes that may be held at once; one thread alone may hold more.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._held = 0
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Wait until so many bytes are free, and hold them."""
        turn = object()
        with self._changed:
            self._waiting.append(turn)
            try:
                self._changed.wait_for(
                    lambda: self._waiting[0] is turn and (not self._held or self._held + amount <= self.size)
                )
                self._held += amount
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._held -= amount
                self._changed.notify_all()


_budget = MemoryBudget(MEMORY)


@contextmanager
def decoded(
    source: PictureFile | Image.Image, *, shrink_to: int | None = None, exact: bool = False
) -> Iterator[Image.Image]:
    """Decode a picture as upright sRGB, and hold the memory for it meanwhile.

    Args:
        source: A picture file, or a PIL image (which is not changed).
        shrink_to: Decode at a reduced scale whose sides are still at least this many pixels, where that is cheaper.
        exact: Do so with large pictures alone.

    Yields:
        A new image of mode ``RGB``.

    Raises:
        PictureError: The file is missing, not a picture, damaged, or too large.
    """
    name = name_of(source)
    with ExitStack() as stack:
        with explained(name):
            image: Image.Image
            drawn = None
            if isinstance(source, Image.Image):
                check_size(source, name)
                image = source
            else:
                image = stack.enter_context(open_picture_file(source))
            large = image.width * image.height > LARGE
            taken = _whole(image)
            if image is not source and isinstance(image, Jpeg):  # HEIC would give a thumbnail
                drawn = shrink_to if large or not exact else None
                _draw(image, drawn)
            factor = max(1, min(image.size) // shrink_to) if large and shrink_to else 1
            turn = orientation_of(image)
            amount = taken + _held(image, factor, turned=turn > 1)
            if amount > MEMORY_OF_ONE:
                raise PictureError(
                    "{path} is {width} x {height}, and to decode it takes {gigabytes} GB of memory; "
                    "scale it down to use it",
                    path=name,
                    width=image.width,
                    height=image.height,
                    gigabytes=f"{amount / 1e9:.1f}",
                )
            stack.enter_context(_budget.hold(amount))
            if image is not source:
                image = _load(image, drawn)
            picture = to_srgb(image, reduce=factor)
            if turn in _TURNS:
                picture = picture.transpose(_TURNS[turn])
            picture = picture.copy() if picture is source else picture
            picture.info = {}  # what was said of turning and colours has been done
        yield picture


def _whole(image: Image.Image) -> int:
    """Bytes that a decoder holds of the whole picture, whatever the scale at which it gives it."""
    pixels = image.width * image.height
    if image.info.get("progressive"):
        return _OF_PROGRESSIVE * pixels
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _largest_tile(image)
    return _OF_DECODER.get(image.format or "", 0) * pixels


def _largest_tile(image: TiffImagePlugin.TiffImageFile) -> int:
    """Bytes of a tile or strip of a TIFF, which may be larger than the picture."""
    tags = image.tag_v2
    width, height = (int(tags.get(tag, 0) or 0) for tag in (TiffImagePlugin.TILEWIDTH, TiffImagePlugin.TILELENGTH))
    rows = min(int(tags.get(TiffImagePlugin.ROWSPERSTRIP, image.height)), image.height)
    bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    samples = int(tags.get(TiffImagePlugin.SAMPLESPERPIXEL, 1))
    return max(width * height, image.width * rows) * samples * (-(-max(bits) // 8))


def _held(image: Image.Image, factor: int, *, turned: bool) -> int:
    """Bytes of a picture as the decoder gives it, and of what becomes of it."""
    pixels = image.width * image.height
    as_it_is = _OF_MODE.get(image.mode, 4)
    if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(0x0112, 1) != 1:
        as_it_is *= 2
    made = 4 * (2 if turned else 1) / factor**2
    return int(pixels * (as_it_is + made)) + 32 * min(STRIP_PIXELS, pixels)


def _draw(image: Jpeg, least: int | None) -> None:
    """Have a JPEG decoded at a reduced scale."""
    if least:
        image.draft(None, (least, least))


def _load(image: Image.Image, drawn: int | None) -> Image.Image:
    """Decode what was opened, and a JPEG without the mark of its end, too."""
    assert isinstance(image, ImageFile.ImageFile)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # Made here, for Pillow would look at its global limit first.
        width, height = image.size
        lying = image.tag_v2.get(0x0112) in TURNED
        image.im = Image.new(image.mode, (height, width) if lying else (width, height)).im
    file = cast(BinaryIO | None, image.fp)
    try:
        image.load()
    except OSError:
        mended = with_end(file) if file and isinstance(image, Jpeg) else None
        if mended is None:
            raise
        image = Jpeg(mended)
        _draw(image, drawn)
        image.load()
    return image
