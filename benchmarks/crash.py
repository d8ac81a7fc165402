"""Killing runs at random moments, and filling the disk under one: what is lost, what comes back, what is there twice.

Each trial kills a run (SIGKILL), its store, or both; looks at what is there; takes a picture away; and runs again to
the end, which must leave exactly what a run leaves that nobody disturbed. The runs: ``index`` (every second one of a
library whose pictures have changed by half), ``import``, ``migrate``, ``reindex`` with another model, and ``watch``. A
run whose store alone was killed must go on by itself.

JSON keys: ``kills``; ``by_run``: how many of each run; ``on_the_way``: how many met a run at work; and what must be 0:
``lost``: acknowledged pictures that the store does not have; ``twice``: rows too many; ``miscounted``: libraries whose
count is not that of their rows; ``back``: pictures that were taken away and found afterwards; ``different``: completed
libraries that are not as they should be; ``gave_up``: runs that did not outlive their store; ``embedded_again``:
acknowledged pictures that the next ``index`` embedded once more. ``full_disk``: null where no small file system can be
mounted or it was not asked for, else ``error`` (what the run said) and the same keys for when there was room again.
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
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from report import report
from stores import ProjectionEncoder, make_photo
from zhclip.errors import ZhclipError
from zhclip.library import export_parquet, import_parquet, migrate, reindex
from zhclip.library.watching import watch
from zhclip.search import Library

OLD, NEW = ProjectionEncoder(), ProjectionEncoder(dim=48)
EXTRA = 40
"""Pictures that belong to one trial."""
MUST_BE_ZERO = ("lost", "twice", "miscounted", "back", "different", "gave_up", "embedded_again")

Vectors: TypeAlias = dict[str, NDArray[np.float32]]

RUN = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
import crash
place = crash.Place(Path({base!r}), Path({folder!r}))
print("begin", flush=True)
crash.RUNS[{run!r}](place)
"""


@dataclass(frozen=True)
class Place:
    """Where a trial is: the files that all trials share, and its own."""

    base: Path
    """``photos``, ``before.db`` (half of them as they were earlier), ``now.db``, ``now.parquet``."""
    folder: Path

    @property
    def library(self) -> Path:
        """The library that the run is about."""
        return self.folder / "photos.db"

    @property
    def target(self) -> Path:
        """Where ``migrate`` copies it to."""
        return self.folder / "target.db"

    @property
    def extra(self) -> Path:
        """The pictures of this trial alone."""
        return self.folder / "extra"

    @property
    def pictures(self) -> list[Path]:
        """The shared pictures."""
        return sorted((self.base / "photos").iterdir())


def _index(place: Place) -> None:
    with Library(place.library, model=OLD) as library:
        library.add(place.base / "photos", place.extra)


def _import(place: Place) -> None:
    with Library(place.library) as library:
        import_parquet(library, place.base / "now.parquet")


def _migrate(place: Place) -> None:
    with Library(place.library) as library, Library(place.target) as target:
        migrate(library, target)


def _reindex(place: Place) -> None:
    with Library(place.library) as library:
        if library.status().dim != NEW.dim:
            reindex(library, NEW)


def _watch(place: Place) -> None:
    with Library(place.library, model=OLD) as library:
        watch(library, place.extra, quiet_seconds=0.1, report=lambda _: print("indexed", flush=True))


RUNS: dict[str, Callable[[Place], None]] = {
    "index": _index,
    "import": _import,
    "migrate": _migrate,
    "reindex": _reindex,
    "watch": _watch,
}


