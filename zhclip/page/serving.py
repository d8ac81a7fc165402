"""Serving the page on this machine."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import webbrowser
from typing import TYPE_CHECKING

from zhclip.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from zhclip.search import Library

HOST = "127.0.0.1"


def serve(library: Library, *, port: int = 7860, announce: Callable[[str], None], open_browser: bool = False) -> None:
    """Serve the page over an open library until Ctrl-C.

    Args:
        library: What is searched.
        port: Where to listen on 127.0.0.1; 0 takes a free one.
        announce: Is called with the page's address as soon as it can be opened.
        open_browser: Open the address in the user's browser.

    Raises:
        ConfigError: The port is taken, or may not be used.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        # Listen before the slow imports, so that a port that is taken is said at once.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ConfigError(f"port {port} is in use; choose another with --port, or 0 for a free one") from None
            raise ConfigError(f"port {port} may not be used; choose another with --port, or 0 for a free one") from None

        import uvicorn

        from zhclip.page.app import create_app

        app = create_app(library)
        listener.listen()
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        announce(address)
        if open_browser:
            webbrowser.open(address)
        # A browser keeps a connection open, for which a shutdown would wait.
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        # Told to end by a service manager, clean up as on Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
