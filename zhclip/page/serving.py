"""Serving the page alone."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

from zhclip.page.app import create_app
from zhclip.server.serving import serve as serve_app
from zhclip.server.settings import Settings

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from zhclip.search import Library


def serve(
    library: Library,
    listener: socket.socket,
    *,
    host: str,
    auth: tuple[str, str] | None = None,
    announce: Callable[[str], None],
    open_browser: bool = False,
) -> None:
    """Serve the page over an open library until Ctrl-C.

    Args:
        library: What is searched.
        listener: Where to listen; see ``zhclip.server.serving.listen``.
        host: The name of that address, under which the page may be asked for.
        auth: User and password that browsers must give.
        announce: Is called with the page's address as soon as it can be opened.
        open_browser: Open the address in the user's browser.
    """
    app = create_app(library, Settings(auth=auth, hostnames=(host,), drain_seconds=0.0))
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"

    def begin() -> None:
        announce(address)
        if open_browser:
            webbrowser.open(address)

    serve_app(app, listener, announce=begin)
