"""Following folders: what changes in them is in the library within seconds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from zhclip.errors import FolderError, LibraryError
from zhclip.file_names import on_disk
from zhclip.library.catalogue import Catalogue
from zhclip.library.picture import Failure, IndexReport

_LONGEST_WAIT = 10.0


def watch(
    library: Catalogue,
    *folders: str | os.PathLike[str],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    captions: str | os.PathLike[str] | None = None,
    keep_missing: bool = False,
    quiet_seconds: float = 1.0,
    report: Callable[[IndexReport], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Keep a library up to date with folders until stopped.

    The folders are indexed once, and again whenever something in them changed. A burst of
    changes is waited out, so that a hundred photos that are copied in are one run.

    Args:
        library: The library.
        folders: Folders that exist.
        include: As for :meth:`Catalogue.add`.
        exclude: As for :meth:`Catalogue.add`.
        captions: As for :meth:`Catalogue.add`.
        keep_missing: As for :meth:`Catalogue.add`.
        quiet_seconds: How long nothing must happen before a run; after 10 s of changes it starts anyway.
        report: Called after each run that changed something, the first run in any case.
        stop: Ends the watching when it is set; Ctrl-C does too.

    Raises:
        FolderError: A folder is missing.
        LibraryError: A folder cannot be watched.
        StoreError: The store failed.
    """
    index = partial(
        library.add, *folders, include=include, exclude=exclude, captions=captions, keep_missing=keep_missing
    )
    changes = _Changes(Path(library.location).name)
    stop = stop or threading.Event()
    observer = Observer()
    roots: set[str] = set()
    for folder in folders:
        path = Path(on_disk(folder))
        roots.add(str(path))
        if not path.is_dir():
            raise FolderError("there is no folder {folder}; check the path", folder=folder)
        try:
            observer.schedule(changes, str(path), recursive=True)
        except OSError as error:
            raise LibraryError("{folder} cannot be watched: {error}", folder=folder, error=error) from None
    try:
        observer.start()
    except OSError as error:
        raise LibraryError(
            "the folders cannot be watched: {error}; raise fs.inotify.max_user_watches, or index by hand", error=error
        ) from None
    try:
        first = True
        while not stop.is_set():
            if first or changes.settled(quiet_seconds, stop):
                done, trouble = _unless_away(index, None if first else captions)
                gone = set(changes.take_gone()) - roots
                # A folder without pictures keeps those it held, for it may be a disk that is away; what was seen to
                # be deleted is gone.
                if gone and not keep_missing and library.exists():
                    done = done or IndexReport()
                    done.removed += library.remove(*gone)
                if report and done and (first or trouble or done.added or done.updated or done.removed):
                    report(done)
                first = False
    finally:
        observer.stop()
        observer.join()


def _unless_away(
    index: Callable[[], IndexReport], captions: str | os.PathLike[str] | None
) -> tuple[IndexReport | None, bool]:
    """Index, and say whether there was trouble with the table of captions.

    Where no folder holds a picture, or one is away for a moment, there is nothing to index. A table that is being
    written, or was spoiled, may be whole at the next change.
    """
    try:
        return index(), False
    except FolderError:
        return None, False
    except LibraryError as error:
        if captions is None or type(error) is not LibraryError:
            raise
        return IndexReport(failed=[Failure(Path(captions), str(error))]), True


class _Changes(FileSystemEventHandler):
    """Collects what watchdog tells, from its own thread."""

    def __init__(self, own: str) -> None:
        self._own = own
        self._happened = threading.Event()
        self._last = 0.0
        self._gone: list[str] = []

    def dispatch(self, event: FileSystemEvent) -> None:
        """Take note of a change; reading a file is none, and neither is our own writing."""
        if event.event_type in ("opened", "closed_no_write") or self._own in os.path.basename(str(event.src_path)):  # noqa: PTH119
            return
        if event.event_type in ("deleted", "moved"):
            self._gone.append(os.fsdecode(event.src_path))
        self._last = time.monotonic()
        self._happened.set()

    def take_gone(self) -> list[str]:
        """Files and folders that were deleted or moved away since the last time, and are not there again."""
        gone, self._gone = self._gone, []
        return [path for path in gone if not os.path.lexists(path)]

    def settled(self, quiet_seconds: float, stop: threading.Event) -> bool:
        """Wait a moment for changes, and then until they have come to rest; whether there were any."""
        if not self._happened.wait(0.2):
            return False
        started = time.monotonic()
        while time.monotonic() - self._last < quiet_seconds and time.monotonic() - started < _LONGEST_WAIT:
            if stop.wait(0.05):
                return False
        self._happened.clear()
        return True
