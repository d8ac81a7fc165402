"""Options that several commands share."""

from typing import Annotated

import typer

from zhclip.messages import translate

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
