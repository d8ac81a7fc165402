from __future__ import annotations

import io
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.models.pictures import chunk, photo, png_of, to_file, with_chunk
from zhclip.errors import PictureError
from zhclip.models import open_image
from zhclip.models.picture_file import open_picture_file

INFLATING = zlib.compress(bytes(3_000_000))


def test_importing_changes_nothing_of_the_host_programs() -> None:
    code = (
        "import warnings, numpy; from PIL import Image; before = Image.MAX_IMAGE_PIXELS, list(warnings.filters);"
        "import zhclip; zhclip.models.open_image;"
        "assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before and 'HEIF' not in Image.OPEN"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).stderr == b""


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"workflow\0\0" + INFLATING),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + INFLATING),
        chunk(b"iCCP", b"icc\0\0" + INFLATING),
        chunk(b"iCCP", b"icc\0\0no zlib"),
        chunk(b"iCCP", b"icc\0"),
        chunk(b"tEXt", bytes(70_000_000)),
        chunk(b"gAMA", b"\0\0\xb1\x8f", damaged=True),
        chunk(b"tIME", b"\0", damaged=True),
        chunk(b"eXIf", b"not Exif", damaged=True),
        chunk(b"pHYs", b""),
        chunk(b"acTL", b"\xff"),
        chunk(b"sBIT", b"") * 100,
    ],
    ids=lambda extra: repr(extra[4:8]),
)
def test_chunks_beside_the_pixels_of_a_png_do_not_decide(extra: bytes) -> None:
    whole = to_file(photo())
    np.testing.assert_array_equal(open_image(with_chunk(whole, extra)), photo())
    np.testing.assert_array_equal(open_image(whole[:-12] + extra + whole[-12:]), photo())


def test_chunks_without_end_are_refused() -> None:
    for kind in (b"tIME", b"TIME", b"IDAT"):
        with pytest.raises(PictureError, match="chunks without end"):
            open_image(with_chunk(to_file(photo()), chunk(kind, b"") * 300_000))


def test_damaged_pixels_of_a_png_are_refused() -> None:
    whole = to_file(photo())
    broken = bytearray(whole)
    broken[whole.index(b"IDAT") + 20] ^= 0xFF
    for content in (bytes(broken), whole[: len(whole) // 2], whole[:20], whole[:8]):
        with pytest.raises(PictureError):
            open_image(content)


def test_what_a_png_says_behind_its_pixels_is_known_before_they_are_decoded() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = to_file(photo(), exif=exif)
    start = whole.index(b"eXIf") - 4
    said = whole[start : start + 12 + int.from_bytes(whole[start : start + 4])]
    plain = to_file(photo())
    with open_picture_file(plain[:-12] + said + plain[-12:]) as image:
        assert "exif" in image.info
    assert open_image(plain[:-12] + said + plain[-12:]).size == (48, 64)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_needs_its_pixels_and_not_its_end(progressive: bool) -> None:
    content = to_file(photo(size=(400, 300)), "JPEG", progressive=progressive)
    for cut in (1, 2):
        for shrink_to in (None, 50):
            np.testing.assert_array_equal(
                open_image(content[:-cut], shrink_to=shrink_to), open_image(content, shrink_to=shrink_to)
            )
    for length in (len(content) - 5, len(content) // 2, len(content) // 4):
        with pytest.raises(PictureError, match="damaged"):
            open_image(content[:length])


def test_only_documented_formats_are_opened(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    postscript = f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n({ran}) (w) file showpage\n"
    others = [to_file(photo(), form) for form in ("PPM", "TGA", "PCX", "ICO", "JPEG2000", "PDF", "SGI")]
    for content in (postscript.encode(), *others, b"", b"\0", b"RIFF\0\0\0\0WEBP"):
        path = tmp_path / "a.jpg"
        path.write_bytes(content)
        for source in (path, content):
            with pytest.raises(PictureError, match="not a picture that can be read"):
                open_image(source)
    assert not ran.exists()


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path, reason in (
        (tmp_path / "pipe.jpg", "not a file"),
        (Path("/dev/zero"), "not a file"),
        (tmp_path, "is a folder"),
        (tmp_path / "nowhere.jpg", "no picture at"),
    ):
        with pytest.raises(PictureError, match=reason):
            open_image(path)


def test_the_bound_is_ours_whatever_the_host_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for form in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP", "AVIF"):
        assert open_image(to_file(photo(), form)).size == (64, 48)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert open_image(to_file(photo(), "TIFF", exif=exif, compression="tiff_lzw")).size == (48, 64)


@pytest.mark.parametrize("size", [(15_000, 15_000), (600_000, 1), (1, 600_000)])
def test_too_large_a_picture_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match=f"{size[0]} x {size[1]}, over the limit"):
        open_image(png_of(size, 0, 1))


def test_a_gif_that_claims_a_huge_screen_is_refused() -> None:
    content = b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b"," + bytes(4) + b"\1\0\1\0\0\2\2\x44\1\0;"
    with pytest.raises(PictureError, match="65535 x 65535"):
        open_image(content)


def test_an_open_file_stays_open() -> None:
    file = io.BytesIO(to_file(photo(), "WEBP"))
    with open_picture_file(file) as image:
        assert (image.format, image.size) == ("WEBP", (64, 48))
    assert file.seek(0) == 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(5, "Input/output error"), "a.png cannot be read: Input/output error"),
        (MemoryError(), "takes more memory to decode than there is"),
        (PermissionError(13, "Permission denied"), "may not be read"),
        (RuntimeError("odd"), "a.png is damaged: odd"),
        (KeyError(), "a.png is damaged: KeyError"),
    ],
)
def test_what_went_wrong_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = tmp_path / "a.png"
    path.write_bytes(to_file(photo()))
    monkeypatch.setattr("zhclip.models.decoding._load", fail)
    with pytest.raises(PictureError, match=reason):
        open_image(path)
