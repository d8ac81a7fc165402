"""Reports: what was measured, on what, with what, as Markdown, JSON and a bar chart."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zhclip.evaluation.captioned import CaptionedResult
from zhclip.evaluation.labelled import LabelledResult
from zhclip.evaluation.retrieval import RANKS
from zhclip.messages import Message, gettext_noop, translate
from zhclip.models import Encoder
from zhclip.models.onnx_encoder import OnnxEncoder

CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "PingFang SC",
    "Microsoft YaHei", "SimHei", "Noto Sans CJK JP",
)  # fmt: skip
"""Fonts that a chart takes Chinese characters from: the first that is installed."""

MAX_BARS = 40


@dataclass(frozen=True)
class Table:
    """A table of figures.

    Of the cells, those that are a :class:`Message` are put into the reader's language; labels stay as they are.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def said(self) -> Table:
        """The table in the system's language."""
        rows = [[_said(cell) for cell in row] for row in self.rows]
        return Table(translate(self.title), [translate(column) for column in self.columns], rows)


@dataclass(frozen=True)
class Report:
    """What was measured."""

    title: str
    encoder: Encoder
    data: str
    """What it was measured on, in words."""
    tables: Sequence[Table]
    figures: Mapping[str, Any]
    """The same as JSON values, in full."""
    bars: Mapping[str, Mapping[str, float]]
    """Percentages by name, for each group of bars; of many the best and the worst are drawn."""


def captioned_report(encoder: Encoder, data: str, result: CaptionedResult) -> Report:
    """The report on recall over captioned pictures."""
    columns = [
        gettext_noop("language"),
        gettext_noop("texts"),
        *(Message("text to image R@{k}", k=k) for k in RANKS),
        *(Message("image to text R@{k}", k=k) for k in RANKS),
    ]
    rows = [
        [
            language,
            f"{result.texts[language]:,}",
            *(f"{figure:.2f}" for figure in (*figures.text_to_image, *figures.image_to_text)),
            f"{figures.mean:.2f}",
        ]
        for language, figures in result.recalls.items()
    ]
    bars = {
        language: dict(zip(columns[2:], (*figures.text_to_image, *figures.image_to_text), strict=True))
        for language, figures in result.recalls.items()
    }
    figures = {
        "pictures": result.pictures,
        "unreadable": len(result.failed),
        "recall": {language: figures.to_dict() for language, figures in result.recalls.items()},
        "texts": result.texts,
    }
    title = Message("Retrieval recall over {count:,} pictures", count=result.pictures)
    return Report(title, encoder, data, [Table(title, [*columns, gettext_noop("mean recall")], rows)], figures, bars)


def zero_shot_report(encoder: Encoder, data: str, results: Sequence[LabelledResult]) -> Report:
    """The report on zero-shot classification, with a table by class for each language."""
    columns = [
        gettext_noop("labels"),
        gettext_noop("ways"),
        gettext_noop("pictures"),
        gettext_noop("prompts"),
        "top-1",
        "top-5",
        gettext_noop("mean of classes"),
    ]
    of_classes = [gettext_noop("label"), gettext_noop("pictures"), "top-1", gettext_noop("mistaken for")]
    rows, tables, bars = [], [], {}
    for result in results:
        for prompts, measured in (
            (Message("averaged"), result.ensembled),
            (Message("the label alone"), result.plain),
        ):
            accuracies = (f"{measured.top_1:.2f}", f"{measured.top_5:.2f}", f"{measured.class_mean:.2f}")
            rows.append([result.language, f"{result.ways:,}", f"{result.pictures:,}", prompts, *accuracies])
        classes = [
            [one.label, str(one.pictures), f"{one.top_1:.1f}", one.mistaken_for or ""]
            for one in result.ensembled.classes
        ]
        title = Message("By class: {language}", language=result.language)
        tables.append(Table(title, of_classes, classes))
        bars[result.language] = {one.label: one.top_1 for one in result.ensembled.classes}
    # Of several languages the names differ, and so the chart is of the first.
    first = dict(list(bars.items())[:1])
    figures = {"results": [asdict(result) for result in results]}
    title = Message("Zero-shot classification")
    return Report(title, encoder, data, [Table(title, columns, rows), *tables], figures, first)


