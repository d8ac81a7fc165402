"""What a client may send, and how long it may take to do so."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from uvicorn.protocols.http.h11_impl import H11Protocol

from zhclip.errors import PictureError
from zhclip.models.picture_file import open_picture_file
from zhclip.server.addresses import route_path
from zhclip.server.errors import Refusal

if TYPE_CHECKING:
    from typing import Any

    import h11
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from zhclip.server.settings import Settings


_LATER = {"Retry-After": "2"}


class BodyLimit:
    """Reads bodies whole, before any work begins: a slow client takes nobody's place.

    Args:
        app: What gets the requests.
        settings: How large and how slow they may be, and how many at once.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.held = 0
        """Bytes of all bodies that are in memory."""
        self._reading: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()
        try:
            try:
                with self._place(scope):
                    complete = await self._read(scope, receive, body)
            except Refusal as refusal:
                await refusal.response(scope)(scope, receive, send)
                return
            if complete:
                await self.app(scope, _replay(bytes(body), receive), send)
        finally:
            self.held -= len(body)

    @contextmanager
    def _place(self, scope: Scope) -> Iterator[None]:
        """One of a client's places for bodies that are on their way."""
        client = scope["client"][0] if scope.get("client") else ""
        if self._reading[client] >= self.settings.client_bodies:
            raise Refusal(429, "busy", "you send too much at once; try again in 2 s", _LATER)
        self._reading[client] += 1
        try:
            yield
        finally:
            self._reading[client] -= 1
            if not self._reading[client]:
                del self._reading[client]  # what is kept must not grow with those who came

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> bool:
        """Read a body; False where the client left."""
        most = self.settings.max_body if route_path(scope).startswith("/v1/") else self.settings.max_upload
        too_large = Refusal(
            413, "too_large", "the body is over the limit of {most:,} bytes; send smaller pictures", most=most
        )
        length = Headers(scope=scope).get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > most:
            raise too_large
        try:
            async with asyncio.timeout(self.settings.body_seconds) as patience:
                end = patience.when() or 0.0
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return False
                    chunk = message.get("body", b"")
                    self.held += len(chunk)
                    body += chunk
                    if len(body) > most:
                        raise too_large
                    if self.held > self.settings.max_bodies:
                        raise Refusal(429, "busy", "too much is being sent to the service; try again in 2 s", _LATER)
                    if not message.get("more_body", False):
                        return True
                    patience.reschedule(end + len(body) / self.settings.least_rate)
        except TimeoutError:
            raise Refusal(408, "too_slow", "the body did not come in time", {"Connection": "close"}) from None


def _replay(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again


def check_picture(content: bytes, *, max_pixels: int) -> None:
    """Refuse what is no picture, or would take too much memory, before it is decoded.

    Raises:
        PictureError: The file is not a picture, or is over the limit.
    """
    try:
        with open_picture_file(content) as image:
            width, height = image.size
    except PictureError as error:
        if "width" in error.values:  # too large for anybody
            raise
        raise PictureError("what was sent is not a picture that can be read, or is damaged") from error
    if width * height > max_pixels:
        raise PictureError(
            "the picture is {width} x {height}, over the limit of {limit} million pixels; scale it down to use it",
            width=width,
            height=height,
            limit=max_pixels // 1_000_000,
        )


class PromptH11(H11Protocol):
    """HTTP/1.1 for clients that begin their requests in time: an idle connection does not stay."""

    request_seconds = 15.0
    """From the connection, or the end of a response, to the whole head of the next request."""
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        """Take what came; waiting ends where it begins a request."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, or the rest of a body that nobody reads."""
        self._wait()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leave the connection to the other protocol."""
        self._stop_waiting()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(self.request_seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()


def prompt_protocol(seconds: float) -> type[PromptH11]:
    """The protocol for clients that may take so long to begin a request."""
    return type("PromptH11", (PromptH11,), {"request_seconds": seconds})
