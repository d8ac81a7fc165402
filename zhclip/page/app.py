"""The page as a web application: one page a language, the pictures, and what keeps it private."""

from __future__ import annotations

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from zhclip.messages import Language, preferred_language
from zhclip.page import gradio_folder
from zhclip.page.blocks import build_page
from zhclip.page.closed import Closed
from zhclip.page.events import event_routes, upload_routes
from zhclip.page.header import HEAD
from zhclip.page.markup import favicon
from zhclip.page.pictures import picture_router
from zhclip.page.searcher import Searcher
from zhclip.page.spoken import spoken
from zhclip.page.theme import CSS, theme
from zhclip.page.uploads import Uploads
from zhclip.page.visitors import Visitors
from zhclip.server.app import create_service

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from zhclip.search import Library
    from zhclip.server.service import Service
    from zhclip.server.settings import Settings

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def create_app(library: Library, settings: Settings | None = None) -> FastAPI:
    """The page over an open library, as ``zhclip demo`` serves it: the service's application without its ``/v1``.

    Args:
        library: What is searched; it must stay open while the page is served.
        settings: Who may ask, how much, and under which names: everybody on this machine by default.

    Returns:
        An application; it refuses requests made under names that are not its own.
    """
    app = create_service(library, settings, api=False)
    add_page(app)
    return app


def add_page(app: FastAPI) -> None:
    """Add the page to a service: ``/zh/``, ``/en/``, and ``/``, which goes to the one that the browser prefers.

    Args:
        app: What :func:`zhclip.server.app.create_service` gave; its settings and its places are the page's, too.
    """
    service: Service = app.state.service
    uploads = Uploads(service.settings.max_pixels)
    searcher = Searcher(service.library, uploads)
    visitors = Visitors()
    app.include_router(picture_router(service.library))
    app.include_router(visitors.router())
    app.include_router(event_routes(service, searcher, visitors))
    app.include_router(upload_routes(service, uploads, visitors))

    @app.get("/", include_in_schema=False)
    def choose_language(request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{preferred_language(request.headers.get('accept-language', ''))}/{query}")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response(favicon(), media_type="image/svg+xml")

    async def mount_both() -> None:
        for language in LANGUAGES:
            _mount(app, build_page(language, max_upload=service.settings.max_upload), language)

    # Where no event loop runs, Gradio makes some and closes none; the caller's own, if any, must not be run twice.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, mount_both()).result()
    # Its routes that write files are closed, so that it needs no folder, and none stays however the process ends.
    shutil.rmtree(gradio_folder.path, ignore_errors=True)
    app.add_middleware(ContentPolicy)


def _mount(app: FastAPI, page: gr.Blocks, language: Language) -> None:
    path = f"/{language}"
    drawn = gr.mount_gradio_app(
        FastAPI(),
        page,
        path=path,
        theme=theme(),
        # Given as css, Gradio would rewrite its selectors, and not those for narrow screens.
        head=f"{spoken(language)}<style>{CSS}</style>{HEAD}",
        js=f"() => {{ document.documentElement.lang = '{'zh-CN' if language == 'zh' else 'en'}' }}",
        footer_links=[],
        run_history=False,
        show_error=False,
    )
    # Mounted without the application around it, Gradio starts none of its loops, which this page has no use for.
    app.mount(path, Closed(drawn.routes[-1].app))


class ContentPolicy:
    """Forbids browsers to load anything for the page from elsewhere, and other sites to show it inside theirs.

    Args:
        app: The application whose responses get the header, where they have none of their own.
    """

    HEADER = (
        b"content-security-policy",
        b"default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'; form-action 'self'; "
        b"base-uri 'self'; object-src 'none'",
    )

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the header to its response."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                if self.HEADER[0] not in given:
                    message = {**message, "headers": [*message["headers"], self.HEADER]}
            await send(message)

        await self.app(scope, receive, send_with_policy)
