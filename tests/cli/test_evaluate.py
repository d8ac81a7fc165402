"""``zhclip eval`` and ``zhclip classify`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.evaluation.colours import plain


@pytest.fixture
def captioned(tmp_path: Path) -> Path:
    lines = []
    for number, colour in enumerate(("red", "lime", "blue", "grey")):
        plain(colour).save(tmp_path / f"{number}.png")
        lines.append(json.dumps({"image": f"{number}.png", "zh": [f"图{number}"], "en": [f"picture {number}"]}))
    path = tmp_path / "val.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_recall_and_its_report(zhclip: Run, captioned: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    result = zhclip(
        "eval", captioned, "-m", tiny_model_folder, "-o", tmp_path / "report", "--predictions", tmp_path / "p"
    )
    assert result.returncode == 0, result.stderr
    assert "text to image R@1" in result.stdout
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"report.md", "report.json", "chart.png"}
    assert (tmp_path / "p" / "zh_text_to_image.jsonl").is_file()
    figures = json.loads(zhclip("eval", captioned, "-m", tiny_model_folder, "--json").stdout)
    assert figures["recall"].keys() == {"zh", "en"}
    assert figures["recall"]["zh"]["text_to_image_r10"] == 100.0


def test_zero_shot(zhclip: Run, tiny_model_folder: Path, tmp_path: Path) -> None:
    for label in ("猫", "狗"):
        (tmp_path / label).mkdir()
        plain("red").save(tmp_path / label / "a.png")
    result = zhclip("eval", tmp_path, "--zero-shot", "-m", tiny_model_folder, "--json")
    assert result.returncode == 0, result.stderr
    (figures,) = json.loads(result.stdout)["results"]
    assert (figures["ways"], figures["pictures"], figures["plain"]["top_1"]) == (2, 2, 50.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jsonl"], "no data at missing.jsonl"),
        ([".", "--split", "val"], "--split is for labelled pictures"),
        ([".", "--zero-shot", "--language", "zh"], "are for captioned pictures"),
    ],
)
def test_bad_use(zhclip: Run, arguments: list[str], message: str) -> None:
    result = zhclip("eval", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_classify(zhclip: Run, captioned: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    picture = captioned.with_name("0.png")
    result = zhclip("classify", picture, "--labels", "猫，狗,a horse", "-m", tiny_model_folder, "--json")
    assert result.returncode == 0, result.stderr
    (found,) = json.loads(result.stdout)
    assert {guess["label"] for guess in found["guesses"]} == {"猫", "狗", "a horse"}
    labels = tmp_path / "labels.txt"
    labels.write_text("猫\n狗\n", encoding="utf-8")
    shown = zhclip("classify", picture, "--labels-file", labels, "-m", tiny_model_folder)
    assert "猫" in shown.stdout


def test_classify_without_labels(zhclip: Run, captioned: Path, tmp_path: Path) -> None:
    picture = captioned.with_name("0.png")
    assert zhclip("classify", picture).returncode == 2
    empty = zhclip("classify", picture, "--labels", ",")
    assert (empty.returncode, "there are no labels" in empty.stderr) == (2, True)
    gbk = tmp_path / "gbk.txt"
    gbk.write_bytes("小狗".encode("gbk"))
    refused = zhclip("classify", picture, "--labels-file", gbk)
    assert (refused.returncode, "iconv -f GB18030 -t UTF-8" in refused.stderr) == (2, True)
