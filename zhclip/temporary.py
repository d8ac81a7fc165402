"""Folders for what must not stay: of this user alone, and cleared even after a process that was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_PREFIX = "zhclip-"
_OWNER = ".owner"


class TemporaryFolder:
    """A folder for temporary files that only this user can read.

    It goes with :meth:`remove` or the end of the process. What a process leaves that was killed, the next
    one to make such a folder clears.
    """

    def __init__(self) -> None:
        clear_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        """Where it is."""
        fresh = self.path / f"{_OWNER}.new"
        self.owner_file = fresh.open("w")
        """Locked by whoever has it open: as long as somebody does, the folder stays."""
        fcntl.flock(self.owner_file, fcntl.LOCK_EX)
        # Named when it is locked, so that nobody takes the folder for an abandoned one in between.
        fresh.rename(self.path / _OWNER)
        self._end = weakref.finalize(self, _end, self.path, self.owner_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Delete the folder with all that is in it."""
        self._end()

    def leave(self) -> None:
        """Let the folder stay when this process ends, for others that have :attr:`owner_file` open."""
        self._end.detach()
        self.owner_file.close()


def clear_abandoned() -> None:
    """Delete this user's folders whose processes are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            with (folder / _OWNER).open("r") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)


def _end(folder: Path, owner_file: IO[str]) -> None:
    _remove(folder)
    owner_file.close()


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
