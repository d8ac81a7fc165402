"""Running the service, and ending it in order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import signal
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from zhclip.errors import ConfigError
from zhclip.server.limits import prompt_protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from fastapi import FastAPI

_MOST_FILES = 65_536
_BACKLOG = 2048
_STEP = 0.05
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def listen(host: str, port: int) -> socket.socket:
    """Take an address.

    Args:
        host: A name or an IP address of this machine.
        port: 0 takes a free one.

    Raises:
        ConfigError: It is taken, or is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise ConfigError("there is no address {host}; give one of this machine with --host", host=host) from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                "port {port} is in use; choose another with --port, or 0 for a free one", port=port
            ) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise ConfigError(
                "{host} is not an address of this machine; choose another with --host", host=host
            ) from None
        raise ConfigError(
            "port {port} may not be used; choose another with --port, or 0 for a free one", port=port
        ) from None
    return listener


def serve(app: FastAPI, listener: socket.socket, *, announce: Callable[[], None]) -> None:
    """Serve an application until SIGTERM, SIGHUP or Ctrl-C; on each, what was begun is ended first.

    Args:
        app: As ``create_service`` makes it.
        listener: As :func:`listen` gives it.
        announce: Is called when requests are answered.
    """
    allow_many_connections()
    settings = app.state.service.settings
    config = uvicorn.Config(
        app,
        http=prompt_protocol(settings.request_seconds),
        log_level="warning",
        access_log=False,  # it would hold what people search for
        server_header=False,
        backlog=_BACKLOG,
        # The page keeps connections open, for which a shutdown would wait.
        timeout_graceful_shutdown=1,
    )
    Server(config, app, announce).run(sockets=[listener])


class Server(uvicorn.Server):
    """A server that on SIGTERM or SIGHUP says so to those who ask, ends what it began, and exits with 0.

    Args:
        config: For uvicorn.
        app: The application.
        announce: Is called when requests are answered.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.service = app.state.service
        self._announce = announce
        self._draining: asyncio.Task[None] | None = None
        self._patience = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while the server runs; unlike uvicorn's own, a signal is no error afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        # Under nohup, a terminal that closes is not to end it.
        heard = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self.handle_exit) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End in order; the second signal ends at once."""
        if self.service.draining:
            self.should_exit = self.force_exit = True
            return
        self.service.draining = True
        self._patience = 0.0 if sig == signal.SIGINT else self.service.settings.drain_seconds

    async def on_tick(self, counter: int) -> bool:
        """Every tenth of a second: begin to end where a signal asks for it."""
        if self.service.draining and self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        return await super().on_tick(counter)

    async def _drain(self) -> None:
        # Whoever sends requests here looks at /readyz now and then, and until it has, they are answered.
        await asyncio.sleep(self._patience)
        self.service.ended = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.service.settings.end_seconds):
                while self.service.active:
                    await asyncio.sleep(_STEP)
        self.should_exit = True


def allow_many_connections() -> None:
    """Let this process open as many files as it may: every connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
