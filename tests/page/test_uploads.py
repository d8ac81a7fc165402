"""Pictures that are dropped on the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from zhclip.errors import PictureError
from zhclip.page import uploads
from zhclip.page.uploads import Uploads


def save(path: Path, size: tuple[int, int], colour: int = 0) -> Path:
    Image.new("RGB", size, (colour, 0, 0)).save(path)
    return path


def test_a_picture_is_kept_small_and_known_by_its_content(tmp_path: Path) -> None:
    kept = Uploads()
    key = kept.put(save(tmp_path / "one.png", (3000, 1500)))
    assert kept.put(save(tmp_path / "two.png", (3000, 1500))) == key
    assert kept.get(key).size == (1024, 512)


def test_the_oldest_pictures_are_let_go(tmp_path: Path) -> None:
    kept = Uploads()
    keys = [kept.put(save(tmp_path / f"{colour}.png", (4, 4), colour)) for colour in range(33)]
    kept.get(keys[-1])
    with pytest.raises(PictureError, match="drop it again"):
        kept.get(keys[0])


def test_what_is_no_picture_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("this is text")
    with pytest.raises(PictureError, match=r"^notes.jpg is not a picture"):
        Uploads().put(text)
    monkeypatch.setattr(uploads, "MAX_PIXELS", 1_000_000)
    with pytest.raises(PictureError, match=r"^large.png is 1200 x 1000, over the limit of 1 million pixels"):
        Uploads().put(save(tmp_path / "large.png", (1200, 1000)))