def write_pictures(folder: Path, numbers: Iterable[int], shift: int = 0) -> None:
    """Write pictures; another shift, other contents."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        make_photo(number + shift, (96, 72)).save(folder / f"{number}.jpg")


def make_base(base: Path, count: int) -> None:
    """What all trials begin with."""
    photos = base / "photos"
    write_pictures(photos, range(count))
    for name in ("before", "now"):
        with Library(base / f"{name}.db", model=OLD) as library:
            library.add(photos)
            export_parquet(library, base / f"{name}.parquet")
        write_pictures(photos, range(count // 2), 10_000) if name == "before" else None


def prepare(place: Place, run: str, trial: int) -> None:
    """What a trial begins with."""
    write_pictures(place.extra, range(EXTRA), 20_000 + trial * EXTRA)
    name = {"index": "before" if trial % 2 else "", "import": "before" if trial % 2 else "", "watch": ""}.get(
        run, "now"
    )
    if name:
        for suffix in ("", ".files"):
            shutil.copyfile(place.base / f"{name}.db{suffix}", place.folder / f"photos.db{suffix}")


def held(location: Path) -> tuple[Vectors, dict[str, str], int]:
    """What a library holds: vectors and contents by path, and how many rows; nothing where there is no library."""
    with Library(location) as library:
        if not library.exists():
            return {}, {}, 0
        store, record = library.opened()
        rows = [row for batch in store.rows(record.collection, fields=("path", "content", "vector")) for row in batch]
    vectors = {row["path"]: np.asarray(row["vector"], dtype=np.float32) for row in rows}
    return vectors, {row["path"]: row["content"] for row in rows}, len(rows)


def acknowledged(location: Path) -> dict[str, str]:
    """Path to content of what a library says it has done, but for what it was about to change."""
    state = location.with_name(f"{location.name}.files")
    if not state.exists():
        return {}
    with closing(sqlite3.connect(state)) as connection, suppress(sqlite3.OperationalError):  # killed before its tables
        return dict(
            connection.execute(
                "SELECT path, content FROM files WHERE content IS NOT NULL AND path NOT IN (SELECT path FROM intended)"
            ).fetchall()
        )
    return {}


def look(location: Path) -> tuple[Counter[str], dict[str, str]]:
    """What is wrong with a library that a killed run left, and what it had acknowledged."""
    said = acknowledged(location)
    _, contents, rows = held(location)
    with Library(location) as library:
        there = library.exists()
        count = library.status().files if there else 0
    found = Counter(twice=rows - len(contents), miscounted=int(count != len(contents)))
    found["lost"] = sum(contents.get(path) != content for path, content in said.items()) if there else 0
    return found, said


def stores_of(folder: Path) -> list[int]:
    """The processes of Milvus Lite that have a file of a folder open."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"milvus_lite" in words[0] and any(word.startswith(os.fsencode(folder) + b"/") for word in words):
                found.append(int(process.name))
    return found


def start(place: Place, run: str) -> subprocess.Popen[str]:
    """A run in a process of its own, at its beginning; ``watch`` where it has something to follow."""
    code = RUN.format(here=str(Path(__file__).parent), base=str(place.base), folder=str(place.folder), run=run)
    # In a file: a pipe that nobody reads could stop the run.
    with (place.folder / "errors.txt").open("w") as errors:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    if run == "watch":
        process.stdout.readline()
        for number in range(EXTRA // 4):
            (place.extra / f"{number}.jpg").unlink()
        write_pictures(place.extra, range(EXTRA, 2 * EXTRA), 500_000)
    return process


def wanted(paths: Iterable[Path], encoder: ProjectionEncoder) -> Vectors:
    """What a library of pictures holds."""
    files = sorted(paths)
    return dict(zip(map(str, files), encoder.encode_image(files), strict=True)) if files else {}


def is_same(one: Vectors, two: Vectors) -> bool:
    """Whether libraries hold the same."""
    return one.keys() == two.keys() and all(np.allclose(one[path], two[path], atol=1e-3) for path in one)


def take_away(place: Place, run: str, choose: random.Random) -> Path:
    """Let a picture go, as its owner would."""
    if run in ("index", "watch"):
        gone = choose.choice(sorted(place.extra.iterdir()))
        gone.unlink()
        with Library(place.library, model=OLD) as library:
            library.add(place.extra)
    else:
        gone = choose.choice(place.pictures)
        with Library(place.library) as library:
            if library.exists():
                library.remove(gone)
    return gone


def complete(place: Place, run: str, gone: Path) -> bool:
    """Run again to the end; whether all is as it should be."""
    if run == "watch":
        with Library(place.library, model=OLD) as library:
            library.add(place.extra)
        return is_same(held(place.library)[0], wanted(place.extra.iterdir(), OLD))
    RUNS[run](place)
    if run == "index":
        return is_same(held(place.library)[0], wanted([*place.pictures, *place.extra.iterdir()], OLD))
    if run == "import":  # which brings everything
        return is_same(held(place.library)[0], wanted(place.pictures, OLD))
    there = wanted([path for path in place.pictures if path != gone], NEW if run == "reindex" else OLD)
    return is_same(held(place.target if run == "migrate" else place.library)[0], there)


@dataclass
class Trials:
    """The trials of one base, and what they found."""

    base: Path
    choose: random.Random = field(default_factory=lambda: random.Random(0))
    total: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)

    def measure(self, run: str) -> None:
        """How long a run takes that nobody disturbs."""
        with self._place(run, 0) as place:
            process = start(place, run)
            assert process.stdout is not None
            started = time.perf_counter()
            if run == "watch":
                process.stdout.readline()
            elif process.wait():
                raise SystemExit((place.folder / "errors.txt").read_text())
            self.seconds[run] = time.perf_counter() - started
            process.kill()
            process.communicate()

    def kill(self, run: str, trial: int) -> None:
        """One trial."""
        if run not in self.seconds:
            self.measure(run)
        with self._place(run, trial) as place:
            process = start(place, run)
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.choose.random() * self.seconds[run])
                self.seconds[run] *= 0.8  # it was over: the machine has more time for us than it had
            victim = self.choose.choice(["run", "run", "run", "both", "store"])
            found = Counter(on_the_way=int(process.poll() is None))
            if victim != "run":
                for store in stores_of(place.folder):
                    with suppress(ProcessLookupError):
                        os.kill(store, signal.SIGKILL)
            if victim == "store":
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10 if run == "watch" else 120)
                found["gave_up"] = int(process.poll() not in (None, 0))
            process.kill()
            process.communicate()
            with Library(place.library) as kept_open:  # so that its store is not started again and again
                kept_open.exists()
                found += self._examine(place, run)
            if any(found[name] for name in MUST_BE_ZERO):
                print(run, "trial", trial, victim, dict(found), (place.folder / "errors.txt").read_text()[-2000:])
            self.total += found

    def _examine(self, place: Place, run: str) -> Counter[str]:
        found, said = look(place.library)
        if run == "migrate":
            found += look(place.target)[0]
        if run == "index":
            known = sum(said.get(str(path)) is not None for path in self._unchanged(place, said))
            with Library(place.library, model=OLD) as library:
                found["embedded_again"] = known - library.add(place.base / "photos", place.extra).unchanged
        gone = take_away(place, run, self.choose)
        found["back"] = int(str(gone) in held(place.library)[1])
        found["different"] = int(not complete(place, run, gone))
        return found

    def _unchanged(self, place: Place, said: dict[str, str]) -> list[Path]:
        """Acknowledged pictures that are as they were acknowledged."""
        if not self.now:
            self.now = held(self.base / "now.db")[1]
        now = self.now
        return [
            path
            for path in (*place.pictures, *place.extra.iterdir())
            if now.get(str(path)) in (None, said.get(str(path)))
        ]

    @contextmanager
    def _place(self, run: str, trial: int) -> Iterator[Place]:
        with tempfile.TemporaryDirectory(dir=self.base.parent) as name:
            place = Place(self.base, Path(name))
            prepare(place, run, trial)
            yield place


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


