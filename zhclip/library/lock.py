"""One process a library: a lock that knows who holds it."""

from __future__ import annotations

import fcntl
import os
import struct
import time
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

    Raises:
        LibraryLockedError: Another process holds it; the message names the process.
        LibraryError: The file cannot be made.
    """

    def __init__(self, path: Path, library: str) -> None:
        self.path = path
        self._file = self._acquire(library)

    def _acquire(self, library: str) -> IO[str]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a")
        except OSError as error:
            raise LibraryError(f"cannot write beside {library}: {error.strerror}; choose another place") from None
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = _holder(file)
                command = _command(holder) if holder else ""
                # A store whose zhclip was killed takes its lock for a moment before it ends.
                if time.monotonic() < deadline and (holder is None or _is_store(command)):
                    time.sleep(0.05)
                    continue
                file.close()
                raise LibraryLockedError(
                    f"{library} is in use by process {holder or 'unknown'} ({command or 'its command is not shown'}). "
                    "Search through that process if it is the web page or the service, or end it; for several "
                    "processes put the library on a Milvus server (zhclip migrate --to http://HOST:19530)"
                ) from None
            return file

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


def _is_store(command: str) -> bool:
    return "milvus_lite" in command.split(" ")[0]
