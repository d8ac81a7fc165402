"""The connection to Milvus, in a file of its own (Milvus Lite) or on a server, which outlives the store's process."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from zhclip.errors import LibraryError, StoreError
from zhclip.library.lite import open_lite

_TIMEOUT = 120.0
_CONNECT_SECONDS = 10
_RECONNECT_SECONDS = 2
"""Where a process is started anew, pymilvus is not to wait long for the one that is gone."""
_READY_SECONDS = 20.0
_STEP = 0.02
_FULL_DISK = 8 << 20
_CHANNEL = {
    # pymilvus pings every 10 s, which Milvus Lite answers by closing the connection and gRPC by printing that.
    "grpc.keepalive_time_ms": 600_000,
    # A process that was started anew is found at once.
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.min_reconnect_backoff_ms": 50,
    "grpc.max_reconnect_backoff_ms": 1000,
}

_C = TypeVar("_C", bound="Connection")
_P = ParamSpec("_P")
_T = TypeVar("_T")


def outliving(operation: Callable[Concatenate[_C, _P], _T]) -> Callable[Concatenate[_C, _P], _T]:
    """Make an operation outlive the process of Milvus Lite: it is begun again with the next one.

    What the process had acknowledged is in the file, and each operation may be done twice.
    """

    @wraps(operation)
    def begin(connection: _C, /, *args: _P.args, **values: _P.kwargs) -> _T:
        try:
            return operation(connection, *args, **values)
        except StoreError:
            if not connection.revive():
                raise
            return operation(connection, *args, **values)

    return begin


class Connection:
    """A connection to the Milvus of a library.

    Args:
        location: Path of a Milvus Lite file, or ``http(s)://host:port[/database]`` of a server.
        token: ``user:password`` or an API key, for a server.

    Raises:
        LibraryError: The location cannot be a library, or no server answers there.
        LibraryLockedError: The file is in use where this process cannot share it.
    """

    def __init__(self, location: str | Path, *, token: str | None = None) -> None:
        self.location = str(location)
        self.remote = self.location.startswith(("http://", "https://"))
        self._token = token
        self._lite = None if self.remote else open_lite(Path(location))
        self._client: Any = None
        self._address = ""
        self._names: set[str] = set()
        """The collections that there are."""
        self._loaded: set[str] = set()
        # What fails in Milvus Lite (a full disk) fails for good, and with a timeout pymilvus would try till its end.
        self._limits: dict[str, Any] = {"timeout": _TIMEOUT} if self.remote else {"retry_times": 2}
        try:
            self._reach()
            version = self._server_version() if self.remote else None
        except BaseException:
            self.close()
            raise
        self.finds_inside_names = version is None or version >= (2, 4)
        self.knows_words = version is None or version >= (2, 5)
        """Whether the store can search words (BM25); collections made before it could do not have them."""

    def close(self) -> None:
        """Leave the store; a file's process stops with its last user."""
        if self._client is not None:
            self._client.close()
        if self._lite:
            self._lite.release()
            self._lite = None

    def revive(self) -> bool:
        """Make sure after a failure that Milvus Lite runs and is ready; False for a server, which is not ours to start.

        Raises:
            LibraryError: It cannot be started, or not reached.
        """
        if self._lite is None or self._disk_is_full():
            return False
        self._lite.ensure()
        self._loaded.clear()  # a process that was started anew has loaded none
        self._reach()
        return True

    @outliving
    def look_again(self) -> None:
        """See which collections there are now: another process may have made or dropped some.

        Raises:
            LibraryLockedError: The store has a file open that was deleted or replaced; what is written there is lost.
        """
        if self._lite:
            self._lite.ensure()
        self._list()

    def _list(self) -> None:
        with self._explained():
            self._names = set(self._client.list_collections(**self._limits))

    def _reach(self) -> None:
        """Connect; Milvus Lite, which may have started this moment, is given some time."""
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                self._connect()
                self._list()
            except LibraryError:
                if self._lite is None or time.monotonic() >= deadline:
                    raise
                time.sleep(_STEP)
                self._lite.ensure()
            else:
                return

    def _connect(self) -> None:
        # pymilvus takes half a second to import, which commands that open no library must not pay.
        from pymilvus import MilvusClient
        from pymilvus.exceptions import MilvusException

        address = self._lite.address if self._lite else self.location
        if address == self._address:
            return
        # It logs a traceback for every error that it also raises.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        patience = _RECONNECT_SECONDS if self._lite else _CONNECT_SECONDS
        try:
            client = MilvusClient(address, token=self._token or "", timeout=patience, grpc_options=_CHANNEL)
        except MilvusException as error:
            raise LibraryError(
                "no Milvus server answers at {address}: {error}. "
                "Is it running, and are the address, the token and the database right?",
                address=address,
                error=error.message.splitlines()[0],
            ) from None
        if self._client is not None:
            self._client.close()
        self._client, self._address = client, address

    def _server_version(self) -> tuple[int, int]:
        with self._explained():
            major, minor = self._client.get_server_version(**self._limits).lstrip("v").split(".")[:2]
        return int(major), int(minor)

    def _disk_is_full(self, need: int = _FULL_DISK) -> bool:
        try:
            return not self.remote and shutil.disk_usage(Path(self.location).parent).free < need
        except OSError:  # the folder or the disk is gone
            return False

    def _full_disk(self) -> StoreError:
        return StoreError(
            "the disk that the library {library} is on is full; make room and run the command again: "
            "what was done stays",
            library=self.location,
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what pymilvus and gRPC raise into one line that names the library."""
        import grpc
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except (MilvusException, grpc.RpcError) as error:
            if self._disk_is_full():
                raise self._full_disk() from error
            message = getattr(error, "message", None) or str(error)
            raise StoreError(
                "the store of the library {library} failed: {error}",
                library=self.location,
                error=message.splitlines()[0],
            ) from error
