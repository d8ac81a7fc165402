"""Two processes with half the batch each against one with the whole: the loss curve.

Gloo on the CPU, dropout off. JSON keys: ``steps``, ``largest_difference`` (relative, of the
loss of a step), ``first_loss``, ``last_loss``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from report import arguments, report
from runs import TEXT_TOWER, launch, made_up_pictures, small_run
from zhclip.training.journal import read_journal


def main() -> None:
    """Measure and report."""
    steps = 8 if arguments(__doc__).quick else 20
    curves: dict[int, list[float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        captions = made_up_pictures(Path(temporary) / "pictures", 96)
        still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        model = small_run(Path(temporary), captions).model.model_dump()
        for tower in ("image", "text"):
            model[tower]["architecture"] |= still
        model["text"]["architecture"] = TEXT_TOWER | model["text"]["architecture"]
        for processes in (1, 2):
            folder = Path(temporary) / f"run{processes}"
            config = small_run(folder, captions, model=model, optimizer={"passes": 100, "max_steps": steps})
            process = launch(config, folder, processes=processes)
            _, errors = process.communicate()
            if process.returncode:
                sys.exit(errors)
            curves[processes] = [entry["loss"] for entry in read_journal(folder / "log.jsonl") if "loss" in entry]
    differences = [abs(two - one) / one for one, two in zip(curves[1], curves[2], strict=True)]
    figures = {
        "steps": steps,
        "largest_difference": max(differences),
        "first_loss": curves[1][0],
        "last_loss": curves[1][-1],
    }
    rows = [
        (number + 1, f"{one:.7f}", f"{two:.7f}", f"{difference:.1e}")
        for number, (one, two, difference) in enumerate(zip(curves[1], curves[2], differences, strict=True))
    ]
    report("loss by step", ["step", "one process", "two processes", "relative difference"], rows, figures)


if __name__ == "__main__":
    main()
