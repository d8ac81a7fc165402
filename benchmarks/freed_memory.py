"""Training on a CPU with what is freed kept by the process, against given back to the system.

Forward and backward through the last 11 blocks of a MobileNetV2, each way in processes of its
own, one after the other. JSON keys: ``kept_per_s`` and ``given_back_per_s`` (pictures), the
medians over all steps but each process's first, and ``speedup``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import torch
from transformers import MobileNetV2Config, MobileNetV2Model

from report import arguments, report
from zhclip.training.memory import keep_freed_memory


def speeds(batch: int, steps: int) -> list[float]:
    """Pictures a second of each step but the first."""
    tower = MobileNetV2Model(MobileNetV2Config()).to(memory_format=torch.channels_last)
    blocks = torch.nn.Sequential(*tower.layer[-11:], tower.conv_1x1)
    pixels = torch.randn(batch, 32, 28, 28).contiguous(memory_format=torch.channels_last)
    found = []
    for _ in range(steps):
        started = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16):
            blocks(pixels).mean((2, 3)).square().sum().backward()
        found.append(batch / (time.perf_counter() - started))
    return found[1:]


def main() -> None:
    """Measure and report."""
    quick = arguments(__doc__).quick
    batch, steps, rounds = (64, 3, 1) if quick else (512, 4, 2)
    found: dict[str, list[float]] = {"kept": [], "given_back": []}
    for _ in range(rounds):
        for name, values in found.items():
            command = [sys.executable, __file__, "--measure", name, str(batch), str(steps)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            values += [float(value) for value in output.split()]
    medians = {name: statistics.median(values) for name, values in found.items()}
    speedup = medians["kept"] / medians["given_back"]
    report(
        f"Forward and backward, {batch} pictures at once",
        ["what is freed is", "pictures/s"],
        [[name.replace("_", " "), f"{value:.0f}"] for name, value in medians.items()],
        {f"{name}_per_s": value for name, value in medians.items()} | {"speedup": speedup},
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        if sys.argv[2] == "kept":
            keep_freed_memory()
        print(*speeds(int(sys.argv[3]), int(sys.argv[4])))
    else:
        main()
