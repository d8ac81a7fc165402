"""Recall over captioned pictures, from files to predictions that Chinese-CLIP's scripts accept."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.colours import ColourEncoder, plain
from zhclip.cli.captioned_data import read_captioned
from zhclip.errors import DataError
from zhclip.evaluation.captioned import CaptionedPictures, Captions, evaluate_captioned
from zhclip.evaluation.labelled import PictureFile

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # their scripts leave files open
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def chinese_clip_split(tmp_path: Path) -> Path:
    """Twelve pictures of three colours; one text has two pictures, and two pictures have no text."""
    colours = ["#d11", "#1d1", "#11d", "#e22", "#2e2", "#22e", "#f33", "#3f3", "#33f", "#c00", "#0c0", "#00c"]
    with (tmp_path / "valid_imgs.tsv").open("w", encoding="utf-8") as file:
        for number, colour in enumerate(colours):
            buffer = io.BytesIO()
            plain(colour).save(buffer, "PNG")
            file.write(f"{1000 + number}\t{base64.urlsafe_b64encode(buffer.getvalue()).decode()}\n")
    records = [
        {"text_id": 70 + number, "text": f"{'红绿蓝'[number % 3]}色的图片，第{number}张", "image_ids": [1000 + number]}
        for number in range(10)
    ]
    records[3]["image_ids"] = [1003, 1000]
    path = tmp_path / "valid_texts.jsonl"
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def test_chinese_clips_own_scoring_reads_the_predictions(chinese_clip_split: Path, tmp_path: Path) -> None:
    from cn_clip.eval.evaluation import compute_score

    data = read_captioned(chinese_clip_split, ["zh", "en"])
    assert list(data.captions) == ["zh"]
    assert (list(data.ids), list(data.captions["zh"].ids)) == (list(range(1000, 1012)), list(range(70, 80)))
    assert len(data.captions["zh"].pairs) == 11
    result = evaluate_captioned(ColourEncoder(), data, predictions=tmp_path / "predictions")
    _, *theirs = compute_score(str(chinese_clip_split), str(tmp_path / "predictions" / "zh_text_to_image.jsonl"))
    assert result.recalls["zh"].text_to_image == pytest.approx(tuple(theirs))
    assert result.recalls["zh"].text_to_image[2] == 100.0
    assert (result.pictures, result.texts) == (12, {"zh": 10})
    with (tmp_path / "predictions" / "zh_image_to_text.jsonl").open() as file:
        answers = [json.loads(line) for line in file]
    assert [answer["image_id"] for answer in answers] == list(range(1000, 1012))
    assert all(set(answer["text_ids"]) <= set(range(70, 80)) for answer in answers)


def test_captions_by_language(tmp_path: Path) -> None:
    for colour in ("red", "lime", "blue"):
        plain(colour).save(tmp_path / f"{colour}.png")
    lines = [
        {"image": "red.png", "zh": ["红色", "一片红"], "en": ["red"]},
        {"image": "lime.png", "zh": ["绿色"], "en": ["green"]},
        {"image": "blue.png", "zh": ["蓝色"]},
    ]
    path = tmp_path / "val.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    result = evaluate_captioned(ColourEncoder(), read_captioned(path, ["zh", "en"]))
    assert result.texts == {"zh": 4, "en": 2}
    for figures in result.recalls.values():
        assert figures.text_to_image == (100.0, 100.0, 100.0)
        assert figures.image_to_text == (100.0, 100.0, 100.0), "a picture without a text in the language is not asked"
    with pytest.raises(DataError, match="no picture with a caption in fr"):
        read_captioned(path, ["fr"])


def test_unreadable_pictures_count_for_nothing(tmp_path: Path) -> None:
    plain("red").save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    pictures = [PictureFile(tmp_path / "bad.png"), PictureFile(tmp_path / "good.png")]
    captions = {"zh": Captions(["蓝色", "红色"], [5, 6], np.array([[0, 0], [1, 1]]))}
    result = evaluate_captioned(ColourEncoder(), CaptionedPictures(pictures, [8, 9], captions), predictions=tmp_path)
    assert result.pictures == 1
    assert list(result.failed) == [str(tmp_path / "bad.png")]
    assert result.recalls["zh"].text_to_image == (100.0, 100.0, 100.0)
    first = json.loads((tmp_path / "zh_text_to_image.jsonl").read_text().splitlines()[0])
    assert first == {"text_id": 5, "image_ids": [9]}
    with pytest.raises(DataError, match="none of the 1 pictures can be read"):
        evaluate_captioned(ColourEncoder(), CaptionedPictures(pictures[:1], [8], {}))


def test_an_evaluation_without_a_pair_is_refused(chinese_clip_split: Path) -> None:
    texts = chinese_clip_split.read_text(encoding="utf-8")
    records = [json.loads(line) | {"image_ids": [1]} for line in texts.splitlines()]
    chinese_clip_split.write_text("".join(json.dumps(record) + "\n" for record in records))
    with pytest.raises(DataError, match="none of the 10 captions in zh belongs to a picture that can be read"):
        evaluate_captioned(ColourEncoder(), read_captioned(chinese_clip_split, ["zh"]))
    data = read_captioned(chinese_clip_split, ["zh"])
    nothing = CaptionedPictures(data.pictures, data.ids, {})
    with pytest.raises(DataError, match="not a single pair"):
        evaluate_captioned(ColourEncoder(), nothing)
