"""Under which addresses the service answers, and by which methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


def route_path(scope: Scope) -> str:
    """The path of a request as the routes know it, without the prefix that a proxy puts before it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


class Prefix:
    """Takes requests with a prefix and without: some proxies take it off, others do not.

    Args:
        app: What gets the requests.
        root_path: The prefix, as ``/photos``; without any, requests are passed on as they are.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self.app = app
        self.root_path = root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with the prefix, as ASGI wants it."""
        if self.root_path and scope["type"] in ("http", "websocket"):
            path = scope["path"]
            inside = path == self.root_path or path.startswith(f"{self.root_path}/")
            scope = {**scope, "root_path": self.root_path, "path": path if inside else self.root_path + path}
        await self.app(scope, receive, send)


class HeadAsGet:
    """Answers HEAD as GET, without the body.

    Args:
        app: What gets the requests.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and say in what is refused that HEAD is taken where GET is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        answered = False

        async def send_head(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                _allow_head(message)
                await send(message)
                if is_head:
                    answered = True
                    await send({"type": "http.response.body"})
            elif not is_head:
                await send(message)

        async def receive_until_answered() -> Message:
            # What streams its answer ends when the client leaves.
            return {"type": "http.disconnect"} if answered else await receive()

        inner = {**scope, "method": "GET"} if is_head else scope
        try:
            await self.app(inner, receive_until_answered, send_head)
        finally:
            scope["route"] = inner.get("route")  # which is counted


def _allow_head(message: Message) -> None:
    if message["status"] == 405:
        headers = MutableHeaders(raw=list(message["headers"]))
        allowed = {method.strip() for method in headers.get("allow", "").split(",")} - {""}
        if "GET" in allowed:
            headers["allow"] = ", ".join(sorted(allowed | {"HEAD"}))
            message["headers"] = headers.raw
