"""Killing an index run at random moments, and filling the disk under one: what is lost, what is there twice.

Each trial kills (SIGKILL) a run, checks what it had acknowledged, runs again, and compares the
library with that of a run that nobody disturbed. In every second trial the library exists
already and half of its pictures have changed.

JSON keys: ``kills``; ``killed_on_the_way``: how many kills met a run that was writing;
``lost``: acknowledged pictures that the store does not have; ``twice``: rows too many;
``different``: trials whose completed library is not like the undisturbed one;
``embedded_again``: acknowledged pictures that the next run embedded once more;
``full_disk``: null where no small file system can be mounted, else ``error`` (what the run
said), and ``lost``, ``twice``, ``different`` and ``embedded_again`` when there was room again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from report import report
from stores import ProjectionEncoder, make_photo
from zhclip.errors import ZhclipError
from zhclip.search import Library

RUN = """
import sys, time
sys.path.insert(0, {here!r})
from stores import ProjectionEncoder
from zhclip.search import Library
with Library({location!r}, model=ProjectionEncoder()) as library:
    library.add({photos!r}, progress=lambda done, total, failed: print(done, flush=True))
"""


def change(folder: Path, numbers: range, shift: int) -> None:
    """Write pictures; another shift, other contents."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        make_photo(number + shift, (96, 72)).save(folder / f"{number}.jpg")


def contents(library: Library) -> dict[str, tuple[str, bytes]]:
    """What the store holds: path to content and vector, rounded; a row too many is an error."""
    store, record = library.opened()
    rows = [row for batch in store.rows(record.collection, fields=("path", "content", "vector")) for row in batch]
    found = {row["path"]: (row["content"], np.round(np.asarray(row["vector"]), 4).tobytes()) for row in rows}
    found["rows"] = (str(len(rows)), b"")
    return found


def acknowledged(location: Path) -> dict[str, str]:
    """Path to content of what the library says it has done."""
    state = location.with_name(f"{location.name}.files")
    if not state.exists():
        return {}
    with closing(sqlite3.connect(state)) as connection:
        try:
            return dict(connection.execute("SELECT path, content FROM files WHERE content IS NOT NULL").fetchall())
        except sqlite3.OperationalError:
            return {}  # killed before the table was there


def check(location: Path, photos: Path, wanted: dict[str, tuple[str, bytes]]) -> dict[str, int]:
    """What is lost and twice after a run that did not end, and whether the next run mends all."""
    said = acknowledged(location)
    encoder = ProjectionEncoder()
    with Library(location, model=encoder) as library:
        held = contents(library) if library.exists() else {"rows": ("0", b"")}
        lost = sum(held.get(path, ("", b""))[0] != content for path, content in said.items())
        twice = int(held["rows"][0]) - (len(held) - 1)
        unchanged = library.add(photos).unchanged
        return {
            "lost": lost,
            "twice": twice,
            "different": int(contents(library) != wanted),
            "embedded_again": sum(wanted[path][0] == content for path, content in said.items()) - unchanged,
        }


def run(location: Path, photos: Path) -> subprocess.Popen[str]:
    """An index run in a process of its own."""
    code = RUN.format(here=str(Path(__file__).parent), location=str(location), photos=str(photos))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_at(process: subprocess.Popen[str], moment: float, seconds: float) -> bool:
    """Kill a run at a moment (0..1) of the time that it takes from its first batch on; was it still at work?"""
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(moment * seconds)
    at_work = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return at_work


def kill_often(folder: Path, kills: int, pictures: int) -> dict[str, int]:
    """The trials."""
    photos, half = folder / "photos", range(pictures // 2)
    change(photos, range(pictures), 0)
    with Library(folder / "before.db", model=ProjectionEncoder()) as library:
        library.add(photos)
    change(photos, half, 10_000)
    started = time.perf_counter()
    process = run(folder / "undisturbed.db", photos)
    assert process.stdout is not None
    process.stdout.readline()
    started = time.perf_counter()
    process.communicate()
    seconds = time.perf_counter() - started
    with Library(folder / "undisturbed.db", model=ProjectionEncoder()) as library:
        wanted = contents(library)
    choose = random.Random(0)
    total = dict.fromkeys(("killed_on_the_way", "lost", "twice", "different", "embedded_again"), 0)
    for trial in range(kills):
        location = folder / f"{trial}.db"
        if trial % 2:
            for suffix in ("", ".files"):
                shutil.copyfile(folder / f"before.db{suffix}", folder / f"{trial}.db{suffix}")
        # A run that changes half has half the work.
        at_work = kill_at(run(location, photos), choose.random() * 0.95, seconds * (0.5 if trial % 2 else 1))
        found = check(location, photos, wanted)
        total["killed_on_the_way"] += at_work
        for name, value in found.items():
            total[name] += value
    return total


@contextmanager
def small_disk(size: str) -> Iterator[Path | None]:
    """A file system of a few megabytes; None where one may not be mounted."""
    with tempfile.TemporaryDirectory() as name:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", name], check=False, capture_output=True
        )
        if mounted.returncode:
            yield None
            return
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=False)


def fill_disk(folder: Path, pictures: int) -> dict[str, Any] | None:
    """A run on a disk that is full half-way, and the next one when there is room."""
    photos = folder / "photos"
    with Library(folder / "whole.db", model=ProjectionEncoder()) as library:
        library.add(photos)
        wanted = contents(library)
    need = sum(path.stat().st_size for path in folder.glob("whole.db*"))
    with small_disk(f"{need * 3 // 1024}k") as disk:
        if disk is None:
            return None
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(need * 3 - need // 2))
        message = ""
        try:
            with Library(disk / "photos.db", model=ProjectionEncoder()) as library:
                library.add(photos)
        except ZhclipError as error:
            message = str(error)
        ballast.unlink()
        return {"error": message, **check(disk / "photos.db", photos, wanted)}


def main() -> None:
    """Run it; mounting needs root or a user name space of one's own, in which it starts itself again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="4 kills of a smaller run")
    quick = parser.parse_args().quick
    if os.geteuid() != 0 and shutil.which("unshare") and "ZHCLIP_UNSHARED" not in os.environ:
        command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv]
        if subprocess.run([*command[:4], "true"], check=False, capture_output=True).returncode == 0:
            os.execvpe(command[0], command, {**os.environ, "ZHCLIP_UNSHARED": "1"})
    kills, pictures = (4, 200) if quick else (20, 1000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        figures: dict[str, Any] = {"kills": kills, **kill_often(folder, kills, pictures)}
        figures["full_disk"] = fill_disk(folder, pictures)
    report("Disturbed index runs", ["", "value"], [(key, json.dumps(value)) for key, value in figures.items()], figures)


if __name__ == "__main__":
    main()
