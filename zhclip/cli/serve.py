"""``zhclip serve``: the HTTP service, and the page in it."""

from __future__ import annotations

import re
import warnings
from typing import Annotated

import typer

from zhclip.cli.listening import AuthOption, HostOption, to_credentials, warn_of_strangers
from zhclip.cli.options import LibraryOption, ModelOption
from zhclip.errors import ConfigError, TextCutWarning, ZhclipWarning
from zhclip.messages import translate


def serve(
    host: HostOption = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, help=translate("Where to listen; 0 takes a free port."))
    ] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            "--token", envvar="ZHCLIP_TOKEN", help=translate("What clients must send: Authorization: Bearer TOKEN.")
        ),
    ] = None,
    auth: AuthOption = None,
    hostname: Annotated[
        list[str] | None,
        typer.Option(
            "--hostname",
            help=translate("A name under which the service is reached; may be given again. * allows all."),
        ),
    ] = None,
    root_path: Annotated[
        str,
        typer.Option("--root-path", help=translate("The path under which a proxy shows the service, as /photos.")),
    ] = "",
    allow_urls: Annotated[
        bool, typer.Option("--allow-urls", help=translate("Fetch pictures from public addresses that clients name."))
    ] = False,
    page: Annotated[bool, typer.Option("--page/--no-page", help=translate("Serve the page, too."))] = True,
    library: LibraryOption = None,
    model: ModelOption = None,
) -> None:
    """Serve the library until SIGTERM or Ctrl-C.

    Raises:
        LibraryError: There is no library, or it cannot be used.
        ConfigError: The port is taken, or an option makes no sense.
    """
    credentials = to_credentials(auth)
    if token is not None and not (token.isascii() and token.isprintable() and token.strip()):
        raise ConfigError("the token must be of plain ASCII characters; an empty one would protect nothing")
    if not re.fullmatch(r"(/[\w.~-]+)*/?", root_path, re.ASCII):
        raise ConfigError("--root-path must be a path as /photos, not {path!r}", path=root_path)
    # The slow imports come after what can be said at once.
    from zhclip.server.serving import listen

    with listen(host, port) as listener:
        if token is None and credentials is None:
            warn_of_strangers(host, listener.getsockname()[0], "--token/--auth")
        from zhclip.search import Library
        from zhclip.server.app import create_service
        from zhclip.server.serving import serve as serve_app
        from zhclip.server.settings import Settings

        # Clients are told of these in the answer, and what they search for belongs in no log.
        warnings.simplefilter("ignore", TextCutWarning)
        warnings.filterwarnings("ignore", "there is no map of the picture", ZhclipWarning)
        settings = Settings(
            token=token,
            auth=credentials,
            hostnames=(host, *(hostname or ())),
            root_path=root_path,
            allow_urls=allow_urls,
        )
        with Library(library, model=model) as photos:
            app = create_service(photos, settings)
            if page:
                from zhclip.page.app import add_page  # Gradio takes seconds

                add_page(app)
            app.state.service.warm()
            shown = f"[{host}]" if ":" in host else host
            address = f"http://{shown}:{listener.getsockname()[1]}"
            announcement = translate("The service is at {address} (Ctrl-C stops it)", address=address)
            serve_app(app, listener, announce=lambda: typer.echo(announcement))
