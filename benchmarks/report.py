"""What the benchmarks share: timing side by side, a table, and one line of JSON at the end."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def arguments(description: str | None, **options: float | str) -> argparse.Namespace:
    """The command line of a benchmark: ``--quick``, and numbers and names of its own with their defaults."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer rounds")
    for name, default in options.items():
        kind = str if isinstance(default, str) else float
        parser.add_argument(f"--{name}", type=kind, default=default, help=f"(default: {default})")
    return parser.parse_args()


def side_by_side(candidates: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, float]:
    """Median seconds of each candidate, all of them taking turns so that noise falls on all alike."""
    for run in candidates.values():
        run()  # first calls allocate and compile
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def report(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], figures: Mapping[str, Any]) -> None:
    """Print a table, then the figures as one line of JSON."""
    table = Table(title=title)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row))
    Console(width=max(100, Console().width)).print(table)
    print(json.dumps(figures, ensure_ascii=False))
