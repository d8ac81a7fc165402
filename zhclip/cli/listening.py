"""Options of the commands that listen for browsers and programs, and what they mean."""

from __future__ import annotations

import ipaddress
import warnings
from typing import Annotated

import typer

from zhclip.errors import ConfigError, ZhclipWarning
from zhclip.messages import translate

HostOption = Annotated[str, typer.Option("--host", help=translate("The address to listen on."))]
AuthOption = Annotated[
    str | None,
    typer.Option(
        "--auth",
        envvar="ZHCLIP_AUTH",
        metavar="USER:PASSWORD",
        help=translate("What browsers must give for the page."),
    ),
]


def to_credentials(auth: str | None) -> tuple[str, str] | None:
    """User and password of ``--auth``.

    Raises:
        ConfigError: One of them is missing.
    """
    if auth is None:
        return None
    user, colon, password = auth.partition(":")
    if not (user and colon and password):
        raise ConfigError("--auth must be USER:PASSWORD, neither of them empty")
    return user, password


def warn_of_strangers(host: str, address: str, remedy: str) -> None:
    """Warn where others than this machine's users can reach an address.

    Args:
        host: As the user named it.
        address: The IP address that it is.
        remedy: The options that keep strangers out.
    """
    if not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        warnings.warn(
            ZhclipWarning(
                "everybody who can reach {host} can search this library; set {remedy}", host=host, remedy=remedy
            ),
            stacklevel=2,
        )
