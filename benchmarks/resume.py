"""Runs that are killed with SIGKILL and resumed, against one that is not: the final weights.

Dropout, token masking, augmentation and micro-batches are on. JSON keys: ``kills``,
``equal`` (runs whose final weights are equal bit for bit), ``kill_steps`` (steps done at the kill).
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

from report import arguments, report
from runs import launch, made_up_pictures, small_run
from zhclip.training.config import RunConfig

STEPS = 24


def finish(config: RunConfig, folder: Path) -> dict[str, torch.Tensor]:
    """Run to the end; the final weights."""
    process = launch(config, folder)
    _, errors = process.communicate()
    if process.returncode:
        sys.exit(errors)
    return load_file(folder / "latest" / "model.safetensors")


def kill_at(config: RunConfig, folder: Path, steps: int, delay: float) -> int:
    """Start, kill once so many steps are in the log and ``delay`` seconds more have passed."""
    log = folder / "log.jsonl"
    process = launch(config, folder)
    while process.poll() is None and not (log.exists() and log.read_text().count('"loss"') >= steps):
        time.sleep(0.005)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return log.read_text().count('"loss"') if log.exists() else 0


def main() -> None:
    """Measure and report."""
    kills = 2 if arguments(__doc__).quick else 8
    rng = random.Random(0)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        captions = made_up_pictures(Path(temporary) / "pictures", 64)

        def config(folder: Path) -> RunConfig:
            return small_run(
                folder,
                captions,
                data={"mask_tokens": 0.2, "augment": {"crop": 0.6, "flip": 0.5}},
                optimizer={"batch_size": 16, "micro_batch_size": 8, "max_steps": STEPS, "passes": 100},
                checkpoint={"every": 1},
                validation={"every": 6},
            )

        whole = finish(config(Path(temporary) / "whole"), Path(temporary) / "whole")
        for number in range(kills):
            folder = Path(temporary) / f"killed{number}"
            done = kill_at(config(folder), folder, rng.randrange(STEPS), rng.random() * 0.1)
            resumed = finish(config(folder), folder)
            equal = all(torch.equal(resumed[name], value) for name, value in whole.items())
            rows.append((number + 1, done, "equal" if equal else "DIFFERENT"))
    figures = {
        "kills": kills,
        "equal": sum(row[2] == "equal" for row in rows),
        "kill_steps": [row[1] for row in rows],
    }
    report(f"runs of {STEPS} steps, killed and resumed", ["run", "killed after step", "final weights"], rows, figures)


if __name__ == "__main__":
    main()
