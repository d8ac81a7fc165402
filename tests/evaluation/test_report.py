"""Reports say what was measured, with what, and draw it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from tests.evaluation.colours import ColourEncoder
from zhclip.evaluation.captioned import CaptionedResult
from zhclip.evaluation.classification import ClassResult, ZeroShotResult
from zhclip.evaluation.labelled import LabelledResult
from zhclip.evaluation.report import MAX_BARS, captioned_report, write_report, zero_shot_report
from zhclip.evaluation.retrieval import Recall


def test_recall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/usr/bin/zhclip", "eval", "my photos"])
    recalls = {"zh": Recall((10.0, 20.0, 30.0), (40.0, 50.0, 60.0)), "en": Recall((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))}
    result = CaptionedResult(recalls, 100, {"zh": 500, "en": 400}, {"bad.jpg": "damaged"})
    write_report(tmp_path / "report", captioned_report(ColourEncoder(), "my photos", result))
    content = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert content["figures"]["recall"]["zh"]["mean"] == 35.0
    assert content["figures"]["unreadable"] == 1
    assert content["command"] == "zhclip eval 'my photos'"
    assert content["model"]["name"] == "colours"
    assert set(content) >= {"date", "hardware", "software", "data", "title"}
    markdown = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert "| zh | 500 | 10.00 | 20.00 | 30.00 | 40.00 | 50.00 | 60.00 | 35.00 |" in markdown
    for part in ("- Model: colours", "- Hardware: ", "- Date: 20", "- Command: `zhclip eval 'my photos'`"):
        assert part in markdown
    with Image.open(tmp_path / "report" / "chart.png") as chart:
        assert len(chart.convert("RGB").getcolors(1 << 20) or []) > 10, "something is drawn"


def test_a_thousand_classes_are_drawn_by_their_ends(tmp_path: Path) -> None:
    classes = [ClassResult(f"类别{number}|x", 1, number / 10, "别的") for number in range(1000)]
    result = ZeroShotResult(50.0, 60.0, 50.0, classes)
    report = zero_shot_report(ColourEncoder(), "photos", [LabelledResult("zh", 1000, 1000, result, result)])
    write_report(tmp_path, report)
    assert (tmp_path / "report.md").read_text(encoding="utf-8").count("类别") == 1000
    assert "类别7\\|x" in (tmp_path / "report.md").read_text(encoding="utf-8")
    with Image.open(tmp_path / "chart.png") as chart:
        assert chart.height < 200 * MAX_BARS


def test_a_report_is_in_the_language_of_the_system_and_leaves_labels_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.delenv("LANGUAGE", raising=False)
    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, path, **options: drawn.append(self))
    result = ZeroShotResult(50.0, 60.0, 50.0, [ClassResult("pictures", 2, 50.0, "label")])
    write_report(tmp_path, zero_shot_report(ColourEncoder(), "photos", [LabelledResult("en", 2, 2, result, result)]))
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    for part in (
        "# 零样本分类",
        "- 硬件：",
        "- 模型：colours（",
        "## 各类别：en",
        "![图表](chart.png)",
        "| 标签 | 图片 |",
    ):
        assert part in markdown
    assert "| pictures | 2 | 50.0 | label |" in markdown
    title = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["title"]
    assert title == "Zero-shot classification", "is for programs"
    recall = Recall((10.0, 20.0, 30.0), (40.0, 50.0, 60.0))
    captioned = captioned_report(ColourEncoder(), "photos", CaptionedResult({"zh": recall}, 100, {"zh": 500}, {}))
    write_report(tmp_path, captioned)
    zero_shot_axes, captioned_axes = (figure.axes[0] for figure in drawn)
    assert [zero_shot_axes.get_title(), zero_shot_axes.get_yticklabels()[0].get_text()] == ["零样本分类", "pictures"]
    assert "文搜图" in captioned_axes.get_yticklabels()[0].get_text()
