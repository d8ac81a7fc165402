"""Locks on files, which tell who holds them and which the end of a process gives back."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import sys
import time
from pathlib import Path

from zhclip.errors import LibraryError

# The system's struct flock; of what a lock is asked for, all but its kind is 0.
if sys.platform == "darwin":
    _FLOCK, _FIELDS = "qqihh", ("start", "length", "process", "kind", "origin")
else:
    _FLOCK = "hhqqi4x" if struct.calcsize("l") == 8 else "hhlli"
    _FIELDS = ("kind", "origin", "start", "length", "process")
_TAKEN = (errno.EACCES, errno.EAGAIN)
_STEP = 0.02


class FileLock:
    """A lock on a file; once taken it is held until :meth:`release` or the end of the process, however it ends.

    A process opens a file for one such lock at a time: closing it would give all of them back.

    Args:
        path: The lock file; it is made where it is missing, for this user alone, and stays.
        library: What it stands for, as the user named it.
        shared: Any number of processes may hold it so; while one does, nobody else holds it alone.

    Raises:
        LibraryError: The file cannot be made, or is another user's.
    """

    def __init__(self, path: Path, library: str, *, shared: bool = False) -> None:
        self._kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        self._library = library
        self._file = open_private(path, library)

    def take(self, patience: float = 0.0) -> bool:
        """Take the lock, waiting for it so many seconds; whether it was had.

        Raises:
            LibraryError: The disk knows no locks.
        """
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.lockf(self._file, self._kind | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise LibraryError(
                        "{library} is on a disk that knows no locks ({reason}); choose another place",
                        library=self._library,
                        reason=error.strerror,
                    ) from None
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_STEP)
            else:
                return True

    def other(self) -> int | None:
        """The id of another process that holds the lock, alone or shared; None where there is none."""
        return self._ask_for_other()[1]

    def is_shared(self) -> bool:
        """Whether another process holds the lock shared."""
        return self._ask_for_other()[0] == fcntl.F_RDLCK

    def give_back(self) -> None:
        """Let others have the lock; it can be taken again."""
        fcntl.lockf(self._file, fcntl.LOCK_UN)

    def release(self) -> None:
        """Give the lock back for good."""
        os.close(self._file)

    def _ask_for_other(self) -> tuple[int, int | None]:
        asked = struct.pack(_FLOCK, *(fcntl.F_WRLCK if field == "kind" else 0 for field in _FIELDS))
        found = dict(zip(_FIELDS, struct.unpack(_FLOCK, fcntl.fcntl(self._file, fcntl.F_GETLK, asked)), strict=True))
        return found["kind"], None if found["kind"] == fcntl.F_UNLCK else found["process"]


def open_private(path: Path, library: str) -> int:
    """Open a file beside a library to read and write; it is made where it is missing, for this user alone.

    Args:
        path: The file.
        library: The library, as the user named it.

    Returns:
        The open file, for :func:`os.close`.

    Raises:
        LibraryError: The file cannot be made, or is another user's.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # No link is followed: in a folder that others may write to it could lead to any file of this user.
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if isinstance(error, PermissionError) and path.exists():
            raise LibraryError(
                "the library {library} is another user's ({file} may not be written); for several users put it on "
                "a Milvus server: zhclip migrate --to http://HOST:19530",
                library=library,
                file=path,
            ) from None
        raise LibraryError(
            "cannot write beside {library}: {reason}; choose another place", library=library, reason=error.strerror
        ) from None
    keep_private(path)
    return file


def make_private(path: Path, library: str) -> None:
    """Make a file beside a library, for this user alone, where it is missing.

    One that is there is not opened: closing it would give back all locks that this process has on it, SQLite's too.

    Args:
        path: The file.
        library: The library, as the user named it.

    Raises:
        LibraryError: The file cannot be made, or is another user's.
    """
    if os.access(path, os.R_OK | os.W_OK) and not path.is_symlink():
        keep_private(path)
    else:
        os.close(open_private(path, library))


def keep_private(path: Path) -> None:
    """Take from others the right to read a file that is this user's, where the file system knows such rights."""
    try:
        status = path.stat()
        if status.st_mode & 0o177 and status.st_uid == os.geteuid():
            path.chmod(0o600)
    except OSError:
        return


def describe_process(process: int | None) -> str:
    """A process for people: its id and the name of its command, without its arguments, which may hold secrets."""
    try:
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        name = ""
    return f"{process or '?'} ({name})" if name else str(process or "?")
