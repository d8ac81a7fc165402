"""Every error as one shape of JSON: ``{"error": {"code": ..., "message": ...}}``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Match

from zhclip.errors import LibraryError, ModelError, PictureError, QueryError, ZhclipError
from zhclip.messages import Language, Message, preferred_language, translate
from zhclip.search.wire import ErrorDetail, ErrorModel
from zhclip.validation import join, problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fastapi import FastAPI, Request
    from starlette.types import Scope

logger = logging.getLogger(__name__)

_STATUS: dict[type[ZhclipError], int] = {QueryError: 422, PictureError: 422, LibraryError: 503, ModelError: 503}
_CODES = {401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed"}
_UNION_TAGS = ("string", "object")
_SHOWN = 3


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """A request that is answered with an error.

    Args:
        status: Of HTTP.
        code: For programs.
        message: For people: a literal with ``{names}`` where values go, or a message that is made already.
        headers: Of the response.
        values: Of the message, by name.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        /,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        self.message = Message(message, **values) if values else Message.of(message)
        super().__init__(self.message)
        self.status = status
        self.code = code
        self.headers = headers

    def response(self, scope: Scope) -> JSONResponse:
        """What the client gets, in the language that it asks for.

        Args:
            scope: Of the request that is refused.
        """
        model = ErrorModel(error=ErrorDetail(code=self.code, message=translate(self.message, client_language(scope))))
        return JSONResponse(model.model_dump(), self.status, dict(self.headers or {}))


def client_language(scope: Scope) -> Language:
    """The language that the client of a request asks for."""
    return preferred_language(Headers(scope=scope).get("accept-language", ""))


def not_found(what: str) -> Refusal:
    """There is no such thing."""
    return Refusal(404, "not_found", what)


def invalid(error: ValidationError) -> Refusal:
    """The refusal of JSON that is none, or not as it should be."""
    problems = error.errors(include_url=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return Refusal(400, "invalid_json", problem(problems[0]))
    return Refusal(422, "invalid_request", _explain(problems))


def add_error_handlers(app: FastAPI) -> None:
    """Make an application answer all errors in one shape."""

    @app.exception_handler(Refusal)
    async def refuse(request: Request, error: Refusal) -> JSONResponse:
        return error.response(request.scope)

    @app.exception_handler(ZhclipError)
    async def explain(request: Request, error: ZhclipError) -> JSONResponse:
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
        if status >= 500:
            logger.error("%s", error)
        return Refusal(status, error.code, str(error)).response(request.scope)

    @app.exception_handler(RequestValidationError)
    async def explain_parameters(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [{**detail, "loc": detail["loc"][1:]} for detail in error.errors()]  # "query" or "path" is first
        return Refusal(422, "invalid_request", _explain(problems)).response(request.scope)

    @app.exception_handler(HTTPException)
    async def explain_route(request: Request, error: HTTPException) -> JSONResponse:
        path = request.url.path
        messages = {
            404: Message("there is nothing at {path}; see /docs", path=path),
            405: Message("{path} does not take {method}; see /docs", path=path, method=request.method),
        }
        message = messages.get(error.status_code, str(error.detail))
        headers = {"Allow": _methods(request)} if error.status_code == 405 else error.headers
        refusal = Refusal(error.status_code, _CODES.get(error.status_code, "failed"), message, headers)
        return refusal.response(request.scope)

    @app.exception_handler(Exception)
    async def apologise(request: Request, error: Exception) -> JSONResponse:
        return Refusal(500, "internal", "the service failed; its log says why").response(request.scope)


def _methods(request: Request) -> str:
    """The methods that an address takes, of all of its routes; HTTP wants them named where another is refused."""
    routes = iter_route_contexts(request.app.routes)
    known = (route.methods or () for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted(set().union(*known)))


def _explain(problems: Sequence[Any]) -> Message:
    """The first few of what Pydantic found, without what was sent, which may be long or not UTF-8."""
    lines = []
    for detail in problems[:_SHOWN]:
        place = ".".join(str(step) for step in detail["loc"] if step not in _UNION_TAGS)
        lines.append(Message("{place}: {problem}", place=place, problem=problem(detail)) if place else problem(detail))
    if len(problems) > _SHOWN:
        lines.append(Message("and {count} more", count=len(problems) - _SHOWN))
    return join(lines)
