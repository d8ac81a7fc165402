"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from zhclip.messages import translate

if TYPE_CHECKING:
    from zhclip.search import Library, RemoteLibrary

LibraryOption = Annotated[
    str | None,
    typer.Option(
        "--library",
        "-l",
        envvar="ZHCLIP_LIBRARY",
        help=translate("The library: a file, or the address of a Milvus server. Your own library by default."),
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help=translate(
            "The model: a name, or a model folder. The one that the library was made with by default, else mini."
        ),
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help=translate("Print JSON instead of a table."))]
ServerOption = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help=translate("Ask a zhclip service instead, at this address.")),
]
TokenOption = Annotated[
    str | None,
    typer.Option("--token", envvar="ZHCLIP_TOKEN", help=translate("The token that the service asks for.")),
]


def open_library(
    library: str | None, *, model: str | None, server: str | None, token: str | None
) -> Library | RemoteLibrary:
    """The library that the options of a command name: of this machine, or behind a service.

    Args:
        library: Its location.
        model: The model's name or folder.
        server: The address of a service, which goes before the library.
        token: What the service asks for.

    Raises:
        ServiceError: The address is none.
    """
    from zhclip.search import Library, RemoteLibrary

    return Library(library, model=model) if server is None else RemoteLibrary(server, token=token)
