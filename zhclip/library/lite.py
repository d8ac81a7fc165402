"""Milvus Lite: the store of a library that is one file, run as a process of its own.

pymilvus can start it too, but lets it write to the terminal, cannot say who holds a file,
and accepts plain ASCII file names only.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path

from zhclip.errors import LibraryError, StoreError
from zhclip.library.lock import FileLock

_START_SECONDS = 30.0
_running: dict[Path, LiteServer] = {}
_registry = threading.Lock()


class LiteServer:
    """A running Milvus Lite process, shared by all that this process opens of the same file.

    Get one with :func:`open_lite`; every open needs one :meth:`release`.

    Args:
        path: The library's file, absolute; made where it is missing.

    Raises:
        LibraryLockedError: Another process holds the file.
        StoreError: Milvus Lite did not start.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        binary = _binary()
        lock = path.parent / f".{path.name}.lock"
        # A store left behind by a killed process may be writing still: two of them would not see each other's rows.
        self._lock = FileLock(lock, str(path), child=path.parent / f".{path.name}.store.lock")
        assert self._lock.child_file is not None
        self._folder = tempfile.TemporaryDirectory(prefix="zhclip-", ignore_cleanup_errors=True)
        address = str(Path(self._folder.name) / "milvus.sock")
        self.address = f"unix:{address}"
        libraries = os.pathsep.join(filter(None, [str(binary.parent), os.environ.get("LD_LIBRARY_PATH")]))
        # It ends by itself as soon as it gets the lock, that is when this process lets it go or dies.
        self._process = subprocess.Popen(
            [binary, path, self.address, "ERROR", lock],
            # It writes logs to the folder for temporary files, where others could read them.
            env={**os.environ, "LD_LIBRARY_PATH": libraries, "TMPDIR": self._folder.name},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: we stop it when all is written
            pass_fds=(self._lock.child_file.fileno(),),
        )
        self._lock.leave_to_child()
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(address):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise StoreError(
                    "Milvus Lite could not open {path}: it is no Milvus Lite file, is damaged, or may not be written",
                    path=path,
                )
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop the process; all that it acknowledged is in the file."""
        self._lock.release()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def release(self) -> None:
        """Give back one use; the last one stops the process."""
        with _registry:
            self.users -= 1
            if self.users == 0:
                _running.pop(self.path, None)
                self.stop()


def open_lite(path: Path) -> LiteServer:
    """The running Milvus Lite of a file; started where this process has none yet.

    Args:
        path: The file; made where it is missing, with its folder.

    Raises:
        LibraryError: The path cannot be a library.
        LibraryLockedError: Another process holds it.
        StoreError: Milvus Lite did not start.
    """
    path = path.expanduser().resolve()
    if path.is_dir():
        raise LibraryError(
            "{path} is a folder; a library is a file, for example {example}", path=path, example=path / "photos.db"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            "the folder {folder} cannot be made: {reason}", folder=path.parent, reason=error.strerror
        ) from None
    with _registry:
        server = _running.get(path)
        if server is None:
            server = _running[path] = LiteServer(path)
        server.users += 1
        return server


def _answers(address: str) -> bool:
    """Whether the process listens; for a moment its socket is there before it does."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(address) == 0


def _binary() -> Path:
    # Found, not imported: milvus_lite 2.5 imports pkg_resources, which warns and which setuptools 81 dropped.
    package = find_spec("milvus_lite")
    if package is None or package.origin is None:
        raise LibraryError(
            "Milvus Lite is not installed (there is none for Windows); use a Milvus server: http://HOST:19530"
        )
    return Path(package.origin).parent / "lib" / "milvus"