def write_report(folder: Path, report: Report) -> None:
    """Write ``report.md`` and ``chart.png`` in the system's language, and ``report.json``.

    Args:
        folder: Where to; it is made where it is missing, and its files of these names are replaced.
        report: What was measured.
    """
    folder.mkdir(parents=True, exist_ok=True)
    conditions = _conditions(report)
    content = {"title": report.title, **conditions, "figures": report.figures}
    (folder / "report.json").write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(_markdown(report, conditions), encoding="utf-8")
    _draw(report, folder / "chart.png")


def _conditions(report: Report) -> dict[str, Any]:
    encoder = report.encoder
    return {
        "model": {"name": encoder.name, "dim": encoder.dim, "fingerprint": encoder.fingerprint},
        "data": report.data,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": _hardware(encoder),
        "software": {name: version(name) for name in ("zhclip", "torch", "transformers", "onnxruntime")},
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
    }


def _hardware(encoder: Encoder) -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    on_onnx = isinstance(encoder, OnnxEncoder)
    place = Message("ONNX Runtime on the CPU") if on_onnx else Message("PyTorch on {device}", device=_device(encoder))
    return Message(
        "{processor}, {cores} cores, {memory} GB; {place}",
        processor=_processor(),
        cores=cores,
        memory=round(memory),
        place=place,
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _device(encoder: Encoder) -> str:
    device = getattr(encoder, "device", None)
    if device is None or device.type != "cuda":
        return Message("the CPU")
    import torch

    return torch.cuda.get_device_name(device)


def _markdown(report: Report, conditions: Mapping[str, Any]) -> str:
    model = conditions["model"]
    software = ", ".join(f"{name} {number}" for name, number in conditions["software"].items())
    about = [
        translate(
            "Model: {name} ({dim} dimensions, fingerprint {fingerprint})",
            name=model["name"],
            dim=model["dim"],
            fingerprint=f"`{model['fingerprint'][:16]}`",
        ),
        translate("Data: {data}", data=report.data),
        translate("Date: {date}", date=conditions["date"]),
        translate("Hardware: {hardware}", hardware=conditions["hardware"]),
        translate("Software: {software}", software=software),
        translate("Command: {command}", command=f"`{conditions['command']}`"),
    ]
    lines = [f"# {translate(report.title)}", "", *(f"- {line}" for line in about)]
    for table in (table.said() for table in report.tables):
        lines += ["", f"## {table.title}", "", _row(table.columns), _row(["---"] * len(table.columns))]
        lines += [_row(row) for row in table.rows]
    return "\n".join([*lines, "", f"![{translate('chart')}](chart.png)", ""])


def _said(text: str) -> str:
    return translate(text) if isinstance(text, Message) else text


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _draw(report: Report, path: Path) -> None:
    # Takes a second to import, which the other commands must not pay.
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    installed = set(font_manager.get_font_names())
    chinese = [name for name in CHINESE_FONTS if name in installed][:1]
    groups = {name: _ends(bars) for name, bars in report.bars.items()}
    names = list(dict.fromkeys(name for bars in groups.values() for name in bars))
    with matplotlib.rc_context({"font.sans-serif": [*chinese, "DejaVu Sans"], "font.family": "sans-serif"}):
        figure = Figure(figsize=(8, 1.5 + 0.22 * len(names) * max(len(groups), 1)), layout="constrained")
        axes = figure.add_subplot()
        height = 0.8 / len(groups)
        for number, (group, bars) in enumerate(groups.items()):
            places = [row + (number - (len(groups) - 1) / 2) * height for row in range(len(names))]
            drawn = axes.barh(places, [bars.get(name, 0.0) for name in names], height=height, label=group)
            axes.bar_label(drawn, fmt="%.1f", padding=2, fontsize="small")
        axes.set_yticks(range(len(names)), [_said(name) for name in names])
        axes.invert_yaxis()
        axes.set_xlim(0, 108)
        axes.set_xlabel("%")
        axes.set_title(translate(report.title))
        if len(groups) > 1:
            axes.legend(fontsize="small")
        with warnings.catch_warnings():
            # Without a Chinese font installed there are boxes for characters; the figures are in the report.
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            figure.savefig(path, dpi=120)


def _ends(bars: Mapping[str, float]) -> dict[str, float]:
    if len(bars) <= MAX_BARS:
        return dict(bars)
    ordered = sorted(bars.items(), key=lambda item: -item[1])
    return dict(ordered[: MAX_BARS // 2] + ordered[-MAX_BARS // 2 :])
