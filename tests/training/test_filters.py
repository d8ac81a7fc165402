"""The noise filters: what each leaves out, and what it counts."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.training.conftest import MakeConfig
from zhclip.errors import DataError
from zhclip.training.data_config import FilterConfig
from zhclip.training.filters import FilterCounts, apply_filters, is_file_name, picture_size, text_length
from zhclip.training.pictures import FilePicture, PackedPicture, Picture
from zhclip.training.sources import Sample


def sample(name: str, *zh: str, en: tuple[str, ...] = ()) -> Sample:
    return Sample(FilePicture(name), {"zh": list(zh), "en": list(en)})


def picture(folder: Path, width: int, height: int) -> Picture:
    path = folder / f"{width}x{height}.png"
    Image.new("RGB", (width, height)).save(path)
    return FilePicture(str(path))


def test_nothing_is_left_out_by_default() -> None:
    samples = [sample("a", "狗"), sample("b", "DSC_0042.JPG")]
    assert apply_filters(samples, FilterConfig()) == (samples, FilterCounts())


def test_short_texts_are_left_out_by_characters_or_words() -> None:
    samples = [
        sample("a", "狗", "一只狗", en=("dog", "a big dog")),
        sample("b", "狗", en=("dog",)),
        sample("c", "两只猫"),
    ]
    kept, counts = apply_filters(samples, FilterConfig(min_text_length=3))
    assert kept == [sample("a", "一只狗", en=("a big dog",)), sample("c", "两只猫")]
    assert counts == FilterCounts(min_text_length=4, without_captions=1)
    assert samples[0].captions["zh"] == ["狗", "一只狗"]


def test_a_picture_keeps_its_weight() -> None:
    rare = replace(sample("a", "狗", "一只狗"), weight=0.25)
    (kept,), _ = apply_filters([rare], FilterConfig(min_text_length=3))
    assert kept == replace(sample("a", "一只狗"), weight=0.25)


@pytest.mark.parametrize(("text", "length"), [("一 只狗。", 4), ("a  dog", 2), ("", 0), ("iPhone 手机壳", 9)])
def test_length_of_a_text(text: str, length: int) -> None:
    assert text_length(text) == length


def test_texts_of_too_many_pictures_are_left_out() -> None:
    # Twice at one picture is one picture; case and white space make no difference.
    samples = [
        sample("a", "图片", en=("A photo",)),
        sample("b", "图片", "狗", "狗", en=("a  photo",)),
        sample("c", "图片"),
    ]
    kept, counts = apply_filters(samples, FilterConfig(max_pictures_per_text=1))
    assert kept == [sample("b", "狗", "狗")]
    assert counts == FilterCounts(max_pictures_per_text=5, without_captions=2)
    kept, counts = apply_filters(samples, FilterConfig(max_pictures_per_text=2))
    assert kept == [sample("a", en=("A photo",)), sample("b", "狗", "狗", en=("a  photo",))]
    assert counts == FilterCounts(max_pictures_per_text=3, without_captions=1)


@pytest.mark.parametrize(
    "text",
    [
        "DSC_0042.JPG",
        "IMG_20200101_123456",
        "IMG-20200101-WA0001.jpg",
        "P1010023.jpg",
        "PXL_20210101_101010123.MP.jpg",
        "20240101_101010.heic",
        "1000268201_693b08cb0e.jpg",
        "image001.png",
        "photo (12)",
        "Untitled.jpg",
        r"C:\photos\IMG_1.jpg",
        "WX20190101-123456@2x.png",
        "mmexport1583737373.jpg",
        "微信图片_20200101123456.jpg",
        "屏幕截图 2024-01-01 101010",
        "截屏2024-01-01 上午10.10.10",
        "Screen Shot 2020-01-01 at 10.11.12 PM.png",
        "3f2a9c1b77aa",
        "550e8400-e29b-41d4-a716-446655440000.png",
    ],
)
def test_names_that_machines_make(text: str) -> None:
    assert is_file_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "一只狗",
        "2 只狗",
        "两只狗 2",
        "照片里有3个人",
        "图片",
        "photo",
        "a photo of 2 dogs",
        "image of a dog",
        "scan of a page",
        "5 dogs",
        "iPhone 15",
        "dog-on-beach.jpg",
        "defaced",
        "deadbeef",
    ],
)
def test_texts_that_people_write(text: str) -> None:
    assert not is_file_name(text)


@given(st.text(alphabet="1a_ .图片imgx-@(", max_size=2000))
def test_no_text_holds_up_the_file_name_filter(text: str) -> None:
    # A pattern that backtracks without end would run into the suite's time limit.
    assert is_file_name(text) in (True, False)


def test_file_names_are_left_out() -> None:
    kept, counts = apply_filters([sample("a", "狗", en=("DSC_0042.JPG",))], FilterConfig(file_names=True))
    assert (kept, counts) == ([sample("a", "狗")], FilterCounts(file_names=1))


def test_small_and_long_pictures_are_left_out_and_unreadable_ones_counted(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    pictures = [
        picture(tmp_path, 100, 100),
        picture(tmp_path, 100, 20),
        picture(tmp_path, 300, 100),
        picture(tmp_path, 100, 301),
        FilePicture(str(tmp_path / "broken.png")),
        FilePicture(str(tmp_path / "missing.png")),
    ]
    samples = [Sample(each, {"zh": ["狗"]}) for each in pictures]
    kept, counts = apply_filters(samples, FilterConfig(min_side=50, max_aspect=3))
    assert [each.picture for each in kept] == [pictures[0], pictures[2]]
    assert counts == FilterCounts(min_side=1, max_aspect=1, unreadable=2)
    assert counts.describe() == "min_side 1, max_aspect 1, unreadable 2"


def test_the_size_is_read_from_the_header_alone(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (200, 100)).save(file, "JPEG")
    (tmp_path / "cut.tar").write_bytes(b"before" + file.getvalue()[:700])
    assert picture_size(PackedPicture(str(tmp_path / "cut.tar"), 6, 700, "1.jpg")) == (200, 100)


def test_filters_apply_to_the_training_data_of_a_run(
    make_config: MakeConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from zhclip.training.loop import train

    # Of the two English captions, "a red circle" has three words.
    train(make_config(data={"filters": {"min_text_length": 4}}, optimizer={"passes": 1}))
    assert "data.filters leave 24 of 24 pictures; left out: min_text_length 24" in capsys.readouterr().out
    with pytest.raises(DataError, match=r"data\.filters leave none of 24 pictures \(min_side 24\); loosen them"):
        train(make_config(output=str(tmp_path / "other"), data={"filters": {"min_side": 1000}}))
