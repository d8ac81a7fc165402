"""Picture files that the tests make, of forms that Pillow does not write."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageCms


def photo(*, size: tuple[int, int] = (64, 48), seed: int = 0) -> Image.Image:
    """A picture of coloured blocks, another one for each seed."""
    blocks = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST)


def to_file(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes, *, damaged: bool = False) -> bytes:
    """A PNG chunk, with a wrong checksum if it is to be damaged."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) ^ damaged)


def with_chunk(png: bytes, *chunks: bytes) -> bytes:
    """A PNG file with chunks behind its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def png_of(size: tuple[int, int], colour_type: int = 6, bits: int = 8) -> bytes:
    """A black PNG that is small as a file, whatever its size."""
    width, height = size
    row = bytes(1 + (width * {0: 1, 2: 3, 4: 2, 6: 4}[colour_type] * bits + 7) // 8)
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def swapped_profile() -> bytes:
    """A colour profile whose red and blue are exchanged: sRGB's, with the names of two tags swapped."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)
