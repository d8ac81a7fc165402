"""What those who run the service ask it: is it alive, is it ready, what does it hold, what does it do."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from zhclip.search.wire import LibraryModel
from zhclip.server.documentation import render
from zhclip.server.errors import Refusal
from zhclip.server.service import ERRORS, Service, as_json


class Health(BaseModel):
    """That all is well."""

    status: Literal["ok"] = "ok"


def operation_routes(service: Service) -> APIRouter:
    """The routes for operators."""
    router = APIRouter(tags=["operations"])
    errors: dict[int | str, dict[str, Any]] = {421: ERRORS[421], 500: ERRORS[500]}

    @router.get("/v1/library", response_model=LibraryModel, responses=ERRORS)
    async def library(request: Request) -> Response:
        """What the library holds."""
        return await service.words.run(request, lambda: as_json(LibraryModel.of(service.library.status())))

    @router.get("/healthz", response_model=Health, responses=errors)
    async def alive() -> Response:
        """The process answers."""
        return as_json(Health())

    @router.get("/readyz", response_model=Health, responses=errors | {503: ERRORS[503]})
    async def ready() -> Response:
        """There is a library to search, its store answers, and the service is not about to end."""
        if service.draining:
            raise ending()
        await service.check_store()
        return as_json(Health())

    @router.get(
        "/metrics",
        response_class=Response,
        responses=errors
        | {
            200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "In Prometheus's format"},
            401: ERRORS[401],
        },
    )
    async def metrics() -> Response:
        """Counts and times, for Prometheus."""
        return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(render(request.app.openapi()))

    return router


def ending() -> Refusal:
    """The refusal of a service that was told to end."""
    return Refusal(503, "ending", "the service is about to end", {"Connection": "close"})
