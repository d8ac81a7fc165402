"""Who may use the service, and under which names."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from zhclip.server.addresses import route_path
from zhclip.server.errors import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from zhclip.server.settings import Settings

OPEN = ("/healthz", "/readyz")
"""What may be asked for without a token."""
_READING = ("GET", "HEAD", "OPTIONS")
_OF_PROXIES = (
    "forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server",
)  # fmt: skip
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
        self._names = {_without_port(name) for name in settings.hostnames}

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
                given = {name.lower() for name, _ in message["headers"]}
                more = [header for header in _HEADERS if header[0] not in given]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        scope.setdefault("state", {})["local"] = is_local(scope, self.settings)
        await self.app(scope, receive, send_guarded)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if not self._is_known(host):
            raise Refusal(
                421,
                "wrong_host",
                "the service is not known under this name; allow it with zhclip serve --hostname NAME",
            )
        if route_path(scope) not in OPEN and not self._is_known_client(headers.get("authorization", "")):
            scheme = "Basic" if self.settings.token is None or self._is_browser(headers) else "Bearer"
            raise Refusal(
                401,
                "unauthorized",
                "a token is needed: Authorization: Bearer TOKEN"
                if self.settings.token is not None
                else "a user and a password are needed: Authorization: Basic ...",
                {"WWW-Authenticate": f'{scheme} realm="zhclip", charset="UTF-8"' if scheme == "Basic" else scheme},
            )
        if scope.get("method", "GET") in _READING or "origin" not in headers:
            return
        if not self._is_own(headers["origin"], host, scope.get("scheme", "http")):
            raise Refusal(403, "forbidden", "another web site may not use the service")

    def _is_known(self, host: str) -> bool:
        """Whether a request's host is this machine: a plain address is, since no web site can have it as its name."""
        name = _name_in(f"//{host}")
        if name is None:
            return False
        if name in self._names or "*" in self._names:
            return True
        return is_plain(name)

    def _is_own(self, origin: str, host: str, scheme: str) -> bool:
        """Whether a page is the service's: of its scheme, host and port, or of a name that a proxy shows it under."""
        given, _, place = origin.partition("://")
        # A proxy with TLS need not say so.
        if given not in ("http", "https") or (scheme == "https" and given != "https"):
            return False
        return place == host or (place in self.settings.hostnames and not is_plain(_name_in(origin)))

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


def is_local(scope: Scope, settings: Settings) -> bool:
    """Whether a request surely comes from a browser or program of this machine.

    The address alone does not tell: behind a proxy on this machine everybody has it. So a request is not local
    where anything speaks for a proxy: a header that proxies add, HTTP/1.0, a name or an origin other than this
    machine's, or settings that are for being reached from elsewhere. ``request.state.local`` says so to the routes.

    Args:
        scope: Of the request.
        settings: Of the service.
    """
    headers = Headers(scope=scope)
    client = scope["client"][0] if scope.get("client") else ""
    names = [f"//{headers.get('host', '')}"] + ([headers["origin"]] if "origin" in headers else [])
    return (
        _is_loopback(client)
        and all(_is_loopback(_name_in(name)) for name in names)
        and scope.get("http_version") != "1.0"
        and not any(name in headers for name in _OF_PROXIES)
        and not settings.root_path
        and all(is_plain(_without_port(name)) for name in settings.hostnames)
    )


def _is_loopback(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


def is_plain(name: str | None) -> bool:
    """Whether a name is an IP address or ``localhost``: no web site, and no proxy of a web site, is called so."""
    try:
        ipaddress.ip_address(name or "")
    except ValueError:
        return name == "localhost"
    return True


def _without_port(place: str) -> str | None:
    return place if is_plain(place) else _name_in(f"//{place}")


def _name_in(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape"))
