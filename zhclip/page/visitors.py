"""Who uses the page: a token that only the page itself can have, and what one visitor may ask for at once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import APIRouter, Request, Response

from zhclip.server.errors import Refusal

COOKIE = "zhclip-visitor"
HEADER = "X-Zhclip-Token"
_VISITOR = re.compile("[0-9a-f]{32}")
_MOST_OF_A_VISITOR = 6
"""Events at once; the page itself has two or three."""
_MOST_OF_AN_ADDRESS = 24


class Visitors:
    """Knows visitors by a cookie, and their events by a token.

    Cookies are sent to every port of a machine, and with requests that other sites begin: the cookie
    says whose uploads are asked for, and gives no right to do anything. The token does, and only a page
    of the same origin can read it.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._busy: Counter[str] = Counter()

    def router(self) -> APIRouter:
        """The route ``/page/visit``, at which the page gets its token."""
        router = APIRouter(include_in_schema=False)

        @router.get("/page/visit")
        async def visit(request: Request, response: Response) -> dict[str, str]:
            visitor = self.of_cookie(request) or secrets.token_hex(16)
            response.set_cookie(COOKIE, visitor, httponly=True, samesite="strict", secure=request.url.scheme == "https")
            response.headers["Cache-Control"] = "no-store"
            return {"token": self.token(visitor)}

        return router

    def token(self, visitor: str) -> str:
        """The token of a visitor."""
        return f"{visitor}.{hmac.new(self._secret, visitor.encode(), hashlib.sha256).hexdigest()}"

    def of_cookie(self, request: Request) -> str | None:
        """Whose browser it is, as far as its cookie says."""
        visitor = request.cookies.get(COOKIE, "")
        return visitor if _VISITOR.fullmatch(visitor) else None

    def of_token(self, request: Request) -> str:
        """The visitor who sends an event.

        Raises:
            Refusal: The event does not come from the page, or the page is older than the service.
        """
        given = request.headers.get(HEADER, "")
        visitor = given.partition(".")[0]
        if not hmac.compare_digest(given.encode(), self.token(visitor).encode()):
            raise Refusal(403, "no_token", "this is for the page alone; reload it")
        return visitor

    @asynccontextmanager
    async def turn(self, request: Request, visitor: str) -> AsyncIterator[None]:
        """Take a visitor's place for one event, so that nobody takes those of others.

        Raises:
            Refusal: The visitor, or the visitor's machine, has too many events already.
        """
        address = request.client.host if request.client else ""
        with self._place(visitor, _MOST_OF_A_VISITOR), self._place(f"at {address}", _MOST_OF_AN_ADDRESS):
            yield

    @contextmanager
    def _place(self, whose: str, most: int) -> Iterator[None]:
        if self._busy[whose] >= most:
            raise Refusal(429, "busy", "you have asked for a lot at once; try again in 1 s", {"Retry-After": "1"})
        self._busy[whose] += 1
        try:
            yield
        finally:
            self._busy[whose] -= 1
            if not self._busy[whose]:
                del self._busy[whose]  # what is kept must not grow with those who came
