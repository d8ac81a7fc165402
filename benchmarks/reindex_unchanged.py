"""Indexing again a folder in which nothing changed: 50,000 files, and not one of them opened.

JSON keys: ``files``; ``first_s``: the first run; ``again_s``: the whole second run in a new
process, from its start to its end; ``again_add_s``: of that, ``Library.add``; ``share``:
``again_add_s / first_s``; ``opened``: how many files of the folder the second run opened.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import arguments, report
from stores import ProjectionEncoder, make_photo
from zhclip.search import Library

AGAIN = """
import json, sys, time
sys.path.insert(0, {here!r})
opened = []
def watch(event, arguments):
    if event == "open" and str(arguments[0]).startswith({photos!r} + "/"):
        opened.append(arguments[0])
sys.addaudithook(watch)
from stores import ProjectionEncoder
from zhclip.search import Library
started = time.perf_counter()
with Library({location!r}, model=ProjectionEncoder()) as library:
    report = library.add({photos!r})
    seconds = time.perf_counter() - started
print(json.dumps([report.unchanged, report.added + report.updated + report.removed, seconds, len(opened)]))
"""


def make_folder(folder: Path, count: int) -> None:
    """JPEG files, each of its own content: one picture with a different comment."""
    buffer = io.BytesIO()
    make_photo(0, (64, 48)).save(buffer, "JPEG")
    content = buffer.getvalue()
    for number in range(count):
        if number % 1000 == 0:
            (folder / f"{number // 1000:03}").mkdir(parents=True)
        note = f"{number:08}".encode()
        comment = b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note
        (folder / f"{number // 1000:03}" / f"{number}.jpg").write_bytes(content[:2] + comment + content[2:])


def main() -> None:
    """Run it."""
    count = 2_000 if arguments(__doc__).quick else 50_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        photos, location = folder / "photos", str(folder / "photos.db")
        make_folder(photos, count)
        started = time.perf_counter()
        with Library(location, model=ProjectionEncoder()) as library:
            added = library.add(photos, progress=True).added
        first = time.perf_counter() - started
        code = AGAIN.format(here=str(Path(__file__).parent), photos=str(photos), location=location)
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        again = time.perf_counter() - started
        unchanged, changed, seconds, opened = json.loads(done.stdout)
    if (added, unchanged, changed) != (count, count, 0):
        raise SystemExit(f"{added} were added, {unchanged} were unchanged and {changed} were not; it should be {count}")
    figures = {
        "files": count,
        "first_s": round(first, 2),
        "again_s": round(again, 2),
        "again_add_s": round(seconds, 2),
        "share": round(seconds / first, 4),
        "opened": opened,
    }
    report("Indexing an unchanged folder", ["", "value"], list(figures.items()), figures)


if __name__ == "__main__":
    main()
