"""``zhclip why``, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Run
from zhclip.models import Encoder


def test_words_and_the_map(zhclip: Run, photos: Path, library: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    picture, out = photos / "red.png", tmp_path / "heat.png"
    result = zhclip("why", "红色的天空", picture, "--exclude", "dog", "--out", out, library=library)
    assert result.returncode == 0, result.stderr
    header, *rows, score = result.stdout.splitlines()
    assert header.startswith("word")
    assert [row.split()[0] for row in rows] == ["红色", "的", "天空", "dog"]
    assert "dog (excluded)" in rows[-1]
    assert score.startswith("score ")
    with Image.open(out) as heat, Image.open(picture) as plain:
        assert heat.size == plain.size
    assert "written to" in result.stderr


def test_bars_stand_in_line_beside_chinese(zhclip: Run, photos: Path, library: Path) -> None:
    rows = zhclip("why", "一只狗 dog 在雪地", photos / "red.png", library=library).stdout.splitlines()[1:-1]
    # A Chinese character takes two places.
    places = {sum(2 if "一" <= character <= "鿿" else 1 for character in row.split("│")[0]) for row in rows}
    assert len(places) == 1


def test_json_and_chinese(zhclip: Run, photos: Path, library: Path) -> None:
    picture = photos / "red.png"
    found = json.loads(zhclip("why", "没有人的海滩", picture, "--literal", "--json", library=library).stdout)
    assert set(found["words"][0]) == {"text", "start", "stop", "contribution", "part"}
    assert "".join(word["text"] for word in found["words"]) == "没有人的海滩"
    assert -1 <= found["score"] <= 1
    assert min(map(min, found["heat"])) == 0
    assert "词" in zhclip("why", "狗", picture, library=library, language="zh_CN.UTF-8").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["狗", "nowhere.jpg"], "no picture at nowhere.jpg"),
        ([" ", "red.png"], "the query is empty"),
        (["狗", "red.png", "--out", "heat.txt"], "give one that ends in .png"),
        (["狗", "red.png", "--out", "no/such/folder/heat.png"], "cannot be written"),
    ],
)
def test_what_cannot_be_done(zhclip: Run, photos: Path, library: Path, arguments: list[str], message: str) -> None:
    named = [str(photos / argument) if argument == "red.png" else argument for argument in arguments]
    result = zhclip("why", *named, library=library)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
