"""The page as a web application: one page a language, the pictures, and what keeps it private."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from zhclip.messages import Language, preferred_language
from zhclip.page.blocks import build_page
from zhclip.page.header import HEAD
from zhclip.page.markup import favicon
from zhclip.page.pictures import picture_router
from zhclip.page.searcher import Searcher
from zhclip.page.spoken import spoken
from zhclip.page.theme import CSS, theme
from zhclip.page.uploads import Uploads
from zhclip.server.security import Guard
from zhclip.server.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from zhclip.search import Library

MAX_UPLOAD = "50mb"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def create_app(library: Library, settings: Settings | None = None) -> FastAPI:
    """The page over an open library, as ``zhclip demo`` serves it.

    Args:
        library: What is searched; it must stay open while the page is served.
        settings: Who may ask, and under which names: everybody on this machine by default.

    Returns:
        An application; it refuses requests made under names that are not its own.
    """
    app = FastAPI(openapi_url=None)
    add_page(app, library)
    app.add_middleware(PrivacyHeaders)
    app.add_middleware(Guard, settings=settings or Settings())
    return app


def add_page(app: FastAPI, library: Library) -> None:
    """Add the page to an application: ``/zh/``, ``/en/``, and ``/``, which goes to the one that the browser prefers.

    The application looks after who may ask (:class:`~zhclip.server.security.Guard`, :class:`PrivacyHeaders`).

    Args:
        app: The application.
        library: What is searched; it must stay open while the page is served.
    """
    uploads = Uploads()
    searcher = Searcher(library, uploads)
    app.include_router(picture_router(library, uploads))

    @app.get("/", include_in_schema=False)
    def choose_language(request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/{preferred_language(request.headers.get('accept-language', ''))}/{query}")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response(favicon(), media_type="image/svg+xml")

    async def mount_both() -> None:
        for language in LANGUAGES:
            _mount(app, searcher, language)

    # Where no event loop runs, Gradio makes some and closes none; the caller's own, if any, must not be run twice.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, mount_both()).result()


def _mount(app: FastAPI, searcher: Searcher, language: Language) -> None:
    gr.mount_gradio_app(
        app,
        build_page(searcher, language),
        path=f"/{language}",
        theme=theme(),
        # Given as css, Gradio would rewrite its selectors, and not those for narrow screens.
        head=f"{spoken(language)}<style>{CSS}</style>{HEAD}",
        js=f"() => {{ document.documentElement.lang = '{'zh-CN' if language == 'zh' else 'en'}' }}",
        footer_links=[],
        run_history=False,
        max_file_size=MAX_UPLOAD,
        show_error=False,
    )


class PrivacyHeaders:
    """Forbids browsers to load anything for the page from elsewhere, and other sites to load anything of it.

    Args:
        app: The application whose responses get the headers.
    """

    HEADERS = (
        (
            b"content-security-policy",
            b"default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; frame-ancestors 'none'; form-action 'self'",
        ),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the headers to its response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}  # twice, some have no effect
                more = [header for header in self.HEADERS if header[0] not in given]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, receive, send_with_headers)
