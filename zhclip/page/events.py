"""What browsers may ask the page for: every event, what it may hold, and who may send it.

Nothing that an event holds is trusted: a picture is named by its id in the library or by the id of an upload of
the same visitor, and no event names a file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zhclip.errors import PictureError
from zhclip.messages import Language
from zhclip.page.address import MOST_CHARACTERS, MOST_PARTS, Search
from zhclip.page.answers import Answers, Dropped
from zhclip.page.searcher import MOST_HITS
from zhclip.server.errors import Refusal, invalid
from zhclip.server.forms import JSON, media_type, read_form, unsupported
from zhclip.server.thumbnails import SIZES, to_jpeg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhclip.page.searcher import Searcher
    from zhclip.page.uploads import Uploads
    from zhclip.page.visitors import Visitors
    from zhclip.server.service import Service

_MOST_BYTES = 256_000
_PRIVATE = {"Cache-Control": "no-store"}
_NO_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="240" height="240" fill="none" stroke="#888" '
    'stroke-linecap="round"><rect x="3.5" y="4.5" width="17" height="15" rx="2.5"/><path d="m9 9 6 6m0-6-6 6"/></svg>'
)
Value = str | int | float | bool
Short = Annotated[str, Field(max_length=200)]
Pictures = Annotated[list[Dropped], Field(max_length=MOST_PARTS)]


class Asked(BaseModel):
    """What an event may hold; each uses some of it, and passes over the rest."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)

    at: Annotated[str, Field(max_length=60_000, description="The query string of the page's address.")] = ""
    do: Short = ""
    id: Short = ""
    text: Annotated[str, Field(max_length=10 * MOST_CHARACTERS)] = ""
    list: Short = ""
    name: Short = ""
    row: Value | None = None
    to: Value | None = None
    values: Annotated[dict[Short, Annotated[str, Field(max_length=4096)]], Field(max_length=30)] = {}
    pictures: Pictures = []
    folder: Annotated[str, Field(max_length=4096)] = ""
    offset: Annotated[int, Field(ge=0, le=9_000)] = 0
    count: Annotated[int, Field(ge=0, le=MOST_HITS)] = 0
    fresh: bool = False
    anything: bool = False


Event = Literal["act", "send", "more", "why", "folder", "library", "add_folder"]


def event_routes(service: Service, searcher: Searcher, visitors: Visitors) -> APIRouter:
    """The route ``/page/{language}/{event}``, which answers with the HTML of the page's parts.

    Args:
        service: Whose places the events take.
        searcher: Answers the queries.
        visitors: Who may send events, and how many.
    """
    router = APIRouter(include_in_schema=False)

    @router.post("/page/{language}/{event}")
    async def answer(request: Request, language: Language, event: Event) -> Response:
        visitor = visitors.of_token(request)
        asked = await _read(request)
        work = _work(Answers(searcher, language, visitor, here=request.state.local), event, asked)
        has_picture = event == "why" or any(item.picture for item in Search.parse(asked.at).parts) or asked.pictures
        pool = service.pictures if has_picture else service.words
        async with visitors.turn(request, visitor):
            return JSONResponse(await pool.run(request, work), headers=_PRIVATE)

    return router


def upload_routes(service: Service, uploads: Uploads, visitors: Visitors) -> APIRouter:
    """The routes at which Gradio's box looks for its own: pictures are kept here, and never in files.

    Args:
        service: Whose places the uploads take.
        uploads: Where they are kept.
        visitors: Whose they are.
    """
    router = APIRouter(include_in_schema=False)

    @router.post("/{language}/gradio_api/upload")
    async def upload(request: Request, language: Language) -> Response:
        visitor = visitors.of_cookie(request)
        if visitor is None:
            raise Refusal(403, "no_token", "this is for the page alone; reload it")
        files = (await read_form(request)).files.get("files", [])
        async with visitors.turn(request, visitor):
            keys = await service.pictures.run(
                request, lambda: [uploads.put(visitor, content) for content in files[:MOST_PARTS]]
            )
        return JSONResponse(keys)

    @router.get("/{language}/gradio_api/file={key}")
    @router.get("/uploads/{key}")
    def picture(request: Request, key: str, language: Language = "en") -> Response:
        try:
            content = to_jpeg(uploads.get(visitors.of_cookie(request) or "", key), SIZES["small"])
        except PictureError:
            return Response(_NO_PICTURE, media_type="image/svg+xml", headers=_PRIVATE)
        return Response(content, media_type="image/jpeg", headers=_PRIVATE)

    return router


def _work(answers: Answers, event: Event, asked: Asked) -> Callable[[], Mapping[str, Any]]:
    match event:
        case "act":
            return partial(answers.act, asked.model_dump(exclude_unset=True))
        case "send":
            return partial(answers.send, asked.at, asked.text, asked.pictures)
        case "more":
            return partial(answers.more, asked.at, asked.offset, asked.count, anything=asked.anything)
        case "why":
            return partial(answers.why, asked.at, asked.id)
        case "folder":
            return partial(answers.folder, asked.id)
        case "library":
            return answers.library
        case "add_folder":
            return partial(answers.add_folder, asked.folder)


async def _read(request: Request) -> Asked:
    if media_type(request) != JSON:
        raise unsupported(request, JSON)
    body = await request.body()
    if len(body) > _MOST_BYTES:
        raise Refusal(413, "too_large", "this is more than the page sends")
    try:
        return Asked.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error) from None
