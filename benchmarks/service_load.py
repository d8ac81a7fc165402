"""The HTTP service under load from a second process, with the texts of concurrent queries batched and not.

Two services of the bundled model over the sample pictures, one that embeds concurrent queries together
and one that does not, are asked in turns by 1, 8 and 32 users, each of whom sends the next query as soon as
the last one is answered. Every query is another text.

JSON keys: ``pictures``; ``seconds``: of load for each figure; ``users``: for each number of users and each of
``batched`` and ``alone``: ``requests``, ``per_s``, ``p50_ms``, ``p99_ms``, ``failures`` (of all requests: anything
but status 200 with hits) and ``p50_ratio`` (to one user's median); ``texts_per_batch`` where they are batched;
``gain``: for each number of users, requests per second batched over alone; ``failures``: of all.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from report import arguments, report

SERVE = """
import sys
from zhclip.cli.demo import SAMPLES
from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.serving import listen, serve
from zhclip.server.settings import Settings
location, batching = sys.argv[1], sys.argv[2] == "batched"
with listen("127.0.0.1", 0) as listener, Library(location) as library:
    library.add(SAMPLES)
    app = create_service(library, Settings(batching=batching, drain_seconds=0))
    app.state.service.warm()
    port = listener.getsockname()[1]
    serve(app, listener, announce=lambda: print(port, len(library), flush=True))
"""
USERS = (1, 8, 32)
MODES = ("batched", "alone")
WORDS = (
    ("红色的", "蓝色的", "一只", "两个", "古老的", "雪中的", "夜里的", "a red", "a small", "an old", "two", "a wooden"),
    ("小狗", "汽车", "房子", "气球", "灯塔", "茶杯", "船", "dog", "car", "house", "boat", "lantern", "bridge", "tree"),
    ("在海边", "在草地上", "在街上", "在山前", "和人", "at sunset", "in the snow", "by the sea", "on a table", ""),
)


@dataclass
class Level:
    """What so many users got from one service."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: int = 0

    def figures(self) -> dict[str, Any]:
        """As they are reported."""
        ordered = sorted(self.latencies)
        return {
            "requests": len(ordered) + self.failures,
            "per_s": round(len(ordered) / self.seconds, 1),
            "p50_ms": round(1000 * statistics.median(ordered), 2),
            "p99_ms": round(1000 * ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], 2),
            "failures": self.failures,
        }


@contextmanager
def service(location: Path, mode: str) -> Iterator[tuple[int, int]]:
    """A service in a process of its own; gives its port and how many pictures it holds."""
    command = [sys.executable, "-c", SERVE, str(location), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            port, pictures = map(int, line.split())
            yield port, pictures
        finally:
            process.terminate()
            process.wait(60)
    if process.returncode != 0:
        raise SystemExit(f"the service ended with {process.returncode}")


def texts() -> Iterator[str]:
    """Queries, none of them twice."""
    every = [" ".join(filter(None, words)) for words in itertools.product(*WORDS)]
    random.Random(0).shuffle(every)
    for number in itertools.count():
        for text in every:
            yield f"{text} {number}" if number else text


async def ask(port: int, users: int, seconds: float, queries: Iterator[str], level: Level) -> None:
    """Load a service for some time."""
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(users):
            group.create_task(_use(port, started + seconds, queries, level))
    level.seconds += time.perf_counter() - started


async def _use(port: int, end: float, queries: Iterator[str], level: Level) -> None:
    # A plain connection: a comfortable client would cost as much as the service.
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while (started := time.perf_counter()) < end:
            place = f"/v1/search?q={quote(next(queries))}&top_k=10&min_relevance=0"
            writer.write(f"GET {place} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
            body = await reader.readexactly(length)
            if head.startswith(b"http/1.1 200 ") and b'"rank":10' in body:
                level.latencies.append(time.perf_counter() - started)
            else:
                level.failures += 1
    finally:
        writer.close()
        await writer.wait_closed()


def batches(port: int) -> tuple[float, float]:
    """How many batches a service ran, and of how many texts in all."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as response:
        text = response.read().decode()
    count, total = (re.search(rf"^zhclip_batch_texts_{name} (\S+)$", text, re.MULTILINE) for name in ("count", "sum"))
    return (float(count[1]), float(total[1])) if count and total else (0.0, 0.0)


def main() -> None:
    """Run it."""
    quick = arguments(__doc__).quick
    rounds, seconds = (1, 2.0) if quick else (3, 8.0)
    queries = texts()
    levels = {(mode, users): Level() for users in USERS for mode in MODES}
    sizes: dict[int, float] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        started = {mode: stack.enter_context(service(folder / f"{mode}.db", mode)) for mode in MODES}
        ports = {mode: port for mode, (port, _) in started.items()}
        for port in ports.values():
            asyncio.run(ask(port, 8, 1.0, queries, Level()))  # first calls allocate
        for users in USERS:
            before = batches(ports["batched"])
            for _ in range(rounds):
                for mode, port in ports.items():
                    asyncio.run(ask(port, users, seconds, queries, levels[mode, users]))
            count, total = (now - then for now, then in zip(batches(ports["batched"]), before, strict=True))
            sizes[users] = total / count
    by_users: dict[str, Any] = {}
    for users in USERS:
        one = by_users[str(users)] = {mode: levels[mode, users].figures() for mode in MODES}
        for mode in MODES:
            one[mode]["p50_ratio"] = round(one[mode]["p50_ms"] / by_users["1"][mode]["p50_ms"], 2)
        one["batched"]["texts_per_batch"] = round(sizes[users], 2)
    figures = {
        "pictures": started["batched"][1],
        "seconds": rounds * seconds,
        "users": by_users,
        "gain": {users: round(one["batched"]["per_s"] / one["alone"]["per_s"], 3) for users, one in by_users.items()},
        "failures": sum(level.failures for level in levels.values()),
    }
    rows = [
        (users, mode, *(one[mode][name] for name in ("requests", "per_s", "p50_ms", "p99_ms", "p50_ratio", "failures")))
        for users, one in by_users.items()
        for mode in MODES
    ]
    columns = ["users", "texts", "requests", "per s", "p50 ms", "p99 ms", "p50 / one user's", "failures"]
    report("The service under load", columns, rows, figures)
    if figures["failures"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
