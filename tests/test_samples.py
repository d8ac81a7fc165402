"""The sample pictures and their captions, as they are installed with the package."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import zhclip

SAMPLES = Path(zhclip.__file__).parent / "samples"
SCENES = Path(__file__).parents[1] / "demo" / "scenes"
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
CAPTIONS = [json.loads(line) for line in (SAMPLES / "captions.jsonl").read_text(encoding="utf-8").splitlines()]
CHINESE = ("\u4e00", "\u9fff")


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, Any]]:
    sys.path.insert(0, str(SCENES))
    try:
        import render
    finally:
        sys.path.remove(str(SCENES))
    return render.read_table()


def has_chinese(text: str) -> bool:
    return any(CHINESE[0] <= letter <= CHINESE[1] for letter in text)


def test_there_are_enough_pictures() -> None:
    assert len(CAPTIONS) >= 100


def test_every_picture_is_listed_once() -> None:
    listed = [line["image"] for line in CAPTIONS]
    assert len(set(listed)) == len(listed)
    assert set(listed) == {path.name for path in SAMPLES.glob("*.jpg")}


@pytest.mark.parametrize("line", CAPTIONS, ids=lambda line: line["image"])
def test_picture_opens_and_is_small(line: dict[str, Any]) -> None:
    path = SAMPLES / line["image"]
    assert path.stat().st_size <= 60_000
    with Image.open(path) as picture:
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (640, 480))
        low, high = picture.convert("L").getextrema()
    assert high - low > 60  # not one even colour


@pytest.mark.parametrize("line", CAPTIONS, ids=lambda line: line["image"])
def test_picture_has_captions_in_both_languages(line: dict[str, Any]) -> None:
    assert 2 <= len(line["zh"]) <= 3
    assert 2 <= len(line["en"]) <= 3
    assert all(has_chinese(caption) for caption in line["zh"])
    assert all(caption.strip() and not has_chinese(caption) for caption in line["en"])


def test_no_caption_is_used_twice() -> None:
    captions = [caption for line in CAPTIONS for caption in line["zh"] + line["en"]]
    assert len(set(captions)) == len(captions)


def test_all_pictures_together_are_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.glob("*.jpg")) < 10_000_000


def test_captions_come_from_the_table_of_scenes(table: dict[str, dict[str, Any]]) -> None:
    expected = [{"image": f"{name}.jpg", "zh": entry["zh"], "en": entry["en"]} for name, entry in table.items()]
    assert expected == CAPTIONS


def test_every_scene_of_the_table_exists(table: dict[str, dict[str, Any]]) -> None:
    used = {entry.get("scene", name) for name, entry in table.items()}
    assert used == {path.stem for path in SCENES.glob("*.pov")}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, str]]:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import sample_queries
    finally:
        sys.path.remove(str(BENCHMARKS))
    return sample_queries.ANSWERS


def test_each_query_has_at_least_two_right_pictures(answers: dict[str, dict[str, str]]) -> None:
    pictures = {path.stem for path in SAMPLES.glob("*.jpg")}
    for language in ("zh", "en"):
        assert len(answers[language]) == 15
        for query, names in answers[language].items():
            assert len(set(names.split())) >= 2, query
            assert set(names.split()) <= pictures, query
