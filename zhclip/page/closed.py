"""Gradio without its routes: what draws the page is served, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zhclip.server.errors import not_found

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_DRAWN = re.compile(r"/(assets/[\w./-]+|static/[\w./-]+|theme\.css)?")
_READING = ("GET", "HEAD")


class Closed:
    """Lets a browser get the page, its scripts and its looks from Gradio.

    Gradio has some seventy other routes, for uploads, files, proxies and events among them, which this page
    has no use for.

    Args:
        app: Gradio's application, as it is mounted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or scope["method"] not in _READING or not _DRAWN.fullmatch(path) or ".." in path:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await not_found("there is nothing here").response(scope)(scope, receive, send)
            return
        # Gradio would let pages of other ports read it, and takes files for parts of the address.
        headers = [(name, value) for name, value in scope["headers"] if name != b"origin"]
        await self.app({**scope, "headers": headers, "query_string": b""}, receive, send)
