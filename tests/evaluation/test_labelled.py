"""Labelled pictures, by folder and by line."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.colours import ColourEncoder, plain
from zhclip.errors import DataError
from zhclip.evaluation.labelled import evaluate_labelled, read_labelled


def write_table(folder: Path, records: list[dict[str, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "labels.jsonl"
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    for label, colour in (("红", "red"), ("blue", "blue")):
        (tmp_path / label / "more").mkdir(parents=True)
        plain(colour).save(tmp_path / label / "1.png")
        plain(colour).save(tmp_path / label / "more" / "2.JPG")
        (tmp_path / label / "notes.txt").write_text("no picture")
    data = read_labelled(tmp_path)
    assert list(data) == ["labels"]
    assert data["labels"].labels == ["blue", "红"]
    assert data["labels"].truth.tolist() == [0, 0, 1, 1]
    results, failed = evaluate_labelled(ColourEncoder(), data)
    assert (results[0].ways, results[0].pictures, results[0].ensembled.top_1, failed) == (2, 4, 100.0, {})


def test_lines_with_two_languages_and_a_split(tmp_path: Path) -> None:
    plain("red").save(tmp_path / "r.png")
    plain("lime").save(tmp_path / "g.png")
    records = [
        {"image": "r.png", "zh": "红", "en": "red", "split": "val"},
        {"image": "g.png", "zh": "绿", "split": "val"},
        {"image": "g.png", "zh": "蓝", "en": "blue", "split": "train"},
    ]
    table = write_table(tmp_path, records)
    data = read_labelled(tmp_path, split="val")
    assert {language: labelled.labels for language, labelled in data.items()} == {"zh": ["红", "绿"], "en": ["red"]}
    assert read_labelled(table)["zh"].truth.tolist() == [0, 1, 2]
    with pytest.raises(DataError, match="no line with split 'test'"):
        read_labelled(tmp_path, split="test")


def test_a_broken_picture_is_named_and_left_out(tmp_path: Path) -> None:
    plain("red").save(tmp_path / "r.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    data = read_labelled(write_table(tmp_path, [{"image": "b.png", "zh": "蓝"}, {"image": "r.png", "zh": "红"}]))
    results, failed = evaluate_labelled(ColourEncoder(), data)
    assert (results[0].pictures, results[0].plain.top_1) == (1, 100.0)
    assert list(failed) == [str(tmp_path / "b.png")]
    only_broken = read_labelled(write_table(tmp_path, [{"image": "b.png", "zh": "蓝"}]))
    with pytest.raises(DataError, match="none of the 1 pictures can be read"):
        evaluate_labelled(ColourEncoder(), only_broken)


def test_names_are_compared_as_people_see_them(tmp_path: Path) -> None:
    picture = tmp_path / "in" / unicodedata.normalize("NFD", "é.PNG")
    picture.parent.mkdir()
    plain("red").save(picture, "PNG")
    lines = [{"image": image, "label": label} for image, label in (("in\\é.png", "É"), ("in/é.PNG", "É"))]
    lines[1]["label"] = unicodedata.normalize("NFD", "É")
    (tmp_path / "labels.JSONL").write_text("\ufeff" + "\n".join(map(json.dumps, lines)), encoding="utf-8")
    labelled = read_labelled(tmp_path)["labels"]
    assert labelled.labels == ["É"]
    assert {picture.path for picture in labelled.pictures} == {picture}
    (tmp_path / "labels.JSONL").write_text('{"image": "a.jpg", "label": 3}')
    with pytest.raises(DataError, match="line 1: label is 3, not a text"):
        read_labelled(tmp_path)


def test_bad_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data at"):
        read_labelled(tmp_path / "missing")
    with pytest.raises(DataError, match="no pictures in folders"):
        read_labelled(tmp_path)
    path = tmp_path / "labels.jsonl"
    path.write_bytes('{"image": "a.jpg", "zh": "小狗"}\n'.encode("gbk"))
    with pytest.raises(DataError, match="not UTF-8 but GBK; convert it: iconv"):
        read_labelled(path)
    path.write_text("{")
    with pytest.raises(DataError, match="line 1 is not JSON"):
        read_labelled(path)
    path.write_text('{"zh": "猫"}')
    with pytest.raises(DataError, match="line 1 names no image"):
        read_labelled(path)


@pytest.mark.data
def test_the_thousand_classes(data_folder: Path) -> None:
    data = read_labelled(data_folder / "imagenet-samples")
    assert {language: len(labelled.pictures) for language, labelled in data.items()} == {"zh": 1000, "en": 1000}
    assert len(data["en"].labels) == 998, "two pairs of classes share an English name"
    assert np.bincount(data["zh"].truth).max() == 2
