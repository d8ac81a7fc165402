"""What a run writes down while it goes: a log of JSON lines, a tracker, a plot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from zhclip.evaluation import Recall


class Journal:
    """The log of a run: one JSON object a line, appended as things happen.

    Lines have ``step`` and either the figures of training (``loss``, ``learning_rate``,
    ``logit_scale``, ``gradient_norm``, ``samples_per_second``) or ``recall``, by language.

    Args:
        path: The log file.
        step: The step that the run goes on from: later lines, of a run that was killed, are dropped.
        accelerator: Its tracker gets the same figures.
    """

    def __init__(self, path: Path, *, step: int, accelerator: Accelerator) -> None:
        self._path = path
        self._accelerator = accelerator
        kept = [entry for entry in read_journal(path) if entry["step"] <= step] if path.exists() else []
        path.write_text("".join(json.dumps(entry) + "\n" for entry in kept), "utf-8")

    def training(self, step: int, **figures: float) -> None:
        """Note the figures of a step."""
        self._append({"step": step, **figures})
        self._accelerator.log(figures, step=step)

    def recall(self, step: int, recalls: dict[str, Recall]) -> None:
        """Note a validation."""
        figures = {language: value.to_dict() for language, value in recalls.items()}
        self._append({"step": step, "recall": figures})
        flat = {f"{language}/{name}": value for language, part in figures.items() for name, value in part.items()}
        self._accelerator.log(flat, step=step)

    def _append(self, entry: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The entries of a log; a last line that was cut off by a kill is left out."""
    entries = []
    for line in path.read_text("utf-8").splitlines():
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return entries


def plot_journal(log: Path, picture: Path) -> None:
    """Draw loss, recall, logit scale and learning rate over the steps of a log, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    entries = read_journal(log)
    trained = [entry for entry in entries if "loss" in entry]
    validated = [entry for entry in entries if "recall" in entry]
    figure = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasAgg(figure)
    loss, recall, scale, rate = figure.subplots(2, 2).flat
    for axes, name, title in (
        (loss, "loss", "loss"),
        (scale, "logit_scale", "logit scale"),
        (rate, "learning_rate", "learning rate"),
    ):
        axes.plot([entry["step"] for entry in trained], [entry[name] for entry in trained], linewidth=1)
        axes.set_title(title)
    for language in validated[-1]["recall"] if validated else ():
        for name, style in (("text_to_image_r1", "-"), ("text_to_image_r10", "--")):
            axes_values = [entry["recall"][language][name] for entry in validated]
            label = f"{language} text to image R@{name.rpartition('r')[2]}"
            recall.plot([entry["step"] for entry in validated], axes_values, style, marker=".", label=label)
    recall.set_title("validation recall, %")
    if validated:
        recall.legend(fontsize="small")
    for axes in (loss, recall, scale, rate):
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
    figure.savefig(picture, dpi=110)
