"""Milvus Lite: the store of a library that is one file, run as a process of its own.

All processes of a user share the one that runs. Whoever needs the library first starts it; it listens on a
socket beside the library that is the user's alone, and ends with the last process that uses it. Where it
dies, whoever notices first starts it again.

pymilvus can start it too, but for one process, and it lets it write to the terminal and accepts plain
ASCII file names only.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from zhclip.errors import LibraryError, LibraryLockedError, StoreError
from zhclip.library.lock import FileLock, describe_process, keep_private, open_private
from zhclip.temporary import TemporaryFolder, clear_abandoned

_START_SECONDS = 30.0
_END_SECONDS = 10.0
_PATIENCE = 15.0
_STEP = 0.01
_LONGEST_SOCKET = 103
"""Bytes of a socket's path on macOS; Linux has 107."""
_LONGEST_NAME = 255 - 16
"""Bytes of a library's name; the longest name beside it has 14 more."""
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""What a client of HTTP/2 begins with; a server that is at work answers at once."""

_running: dict[Path, LiteServer] = {}
_registry = threading.Lock()


@dataclass(frozen=True)
class _Note:
    """What the process that started a store leaves for the others."""

    host: str
    socket: str
    file: tuple[int, int]
    """Device and number of the library's file: a file that came in its place is not what the store has open."""


class LiteServer:
    """The Milvus Lite of a file, shared by all that this process opens of it, and by all processes.

    Get one with :func:`open_lite`; every open needs one :meth:`release`.

    Args:
        path: The library's file, absolute; made where it is missing.

    Raises:
        LibraryLockedError: It runs where this process cannot use it.
        LibraryError: The file is another user's, or its folder may not be written.
        StoreError: Milvus Lite did not start.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        self.address = ""
        """For pymilvus."""
        self._process: subprocess.Popen[bytes] | None = None
        self._ensuring = threading.Lock()
        # Milvus Lite waits for this lock and ends when it gets it: when nobody has a share in it any more.
        self._use = FileLock(path.parent / f".{path.name}.lock", str(path), shared=True)
        try:
            self.ensure()
        except BaseException:
            self._use.release()
            raise

    def ensure(self) -> None:
        """Make sure that the store answers: use the one that runs, else start one.

        Raises:
            LibraryLockedError: It runs where this process cannot use it.
            StoreError: It does not start.
        """
        with self._ensuring:
            if not self._use.take(_PATIENCE):
                raise LibraryLockedError(
                    "{library} is in use by process {process}, which does not share it; end that process",
                    library=self.path,
                    process=describe_process(self._use.other()),
                )
            deadline = time.monotonic() + _START_SECONDS
            lock = self._open_store_lock()
            try:
                while not _take(lock):
                    note = _read_note(lock)
                    if note is not None and _answers(note.socket):
                        self._check(note)
                        self.address = _address(note.socket)
                        return
                    if time.monotonic() > deadline:
                        raise self._unreachable(note)
                    time.sleep(_STEP)
                self._start(lock)
            finally:
                os.close(lock)  # the process that was started has it open, too

    def release(self) -> None:
        """Give back one use; the last one lets the process end, unless other processes use it."""
        with _registry:
            self.users -= 1
            if self.users == 0:
                _running.pop(self.path, None)
                self._leave()

    def _open_store_lock(self) -> int:
        """The lock that the store's process holds as long as it lives: two stores would not see each other's rows."""
        return open_private(self.path.parent / f".{self.path.name}.store.lock", str(self.path))

    def _start(self, lock: int) -> None:
        binary = _binary()
        is_new = not self.path.exists()
        if is_new:
            self.path.touch(0o600)
        status = self.path.stat()
        clear_abandoned()
        place, folder = self._place_of_socket()
        # Written first: were this process killed in between, others would use the store that it started.
        note = json.dumps(asdict(_Note(socket.gethostname(), place, (status.st_dev, status.st_ino)))).encode()
        os.ftruncate(lock, os.pwrite(lock, note, 0))
        libraries = os.pathsep.join(filter(None, [str(binary.parent), os.environ.get("LD_LIBRARY_PATH")]))
        self._process = subprocess.Popen(
            [binary, self.path, _address(place), "ERROR", self.path.parent / f".{self.path.name}.lock"],
            # Else it would write logs to the folder for temporary files.
            env={**os.environ, "LD_LIBRARY_PATH": libraries, "GLOG_logtostderr": "1"},
            cwd="/",
            umask=0o077,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us, and others may use it
            pass_fds=(lock, folder.owner_file.fileno()) if folder else (lock,),
        )
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(place):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                self._process.wait()
                if is_new:
                    self.path.unlink(missing_ok=True)
                raise StoreError(
                    "Milvus Lite could not open {path}: it is no Milvus Lite file, is damaged, or may not be written",
                    path=self.path,
                )
            time.sleep(_STEP)
        # Others may use it when this process has let it go: somebody must see its end, or it stays as a zombie.
        threading.Thread(target=self._process.wait, name="zhclip-store", daemon=True).start()
        if folder:
            folder.leave()
        keep_private(Path(place))
        keep_private(self.path)
        self.address = _address(place)

    def _place_of_socket(self) -> tuple[str, TemporaryFolder | None]:
        """Where to listen: beside the library; in a temporary folder where paths are long or disks know no sockets."""
        place = self.path.parent / f".{self.path.name}.sock"
        place.unlink(missing_ok=True)
        if len(os.fsencode(place)) <= _LONGEST_SOCKET:
            with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.bind(str(place))
                place.unlink()
                return str(place), None
        folder = TemporaryFolder()
        return str(folder.path / "store.sock"), folder

    def _check(self, note: _Note) -> None:
        """Make sure that the running store has the library's file open, and not one that was there before."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            status = None
        if status is None or (status.st_dev, status.st_ino) != note.file:
            raise LibraryLockedError(
                "the file {library} was deleted or replaced while process {process} has the old one open; "
                "end that process",
                library=self.path,
                process=describe_process(self._use.other() or os.getpid()),
            )

    def _unreachable(self, note: _Note | None) -> LibraryLockedError:
        if note is not None and note.host != socket.gethostname():
            return LibraryLockedError(
                "{library} is in use on the machine {host}, and a file serves one machine at a time; end its use "
                "there, or put the library on a Milvus server: zhclip migrate --to http://HOST:19530",
                library=self.path,
                host=note.host,
            )
        return LibraryLockedError(
            "the store of {library} (a process of the name milvus) runs and does not answer; end it, and try again",
            library=self.path,
        )

    def _leave(self) -> None:
        """Give up this process's share; where it was the last, wait until all is written and the store has ended."""
        self._use.give_back()
        if not self.path.parent.is_dir():  # deleted meanwhile, and not to be made again
            self._use.release()
            return
        try:
            self._wait_for_end()
        finally:
            self._use.release()

    def _wait_for_end(self) -> None:
        deadline = time.monotonic() + _END_SECONDS
        lock = self._open_store_lock()
        try:
            while not self._use.is_shared():
                if _take(lock):
                    self._clear_socket(_read_note(lock))
                    break
                if time.monotonic() > deadline:
                    if self._process is not None:
                        self._process.kill()
                    break
                time.sleep(_STEP)
        finally:
            os.close(lock)

    def _clear_socket(self, note: _Note | None) -> None:
        if note is not None and Path(note.socket).parent == self.path.parent:
            Path(note.socket).unlink(missing_ok=True)
        else:
            clear_abandoned()


