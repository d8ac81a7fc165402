"""A few trials of ``benchmarks/crash.py``, which can do any number."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CRASH = Path(__file__).parents[2] / "benchmarks" / "crash.py"


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are found in /proc")
def test_killed_runs_lose_nothing_and_bring_nothing_back() -> None:
    run = subprocess.run(
        [sys.executable, str(CRASH), "--quick"], capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, run.stderr
    figures = json.loads(run.stdout.splitlines()[-1])
    assert figures["kills"] == len(figures["by_run"]) == 5
    wrong = {name: figures[name] for name in ("lost", "twice", "miscounted", "back", "different", "gave_up")}
    assert not any(wrong.values()), run.stdout
