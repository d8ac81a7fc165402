"""The service as a web application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from zhclip.search.picture_wire import DescribeRequest, WhyRequest
from zhclip.search.wire import SearchRequest
from zhclip.server.addresses import HeadAsGet, Prefix, route_path
from zhclip.server.classify import ClassifyRequest, classify_routes
from zhclip.server.describe import describe_routes
from zhclip.server.errors import add_error_handlers
from zhclip.server.limits import BodyLimit
from zhclip.server.metrics import Counted
from zhclip.server.operations import ending, operation_routes
from zhclip.server.pictures import picture_routes
from zhclip.server.search import search_routes
from zhclip.server.security import OPEN, Guard
from zhclip.server.service import Service
from zhclip.server.settings import Settings
from zhclip.server.why import why_routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from zhclip.search import Library

TITLE = "zhclip"
DESCRIPTION = "Picture search in Chinese and English."


def create_service(library: Library, settings: Settings | None = None, *, api: bool = True) -> FastAPI:
    """The service over an open library.

    Args:
        library: What is searched; it must stay open while it is served.
        settings: How the service behaves; :class:`Settings` says the defaults.
        api: Have its routes; without them it is what guards the routes of others.

    Returns:
        An application; ``app.state.service`` is what its routes share.
    """
    settings = settings or Settings()
    service = Service(library, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    # FastAPI's own page of the schema loads scripts from elsewhere.
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=version("zhclip"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if api else None,
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    app.state.service = service
    add_error_handlers(app)
    if api:
        for routes in (search_routes, why_routes, picture_routes, describe_routes, classify_routes, operation_routes):
            app.include_router(routes(service))
    app.openapi = lambda: _schema(app, service)  # type: ignore[method-assign]
    # The last that is added is the first that a request comes to.
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Ending, service=service)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Counted, metrics=service.metrics)
    app.add_middleware(Prefix, root_path=settings.root_path)
    return app


class Ending:
    """Counts the requests that are being answered, and refuses those that come when nothing new is to be begun.

    Args:
        app: What gets the requests.
        service: Which says so.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or not route_path(scope).startswith("/v1/"):
            await self.app(scope, receive, send)
        elif self.service.ended:
            await ending().response(scope)(scope, receive, send)
        else:
            self.service.active += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.service.active -= 1


def _schema(app: FastAPI, service: Service) -> dict[str, Any]:
    if app.openapi_schema is None:
        root_path = service.settings.root_path.rstrip("/")
        servers = [{"url": root_path}] if root_path else None
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, servers=servers
        )
        # Bodies that come in two kinds are read by the routes themselves, where FastAPI does not see their models.
        _, definitions = models_json_schema(
            [(request, "validation") for request in (SearchRequest, WhyRequest, DescribeRequest, ClassifyRequest)],
            ref_template="#/components/schemas/{model}",
        )
        components = schema.setdefault("components", {})
        components["schemas"] = definitions["$defs"] | components.get("schemas", {})
        given = {"bearer": service.settings.token, "basic": service.settings.auth}
        schemes = [scheme for scheme, value in given.items() if value is not None]
        if schemes:
            components["securitySchemes"] = {scheme: {"type": "http", "scheme": scheme} for scheme in schemes}
            schema["security"] = [{scheme: []} for scheme in schemes]
            for path in OPEN:
                schema["paths"][path]["get"]["security"] = []
        app.openapi_schema = schema
    return app.openapi_schema