def open_lite(path: Path) -> LiteServer:
    """The running Milvus Lite of a file; started where none runs yet.

    Args:
        path: The file; made where it is missing, with its folder.

    Raises:
        LibraryError: The path cannot be a library.
        LibraryLockedError: It is in use where this process cannot share it.
        StoreError: Milvus Lite did not start.
    """
    path = library_file(path)
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
        else:
            server.ensure()
        server.users += 1
        return server


def library_file(location: str | os.PathLike[str]) -> Path:
    """The file of a library, absolute, which need not be there.

    Raises:
        LibraryError: There is a folder, or a file of that name cannot be.
    """
    path = Path(location).expanduser().resolve()
    if len(os.fsencode(path.name)) > _LONGEST_NAME:
        raise LibraryError(
            "the name {name} is too long for a library, which keeps files of longer names beside it; "
            "use at most {longest} bytes",
            name=path.name,
            longest=_LONGEST_NAME,
        )
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise LibraryError("{path} cannot be a library: {error}; name another place", path=path, error=error) from None
    if is_folder:
        raise LibraryError(
            "{path} is a folder; a library is a file, for example {example}", path=path, example=path / "photos.db"
        )
    return path


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read_note(lock: int) -> _Note | None:
    """What the store's lock file says; None where the store is starting still."""
    try:
        values = json.loads(os.pread(lock, 65_536, 0))
        return _Note(values["host"], values["socket"], tuple(values["file"]))
    except (ValueError, KeyError, TypeError):
        return None


def _address(place: str) -> str:
    return f"unix:{quote(place)}"


def _answers(place: str) -> bool:
    """Whether somebody is at work behind a socket, which a process has before that and while it is stopped."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            if os.geteuid() not in (0, os.lstat(place).st_uid):  # somebody else's, who would be told all
                return False
            probe.connect(place)
            probe.sendall(_GREETING)
            return bool(probe.recv(1))
        except OSError:
            return False


def _binary() -> Path:
    # Found, not imported: milvus_lite 2.5 imports pkg_resources, which warns and which setuptools 81 dropped.
    package = find_spec("milvus_lite")
    if package is None or package.origin is None:
        raise LibraryError(
            "Milvus Lite is not installed (there is none for Windows); use a Milvus server: http://HOST:19530"
        )
    return Path(package.origin).parent / "lib" / "milvus"
