"""Pictures that are dropped on the page."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from zhclip.errors import PictureError
from zhclip.page.uploads import Uploads

ANN, BEN = "a" * 32, "b" * 32


def file(size: tuple[int, int] = (4, 4), colour: int = 0) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, (colour, 0, 0)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def uploads() -> Uploads:
    return Uploads(max_pixels=5_000_000)


def test_a_picture_is_kept_small(uploads: Uploads) -> None:
    assert uploads.get(ANN, uploads.put(ANN, file((3000, 1500)))).size == (1024, 512)


def test_a_picture_is_its_visitors_alone_and_its_id_says_nothing_of_it(uploads: Uploads) -> None:
    key = uploads.put(ANN, file())
    assert key != uploads.put(ANN, file())
    for visitor in (BEN, ""):
        with pytest.raises(PictureError, match="drop it again"):
            uploads.get(visitor, key)


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "u" + "0" * 32])
def test_nothing_but_an_id_is_opened(uploads: Uploads, key: str) -> None:
    uploads.put(ANN, file())
    with pytest.raises(PictureError, match="drop it again"):
        uploads.get(ANN, key)


def test_the_oldest_pictures_of_a_visitor_are_let_go(uploads: Uploads) -> None:
    keys = [uploads.put(ANN, file(colour=colour)) for colour in range(33)]
    assert uploads.get(ANN, keys[-1]).getpixel((0, 0)) == (32, 0, 0)
    with pytest.raises(PictureError, match="drop it again"):
        uploads.get(ANN, keys[0])


def test_nobodys_flood_costs_another_a_picture(uploads: Uploads) -> None:
    key = uploads.put(BEN, file(colour=7))
    for visitor in "12345":
        for _ in range(32):
            uploads.put(visitor * 32, file())
    assert uploads.get(BEN, key).getpixel((0, 0)) == (7, 0, 0)


def test_what_is_no_picture_or_too_large_is_refused_when_it_is_searched_for(uploads: Uploads) -> None:
    with pytest.raises(PictureError, match="is not a picture"):
        uploads.get(ANN, uploads.put(ANN, b"this is text"))
    with pytest.raises(PictureError, match="is 2400 x 2200, over the limit of 5 million pixels"):
        uploads.get(ANN, uploads.put(ANN, file((2400, 2200))))
