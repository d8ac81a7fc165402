"""What an indexing run remembers of the files: a SQLite file beside the library.

Milvus is the truth about what the library holds. This file only saves opening and asking: what Milvus is
about to be told is noted first, and what it acknowledged replaces the note. A note that a killed run
left says which files to ask Milvus about; where the file is missing, or speaks of another library, it is
made anew from Milvus.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from zhclip.errors import StoreError
from zhclip.library.lock import make_private
from zhclip.library.picture import Failure
from zhclip.messages import Message

_TABLES = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sidecars INTEGER NOT NULL, content TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_content ON files (content);
CREATE TABLE IF NOT EXISTS failures (
    path TEXT PRIMARY KEY, reason TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL, tries INTEGER NOT NULL, time REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS intended (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class FileRecord(NamedTuple):
    """A file as it was when it was indexed."""

    path: str
    size: int
    mtime_ns: int
    sidecars: int
    """A number made of the sidecar files' names, sizes and times; 0 where there are none."""
    content: str | None
    """Hash of the content; None for a file that turned out to be no picture."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> FileRecord:
        """The file of a row of the store, which has :data:`ROW_FIELDS` at least."""
        return cls(*(row[name] for name in ROW_FIELDS))


ROW_FIELDS = ("path", "bytes", "mtime_ns", "sidecars", "content")
"""The fields of a picture's row that say what its file was."""


class FailureRecord(NamedTuple):
    """A file that could not be indexed, as it was then."""

    path: str
    reason: str
    size: int
    mtime_ns: int
    ctime_ns: int
    tries: int


class State:
    """The remembered files and failures of one library.

    Args:
        path: The SQLite file; made where it is missing, for this user alone.

    Raises:
        LibraryError: The file cannot be made, or is another user's.
        StoreError: SQLite cannot use it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        make_private(path, str(path))
        with self._explained():
            self._connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def about(self) -> dict[str, str]:
        """Which library, collection and writer the file speaks of."""
        with self._explained():
            return dict(self._connection.execute("SELECT key, value FROM about"))

    def restart(
        self, about: dict[str, str], files: Iterable[FileRecord] = (), failures: Iterable[FailureRecord] = ()
    ) -> None:
        """Forget everything and start with the files given, and the failures of others, in one step."""
        with self._explained(), self._connection:
            for table in ("files", "failures", "intended", "about"):
                self._connection.execute(f"DELETE FROM {table}")
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", files)
            self._note(failures)
            self._connection.execute("DELETE FROM failures WHERE path IN (SELECT path FROM files)")
            self._connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())

    def describe(self, about: dict[str, str]) -> None:
        """Change what the file says of the library."""
        with self._explained(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", about.items())

    def files(self) -> dict[str, FileRecord]:
        """All remembered files by path."""
        with self._explained():
            rows = self._connection.execute("SELECT path, size, mtime_ns, sidecars, content FROM files")
            return {row[0]: FileRecord(*row) for row in rows}

    def failures(self) -> dict[str, FailureRecord]:
        """The ledger of failures by path."""
        with self._explained():
            rows = self._connection.execute("SELECT path, reason, size, mtime_ns, ctime_ns, tries FROM failures")
            return {row[0]: FailureRecord(row[0], Message.from_json(row[1]), *row[2:]) for row in rows}

    def count(self) -> tuple[int, int, int]:
        """How many pictures (by content), picture files and failures there are."""
        with self._explained():
            (pictures, files) = self._connection.execute(
                "SELECT count(DISTINCT content), count(content) FROM files"
            ).fetchone()
            (failures,) = self._connection.execute("SELECT count(*) FROM failures").fetchone()
        return pictures, files, failures

    def paths_of(self, contents: Sequence[str]) -> dict[str, str]:
        """For each content that is known, the path of one file that has it."""
        known: dict[str, str] = {}
        with self._explained():
            for content in contents:
                row = self._connection.execute(
                    "SELECT path FROM files WHERE content = ? LIMIT 1", (content,)
                ).fetchone()
                if row:
                    known[content] = row[0]
        return known

    def intend(self, paths: Iterable[str]) -> None:
        """Note that the store is about to be told of files; :meth:`write` and :meth:`forget` take the notes away."""
        with self._explained(), self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO intended VALUES (?)", [(path,) for path in paths])

    def intended(self) -> list[str]:
        """The files that the store was about to be told of, by a run that goes on or was killed."""
        with self._explained():
            return [path for (path,) in self._connection.execute("SELECT path FROM intended")]

    def write(
        self,
        files: Sequence[FileRecord] = (),
        failures: Sequence[FailureRecord] = (),
        *,
        cleared: Sequence[str] = (),
    ) -> None:
        """Remember files that are in the store now, and failures; a file is one or the other.

        Args:
            files: Files that were done.
            failures: Files that failed.
            cleared: Paths whose earlier failures no longer count.
        """
        with self._explained(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", files)
            for table in ("failures", "intended"):
                self._connection.executemany(f"DELETE FROM {table} WHERE path = ?", [(file.path,) for file in files])
            self._connection.executemany("DELETE FROM failures WHERE path = ?", [(path,) for path in cleared])
            for table in ("files", "intended"):
                self._connection.executemany(f"DELETE FROM {table} WHERE path = ?", [(row.path,) for row in failures])
            self._note(failures)

    def forget(self, paths: Sequence[str]) -> None:
        """Forget files and failures."""
        with self._explained(), self._connection:
            for table in ("files", "failures", "intended"):
                self._connection.executemany(f"DELETE FROM {table} WHERE path = ?", [(path,) for path in paths])

    def settle(self, paths: Sequence[str], files: Sequence[FileRecord]) -> None:
        """Take away the notes of what the store was about to be told: of these paths it holds these files alone."""
        with self._explained(), self._connection:
            self._connection.executemany(
                "DELETE FROM files WHERE path = ? AND content IS NOT NULL", [(path,) for path in paths]
            )
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", files)
            self._connection.executemany("DELETE FROM failures WHERE path = ?", [(file.path,) for file in files])
            self._connection.executemany("DELETE FROM intended WHERE path = ?", [(path,) for path in paths])

    def _note(self, failures: Iterable[FailureRecord]) -> None:
        now = time.time()
        self._connection.executemany(
            "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(failure.path, Message.of(failure.reason).to_json(), *failure[2:], now) for failure in failures],
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except (sqlite3.Error, OSError) as error:
                raise StoreError(
                    "{file}, where the library remembers its files, failed: {reason}. "
                    "Is the disk full? It may be deleted: it is made anew from the library",
                    file=self.path,
                    reason=str(error),
                ) from error


def state_path(location: str, *, remote: bool) -> Path:
    """Where the state of a library lies: beside its file, or in the user's folder for a server."""
    if not remote:
        path = Path(location).expanduser().resolve()
        return path.parent / f"{path.name}.files"
    data = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return data / "zhclip" / f"{hashlib.sha256(location.encode()).hexdigest()[:16]}.files"


def to_failure(record: FailureRecord) -> Failure:
    """The public form of a failure."""
    return Failure(Path(record.path), record.reason, record.tries)
