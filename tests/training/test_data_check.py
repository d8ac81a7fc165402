"""``zhclip data check``: what it finds, what it prints, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from zhclip.cli.main import app
from zhclip.errors import ConfigError, DataError
from zhclip.models import TextPreparation
from zhclip.training.config import load_config
from zhclip.training.data_check import DataReport, check_data


def draw(path: Path, colour: str, side: int = 32) -> None:
    Image.new("RGB", (side, side), colour).save(path)


def write_lines(path: Path, *records: dict[str, Any]) -> None:
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The configuration of a run over data with one fault of each kind."""
    for name in ("red", "green", "blue", "gold", "white"):
        draw(tmp_path / f"{name}.png", name)
    draw(tmp_path / "also-red.png", "red")
    draw(tmp_path / "tiny.png", "pink", side=8)
    (tmp_path / "broken.png").write_bytes((tmp_path / "red.png").read_bytes()[:50])
    write_lines(
        tmp_path / "train.jsonl",
        {"image": "red.png", "zh": ["红色", "一种颜色"], "en": ["the colour red"]},
        {"image": "also-red.png", "zh": ["紅色"], "en": [""]},
        {"image": "green.png", "zh": [" "], "en": ["a dog " * 60]},
        {"image": "blue.png", "zh": ["蓝色龘龘"], "en": ["IMG_0001.jpg"]},
        {"image": "tiny.png", "zh": ["小图"]},
        {"image": "broken.png", "zh": ["坏图"]},
        {"image": "missing.png", "zh": ["没有图"]},
        {"image": "white.png", "zh": []},
    )
    write_lines(
        tmp_path / "validation.jsonl",
        {"image": "red.png", "zh": ["红"]},
        {"image": "gold.png", "zh": "金", "en": "gold"},
    )
    content = {
        "output": "runs/check",
        "model": {
            "image": {"state": "scratch", "architecture": {"model_type": "vit"}},
            "text": {"state": "scratch", "architecture": {"model_type": "bert"}},
        },
        "data": {
            "train": [{"path": str(tmp_path / "train.jsonl")}],
            "validation": [{"path": str(tmp_path / "validation.jsonl")}],
            "filters": {"min_side": 16, "file_names": True},
        },
    }
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return tmp_path / "run.yaml"


def mend(run: Path) -> None:
    """Leave nothing that loses data."""
    draw(run.with_name("broken.png"), "black")
    draw(run.with_name("missing.png"), "navy")


def report(run: Path, *overrides: str) -> DataReport:
    return check_data(load_config(run, overrides), TextPreparation())


def test_every_fault_is_counted(run: Path) -> None:
    found = report(run)
    train, validation = found.train, found.validation
    assert (train.pictures, train.without_caption) == (8, 1)
    assert [Path(name).name for name in train.repeated_pictures] == ["also-red.png"]
    assert [Path(bad.name).name for bad in train.unreadable] == ["broken.png", "missing.png"]
    assert "damaged" in train.unreadable[0].reason
    assert "no picture at" in train.unreadable[1].reason
    chinese, english = train.captions["zh"], train.captions["en"]
    assert (chinese.captions, chinese.blank, chinese.over_long) == (7, 1, 0)
    assert chinese.repeated == 1  # traditional and simplified characters read the same
    assert (chinese.unknown_tokens, chinese.most_unknown) == (2, {"龘": 2})
    assert chinese.unknown_rate == 2 / chinese.tokens
    assert (english.captions, english.blank, english.over_long) == (3, 1, 1)
    assert english.tokens > 100  # what is cut off counts, too
    assert found.filters._asdict() == {**dict.fromkeys(found.filters._fields, 0), "min_side": 1, "file_names": 1}
    assert train.usable == 4
    assert (validation.pictures, validation.usable, validation.unreadable) == (2, 2, [])
    assert [Path(name).name for name in found.in_both] == ["red.png"]
    assert found.loses_data


def test_parallel_texts_are_counted_and_missed(run: Path) -> None:
    run.with_name("pairs.tsv").write_text("a dog\t一只狗\nthe sea\t大海\n", encoding="utf-8")
    assert report(run, f"data.parallel=[{run.with_name('pairs.tsv')}]").sentence_pairs == 2
    with pytest.raises(DataError, match=r"no parallel texts at .*lost\.tsv"):
        report(run, f"data.parallel=[{run.with_name('lost.tsv')}]")


def test_data_without_losses_is_usable(run: Path) -> None:
    mend(run)
    assert not report(run).loses_data
    # Filters that leave nothing over lose all.
    assert report(run, "data.filters.min_side=1000").loses_data


def check(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["data", "check", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_the_command_prints_a_table_and_names_the_first_faults(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    status, printed = check(run)
    assert status == 1
    rows = [line.split() for line in printed.splitlines()]
    assert ["pictures", "8", "2"] in rows
    assert ["cannot", "be", "read", "2", "0"] in rows
    assert ["left", "out:", "pictures", "too", "small", "1"] in rows
    assert ["usable", "pictures", "4", "2"] in rows
    assert "broken.png" in printed
    assert "龘 2" in printed


def test_json_is_whole(run: Path) -> None:
    status, printed = check(run, "--json")
    content = json.loads(printed)
    assert (status, content["loses_data"]) == (1, True)
    assert [sorted(bad) for bad in content["train"]["unreadable"]] == [["name", "reason"]] * 2
    assert content["train"]["captions"]["zh"]["unknown_rate"] > 0
    assert content["filters"]["min_side"] == 1


def test_usable_data_exits_with_0_and_values_can_be_changed(run: Path) -> None:
    mend(run)
    assert check(run)[0] == 0
    status, printed = check(run, "data.filters.min_side=0", "data.languages={zh: 1}", "--json")
    content = json.loads(printed)
    assert (status, content["filters"]["min_side"], list(content["train"]["captions"])) == (0, 0, ["zh"])


def test_bad_use_exits_with_2(run: Path) -> None:
    with pytest.raises(ConfigError, match=r"no configuration file at .*nowhere\.yaml") as config_error:
        check(run.with_name("nowhere.yaml"))
    run.with_name("train.jsonl").write_bytes('{"image": "red.png", "zh": "红色"}'.encode("gbk"))
    with pytest.raises(DataError, match=r"line 1 is not UTF-8 but GBK") as data_error:
        check(run)
    assert config_error.value.exit_status == data_error.value.exit_status == 2


@pytest.mark.data
def test_real_data_has_no_faults(run: Path, data_folder: Path) -> None:
    validation = data_folder / "flickr8k-cn" / "val.jsonl"
    found = report(run, f"data.train=[{{path: {validation}}}]", f"data.validation=[{{path: {validation}}}]")
    assert not found.loses_data
    assert (found.train.pictures, found.train.captions["zh"].captions, len(found.in_both)) == (1000, 5000, 1000)
    assert found.train.captions["zh"].unknown_rate < 0.001
