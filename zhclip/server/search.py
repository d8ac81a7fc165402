"""``/v1/search`` and ``/v1/similar``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

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
    UnderstoodModel,
)
from zhclip.server.forms import JSON, MULTIPART, Form, read_request
from zhclip.server.one_picture import picture_of
from zhclip.server.queries import QUERY_FIELDS, notes_of, query_values, take_query
from zhclip.server.service import ERRORS, Service, as_json

_OF_REQUEST = ("top_k", "offset")

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
                    **QUERY_FIELDS,
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
        wanted, files = await read_request(request, SearchRequest, _values)
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
            understood = UnderstoodModel(parts=[PartModel(id=identity)])
            return as_json(SearchResponse(hits=list(map(HitModel.of, hits)), understood=understood, notes=[]))

        return await service.words.run(request, find)

    return router


async def _answer(service: Service, request: Request, wanted: SearchRequest, files: Mapping[str, bytes]) -> Response:
    given = await take_query(service, wanted.model(), files)

    def find() -> Response:
        query, understood = given.read()
        service.encoder()
        hits = service.library.search(query, top_k=wanted.top_k, offset=wanted.offset, warn=False)
        return as_json(
            SearchResponse(
                hits=list(map(HitModel.of, hits)), understood=understood, notes=notes_of(service, query, request)
            )
        )

    pool = service.words if given.is_words else service.pictures
    return await pool.run(request, find)


def _values(form: Form) -> dict[str, Any]:
    """The request that a form without one stands for: all of its texts and files."""
    return query_values(form, beside=_OF_REQUEST, pictures=form.named_files())