def fill_disk(base: Path) -> dict[str, Any] | None:
    """A run on a disk that is full half-way, and the next one when there is room."""
    need = sum(path.stat().st_size for path in base.glob("now.db*"))
    with small_disk(f"{need * 3 // 1024}k") as disk:
        if disk is None:
            return None
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(need * 3 - need // 2))
        message = ""
        try:
            with Library(disk / "photos.db", model=OLD) as library:
                library.add(base / "photos")
        except ZhclipError as error:
            message = str(error)
        ballast.unlink()
        found, said = look(disk / "photos.db")
        with Library(disk / "photos.db", model=OLD) as library:
            found["embedded_again"] = len(said) - library.add(base / "photos").unchanged
        found["different"] = int(not is_same(held(disk / "photos.db")[0], held(base / "now.db")[0]))
        return {"error": message, **{name: found[name] for name in MUST_BE_ZERO}}


def main() -> None:
    """Run it; mounting needs root or a user name space of one's own, in which it starts itself again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one kill of each run, and no full disk")
    parser.add_argument("--kills", type=int, default=100, help="(default: 100)")
    parser.add_argument("--pictures", type=int, default=400, help="that all trials share (default: 400)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: 0)")
    options = parser.parse_args()
    kills, pictures = (len(RUNS), 120) if options.quick else (options.kills, options.pictures)
    if not options.quick and os.geteuid() != 0 and shutil.which("unshare") and "ZHCLIP_UNSHARED" not in os.environ:
        command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv]
        if subprocess.run([*command[:4], "true"], check=False, capture_output=True).returncode == 0:
            os.execvpe(command[0], command, {**os.environ, "ZHCLIP_UNSHARED": "1"})
    with tempfile.TemporaryDirectory() as name:
        base = Path(name).resolve() / "base"
        make_base(base, pictures)
        trials = Trials(base, random.Random(options.seed))
        names = list(RUNS)
        done: Counter[str] = Counter()
        with suppress(KeyboardInterrupt):  # Ctrl-C: the figures so far
            for trial in range(kills):
                run = names[trial % len(names)]
                trials.kill(run, trial // len(names))
                done[run] += 1
        figures: dict[str, Any] = {
            "kills": done.total(),
            "by_run": dict(done),
            **{key: trials.total[key] for key in ("on_the_way", *MUST_BE_ZERO)},
            "full_disk": None if options.quick or done.total() < kills else fill_disk(base),
        }
    report("Disturbed runs", ["", "value"], [(key, json.dumps(value)) for key, value in figures.items()], figures)


if __name__ == "__main__":
    main()
