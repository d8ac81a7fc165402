from __future__ import annotations

import io
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.models.pictures import photo, png_of, swapped_profile, to_file
from zhclip.errors import PictureError
from zhclip.models import ImagePreparation, decoding, open_image
from zhclip.models.decoding import MemoryBudget

MEASURE = """
import sys, threading
from pathlib import Path
from zhclip.models import ImagePreparation, open_image
def value(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) // 1024
ImagePreparation().read(Path(sys.argv[3]))
before = value("VmRSS")
def work():
    if sys.argv[1] == "open":
        open_image(Path(sys.argv[4]))
    else:
        ImagePreparation().read(Path(sys.argv[4]))
threads = [threading.Thread(target=work) for _ in range(int(sys.argv[2]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(value("VmHWM") - before)
"""


def test_threads_take_turns_to_hold_memory() -> None:
    budget, held, most, lock = MemoryBudget(10), [0], [0], threading.Lock()

    def work(amount: int) -> None:
        for _ in range(20):
            with budget.hold(amount):
                with lock:
                    held[0] += amount
                    most[0] = max(most[0], held[0])
                with lock:
                    held[0] -= amount

    threads = [threading.Thread(target=work, args=(amount,)) for amount in (3, 4, 5, 6, 9, 10, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert most[0] == 25, "more than there is, alone"
    with pytest.raises(ValueError, match="inside"), budget.hold(10):
        raise ValueError("inside")
    with budget.hold(10):
        pass


@pytest.mark.parametrize(("colour_type", "bits", "most"), [(6, 8, 380), (0, 16, 300), (2, 8, 350)])
def test_reading_a_large_picture_takes_little_more_than_its_pixels(
    tmp_path: Path, colour_type: int, bits: int, most: int
) -> None:
    large, small = tmp_path / "large.png", tmp_path / "small.png"
    large.write_bytes(png_of((8000, 8000), colour_type, bits))
    small.write_bytes(to_file(photo()))
    command = [sys.executable, "-c", MEASURE, "read", "1", str(small), str(large)]
    megabytes = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert megabytes < most


def test_no_more_is_decoded_at_once_than_there_is_memory_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_budget", MemoryBudget(1 << 20))
    content = to_file(photo(size=(500, 400)))
    at_once, most = [0], [0]
    to_srgb = decoding.to_srgb

    def counted(image: Image.Image, *, reduce: int) -> Image.Image:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        made = to_srgb(image, reduce=reduce)
        at_once[0] -= 1
        return made

    monkeypatch.setattr(decoding, "to_srgb", counted)
    threads = [threading.Thread(target=ImagePreparation().read, args=(content,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (most[0], at_once[0]) == (1, 0)


def test_what_takes_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MEMORY_OF_ONE", 1_000_000)
    with pytest.raises(PictureError, match=r"to decode it takes 0\.0 GB"):
        open_image(to_file(photo(size=(400, 400)), "WEBP"))


def test_a_tiff_with_a_huge_tile_is_refused() -> None:
    tags = {322: 60_000, 323: 60_000, 324: 8, 325: 8}
    fields = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in (
        (256, 64), (257, 64), (258, 8), (259, 8), (262, 1), (277, 1), *sorted(tags.items()),
    ))  # fmt: skip
    with pytest.raises(PictureError, match=r"to decode it takes 3\.6 GB"):
        open_image(b"II*\0" + struct.pack("<IH", 8, len(fields) // 12) + fields + bytes(4))


def test_a_large_picture_is_scaled_down_and_looks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for mode in ("RGB", "RGBA", "L", "LA"):
        content = to_file(photo(size=(1900, 1301)).convert(mode))
        whole = ImagePreparation().read(content).astype(int)
        with monkeypatch.context() as patch:
            patch.setattr(decoding, "LARGE", 1_000_000)
            small = open_image(content, shrink_to=400)
            assert small.size == (634, 434)
            assert np.abs(ImagePreparation().read(content).astype(int) - whole).mean() < 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "PA", "RGBX"])
def test_a_profile_is_of_every_mode_of_its_colours(mode: str) -> None:
    red = Image.new("RGB", (8, 8), (255, 0, 0))
    image = red.convert("RGBA").convert("P") if mode == "PA" else red.convert(mode)
    image = image.convert("PA") if mode == "PA" else image
    image.info["icc_profile"] = swapped_profile()
    red_green_blue = open_image(image).getpixel((4, 4))
    assert isinstance(red_green_blue, tuple)
    assert red_green_blue[0] < 20 and red_green_blue[2] > 235
    if mode in ("RGB", "RGBA", "P"):
        content = to_file(red.convert(mode), icc_profile=swapped_profile())
        assert open_image(content).getpixel((4, 4)) == red_green_blue


def test_alpha_stays_where_a_profile_is() -> None:
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    image.putpixel((4, 4), (255, 0, 0, 255))
    made = open_image(to_file(image, icc_profile=swapped_profile()))
    assert made.getpixel((0, 0)) == (255, 255, 255)
    pixel = made.getpixel((4, 4))
    assert isinstance(pixel, tuple) and pixel[2] > 235


@pytest.mark.parametrize(
    "profile", [b"garbage", b"", swapped_profile()[:100], b"x" * 128 + swapped_profile()[128:], bytes(5000)]
)
def test_a_damaged_profile_leaves_the_plain_values(profile: bytes) -> None:
    for mode, form in (("RGB", "PNG"), ("RGBA", "PNG"), ("L", "PNG"), ("P", "PNG"), ("RGB", "WEBP"), ("CMYK", "JPEG")):
        image = photo().convert(mode)
        lossless = {"lossless": True} if form == "WEBP" else {}
        made = np.asarray(open_image(to_file(image, form, icc_profile=profile, **lossless)), dtype=int)
        assert np.abs(made - np.asarray(image.convert("RGB"), dtype=int)).mean() < 4


@pytest.mark.parametrize("high", [1.0, 255.0, 4.0, 3000.0])
def test_floats_that_are_no_numbers_or_highlights_spoil_nothing(high: float) -> None:
    values = np.linspace(0, high, 64 * 48, dtype=np.float32).reshape(48, 64)
    expected = np.asarray(open_image(Image.fromarray(values)), dtype=int)
    assert expected.min() == 0 and expected.max() >= 250
    values[0, :5] = np.nan, np.inf, -np.inf, 1e30, -5
    made = np.asarray(open_image(to_file(Image.fromarray(values), "TIFF")), dtype=int)
    np.testing.assert_array_equal(made[0, :5, 0], [0, 255, 0, 255, 0])
    assert np.abs(made[1:] - expected[1:]).max() <= 3
    for value in (np.nan, np.inf):
        assert open_image(Image.fromarray(np.full((4, 4), value, dtype=np.float32))).size == (4, 4)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_made_upright(orientation: int, compression: str) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = photo().transpose(undo[orientation]) if orientation in undo else photo()
    files = [to_file(turned, "TIFF", exif=exif, compression=compression), to_file(turned, exif=exif)]
    for content in files:
        upright = open_image(content)
        np.testing.assert_array_equal(upright, photo())
        np.testing.assert_array_equal(open_image(upright), photo())


def test_a_given_image_is_not_changed() -> None:
    image = Image.open(io.BytesIO(to_file(photo(size=(640, 480)), "JPEG", icc_profile=swapped_profile())))
    assert open_image(image, shrink_to=50) is not image
    assert (image.size, "icc_profile" in image.info) == ((640, 480), True)
    plain = photo()
    made = open_image(plain)
    made.paste(0, (0, 0, 64, 48))
    assert plain.getbbox() == (0, 0, 64, 48)
