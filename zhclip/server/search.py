"""``/v1/search`` and ``/v1/similar``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from zhclip.search.wire import (
    HitModel,
    Offset,
    PartModel,
    QueryModel,
    SearchRequest,
    SearchResponse,
    Share,
    Text,
    TopK,
)
from zhclip.server.errors import Refusal, invalid, not_found
from zhclip.server.forms import JSON, MULTIPART, Form, media_type, read_form, unsupported
from zhclip.server.limits import check_picture
from zhclip.server.service import ERRORS, Service, as_json

if TYPE_CHECKING:
    from zhclip.library import Picture
    from zhclip.search.query import Content

_OF_REQUEST = ("top_k", "offset")
_LISTS = ("text", "exclude")

EXAMPLES: dict[str, Any] = {
    "words": {"summary": "Words", "value": {"query": "夕阳 大海 沙滩", "top_k": 5}},
    "excluded": {"summary": "Negation is understood", "value": {"query": "没有人的海滩"}},
    "weights": {
        "summary": "Weights, exclusions and filters",
        "value": {
            "query": {
                "parts": [{"text": "花", "weight": 1}, {"text": "蜜蜂", "weight": 2}],
                "exclude": ["蝴蝶"],
                "where": {"orientation": "landscape", "taken_from": "2024-05-01", "tags": ["garden"]},
            }
        },
    },
    "every": {"summary": "All of these", "value": {"query": {"parts": ["a dog", "a beach"], "every": True}}},
}
BODY = {
    "required": True,
    "content": {
        JSON: {"schema": {"$ref": "#/components/schemas/SearchRequest"}, "examples": EXAMPLES},
        MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {
                    "request": {
                        "type": "string",
                        "contentMediaType": JSON,
                        "description": 'As the JSON body; its parts name the form\'s files: `{"picture": NAME}`. '
                        "Without it, all texts and files are the query.",
                    },
                    "text": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Words; several are given as several fields.",
                    },
                    "exclude": {"type": "array", "items": {"type": "string"}},
                    "picture": {"type": "string", "format": "binary"},
                    "top_k": {"type": "integer", "minimum": 1, "maximum": 1000},
                    "offset": {"type": "integer", "minimum": 0, "maximum": 10_000},
                },
            }
        },
    },
}


def search_routes(service: Service) -> APIRouter:
    """The routes that find pictures."""
    router = APIRouter(tags=["search"], responses=ERRORS)

    @router.post("/v1/search", response_model=SearchResponse, openapi_extra={"requestBody": BODY})
    async def search(request: Request) -> Response:
        """Find pictures by words, pictures, or both."""
        wanted, files = await _read(request)
        return await _answer(service, request, wanted, files)

    @router.get("/v1/search", response_model=SearchResponse)
    async def search_words(
        request: Request,
        q: Annotated[Text, Query(description="Words in Chinese, English or both.", examples=["夕阳 大海 沙滩"])],
        top_k: Annotated[TopK, Query()] = 10,
        offset: Annotated[Offset, Query()] = 0,
        negation: Annotated[bool, Query(description="Take `没有人的海滩` as a beach, people excluded.")] = True,
        min_relevance: Annotated[
            Share | None, Query(description="Leave out hits that are less likely to fit; 0 leaves out none.")
        ] = None,
    ) -> Response:
        """Find pictures by words."""
        query = QueryModel(parts=[q], negation=negation, min_relevance=min_relevance)
        return await _answer(service, request, SearchRequest(query=query, top_k=top_k, offset=offset), {})

    @router.get("/v1/similar/{identity}", response_model=SearchResponse)
    async def similar(
        request: Request,
        identity: str,
        top_k: Annotated[TopK, Query()] = 10,
        offset: Annotated[Offset, Query()] = 0,
    ) -> Response:
        """Find pictures like one of the library; it is not among them."""

        def find() -> Response:
            picture_of(service, identity)
            hits = service.library.similar(identity, top_k=top_k, offset=offset)
            understood = QueryModel(parts=[PartModel(id=identity)])
            return as_json(SearchResponse(hits=list(map(HitModel.of, hits)), understood=understood, notes=[]))

        return await service.words.run(request, find)

    return router


def picture_of(service: Service, identity: str) -> Picture:
    """A picture of the library.

    Raises:
        Refusal: It holds none of that id.
    """
    picture = service.library.get_by_id(identity)
    if picture is None:
        raise not_found("the library holds no picture of this id")
    return picture


async def _answer(service: Service, request: Request, wanted: SearchRequest, files: Mapping[str, bytes]) -> Response:
    model = wanted.model()
    references = [part.reference() for part in model.models()]
    missing = [part.picture for part in model.models() if part.picture is not None and part.picture not in files]
    if missing:
        raise Refusal(422, "invalid_query", f"the form sends no file {missing[0]}; send one under this name")
    addresses = list({part.url for part in model.models() if part.url is not None})
    fetched = dict(zip(addresses, await asyncio.gather(*map(service.fetcher.fetch, addresses)), strict=True))

    def find() -> Response:
        pictures: list[tuple[Content, dict[str, str]]] = []

        def content_of(part: PartModel) -> Content:
            if part.text is not None:
                return part.text
            name = part.reference()
            value: str = getattr(part, name)
            content: Content
            if name == "id":
                content = Path(picture_of(service, value).path)
            else:
                content = fetched[value] if name == "url" else files[value]
                check_picture(content, max_pixels=service.settings.max_pixels)
            pictures.append((content, {name: value}))
            return content

        def refer(content: Content) -> dict[str, str]:
            return next(reference for known, reference in pictures if known is content)

        query = model.to_query(content_of).interpreted()
        service.encoder()
        hits = service.library.search(query, top_k=wanted.top_k, offset=wanted.offset)
        texts = [part.text for part in (*query.parts, *query.exclude) if part.text is not None]
        response = SearchResponse(
            hits=list(map(HitModel.of, hits)), understood=QueryModel.of(query, refer), notes=service.notes(texts)
        )
        return as_json(response)

    pool = service.words if set(references) == {"text"} else service.pictures
    return await pool.run(request, find)


async def _read(request: Request) -> tuple[SearchRequest, Mapping[str, bytes]]:
    """A request and its files, from either kind of body."""
    kind = media_type(request)
    try:
        if kind == JSON:
            return SearchRequest.model_validate_json(await request.body()), {}
        if kind == MULTIPART:
            form = await read_form(request)
            files = _named(form)
            if "request" in form.fields:
                return SearchRequest.model_validate_json(form.fields["request"][0]), files
            return SearchRequest.model_validate(_as_request(form, files), strict=False), files
    except ValidationError as error:
        raise invalid(error) from None
    raise unsupported(request, JSON, MULTIPART)


def _named(form: Form) -> dict[str, bytes]:
    """The files of a form, each under a name of its own: ``picture``, ``picture-2``..."""
    return {
        name if number == 1 else f"{name}-{number}": content
        for name, contents in form.files.items()
        for number, content in enumerate(contents, start=1)
    }


def _as_request(form: Form, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The request that a form without one stands for: all of its texts and files."""
    query: dict[str, Any] = {"parts": [*form.fields.get("text", []), *({"picture": name} for name in files)]}
    if "exclude" in form.fields:
        query["exclude"] = form.fields["exclude"]
    values: dict[str, Any] = {"query": query}
    for name, given in form.fields.items():
        if name not in _LISTS:
            (values if name in _OF_REQUEST else query)[name] = given[-1]
    return values
