"""Who may use the service, and under which names."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from zhclip.server.errors import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from zhclip.server.settings import Settings

OPEN = ("/healthz", "/readyz")
"""What may be asked for without a token."""
_READING = ("GET", "HEAD", "OPTIONS")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """Lets requests in that know the token, or the user and password, and name a host that is known.

    Where there is a token alone, a browser may give it as the password of any user.

    Args:
        app: What gets the requests.
        settings: The token, the user and password, and the names.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            self._check(scope, Headers(scope=scope))
        except Refusal as refusal:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await refusal.response(scope)(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                more = [header for header in _HEADERS if header[0] not in given]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, receive, send_guarded)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if not self._is_known(host):
            raise Refusal(
                421,
                "wrong_host",
                "the service is not known under this name; allow it with zhclip serve --hostname NAME",
            )
        if scope["path"] not in OPEN and not self._is_known_client(headers.get("authorization", "")):
            scheme = "Basic" if self.settings.token is None or self._is_browser(headers) else "Bearer"
            raise Refusal(
                401,
                "unauthorized",
                "a token is needed: Authorization: Bearer TOKEN"
                if self.settings.token is not None
                else "a user and a password are needed: Authorization: Basic ...",
                {"WWW-Authenticate": f'{scheme} realm="zhclip", charset="UTF-8"' if scheme == "Basic" else scheme},
            )
        origin = headers.get("origin")
        if scope.get("method", "GET") not in _READING and origin is not None and not self._is_own(origin, host):
            raise Refusal(403, "forbidden", "another web site may not use the service")

    def _is_known(self, host: str) -> bool:
        """Whether a request's host is this machine: a plain address is, since no web site can have it as its name."""
        name = _name_in(f"//{host}")
        if name is None:
            return False
        if name == "localhost" or name in self.settings.hostnames or "*" in self.settings.hostnames:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _is_own(self, origin: str, host: str) -> bool:
        return origin.partition("://")[2] == host or _name_in(origin) in self.settings.hostnames

    def _is_known_client(self, given: str) -> bool:
        token, auth = self.settings.token, self.settings.auth
        if token is None and auth is None:
            return True
        scheme, _, credentials = given.partition(" ")
        if scheme.lower() == "bearer":
            return token is not None and _same(credentials.strip(), token)
        if scheme.lower() != "basic":
            return False
        try:
            user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return False
        if auth is None:
            return token is not None and _same(password, token)
        # Both are compared, so that the time does not tell which is wrong.
        return _same(user, auth[0]) & _same(password, auth[1])

    def _is_browser(self, headers: Headers) -> bool:
        return "text/html" in headers.get("accept", "")


def _name_in(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape"))
