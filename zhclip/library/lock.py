"""One process a library: a lock that knows who holds it."""

from __future__ import annotations

import fcntl
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from zhclip.errors import LibraryError, LibraryLockedError

_FLOCK = "hhqqi4x" if struct.calcsize("l") == 8 else "hhlli"
_PATIENCE = 15.0


class FileLock:
    """A lock on a file, held by this process until :meth:`release` or its end, however it ends.

    Args:
        path: The lock file; it is made where it is missing, with its folder, and stays.
        library: What it stands for, as the user named it.
        child: A second lock file, for a child process that works on the library and may outlive this one a
            little: the lock is had only when no such child is left. Give the child :attr:`child_file`.

    Raises:
        LibraryLockedError: Another process holds it; the message names the process.
        LibraryError: The file cannot be made.
    """

    def __init__(self, path: Path, library: str, *, child: Path | None = None) -> None:
        self.path = path
        self._library = library
        self._file = self._open(path)
        self.child_file = self._open(child) if child else None
        """Locked by whoever has it open, this process and the child; None without a ``child``."""
        try:
            # First: a child left behind ends when it gets the other lock, so that one must be free for it.
            if self.child_file:
                self._take(fcntl.flock, self.child_file)
            self._take(fcntl.lockf, self._file)
        except BaseException:
            self.leave_to_child()
            self._file.close()
            raise

    def leave_to_child(self) -> None:
        """Give up this process's part of the second lock, once the child has its own."""
        if self.child_file:
            self.child_file.close()

    def _open(self, path: Path) -> IO[str]:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("a")
        except OSError as error:
            raise LibraryError(
                "cannot write beside {library}: {reason}; choose another place",
                library=self._library,
                reason=error.strerror,
            ) from None

    def _take(self, lock: Callable[[IO[str], int], object], file: IO[str]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = _holder(self._file)
                command = _command(holder) if holder else ""
                # A store whose zhclip was killed takes its lock for a moment before it ends.
                if time.monotonic() < deadline and (holder is None or _is_store(command)):
                    time.sleep(0.02)
                    continue
                raise LibraryLockedError(
                    "{library} is in use by process {process} ({command}). "
                    "Search through that process if it is the web page or the service, or end it; for several "
                    "processes put the library on a Milvus server (zhclip migrate --to http://HOST:19530)",
                    library=self._library,
                    process=holder or "?",
                    command=_without_options(command) or "?",
                ) from None
            return

    def release(self) -> None:
        """Give the lock back."""
        self._file.close()


def _holder(file: IO[str]) -> int | None:
    """The process id that holds a lock on the file, None where it was just given back."""
    request = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, process = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, request))
    return None if kind == fcntl.F_UNLCK else int(process)


def _command(process: int) -> str:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    return " ".join(word for word in words if word)


def _without_options(command: str) -> str:
    """A command up to its first option: what follows may be a password, a token or an address."""
    return command.partition(" -")[0]


def _is_store(command: str) -> bool:
    return "milvus_lite" in command.split(" ")[0]
