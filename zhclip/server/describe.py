"""``/v1/describe``: which captions describe a picture."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from zhclip.search.picture_wire import MOST_CAPTIONS, CaptionModel, DescribeRequest, DescribeResponse
from zhclip.server.errors import client_language
from zhclip.server.forms import JSON, MULTIPART, read_request
from zhclip.server.one_picture import take_picture
from zhclip.server.service import ERRORS, Service, as_json

BODY: dict[str, Any] = {
    "required": True,
    "content": {
        JSON: {
            "schema": {"$ref": "#/components/schemas/DescribeRequest"},
            "examples": {
                "library": {
                    "summary": "A picture of the library, among the library's captions",
                    "value": {"id": "0123456789abcdef0123456789abcdef"},
                },
                "list": {
                    "summary": "Among those of a list",
                    "value": {"id": "0123456789abcdef0123456789abcdef", "captions": ["海边的日落", "a dog on grass"]},
                },
            },
        },
        MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {
                    "picture": {"type": "string", "format": "binary"},
                    "captions": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Several are given as several fields; hundreds only in `request`.",
                    },
                    "top_k": {"type": "integer", "minimum": 1, "maximum": MOST_CAPTIONS},
                    "request": {
                        "type": "string",
                        "contentMediaType": JSON,
                        "description": "As the JSON body, instead of the other fields.",
                    },
                },
                "required": ["picture"],
            }
        },
    },
}


def describe_routes(service: Service) -> APIRouter:
    """The route that finds captions for a picture."""
    router = APIRouter(tags=["describe"], responses=ERRORS)

    @router.post("/v1/describe", response_model=DescribeResponse, openapi_extra={"requestBody": BODY})
    async def describe(request: Request) -> Response:
        """Find the captions that describe a picture best: among those of the library's pictures, or in a list."""
        wanted, files = await read_request(request, DescribeRequest, lambda form: form.values(("captions",)))
        picture = await take_picture(service, wanted, files.values())

        def work() -> Response:
            source = picture.read()
            service.encoder()
            found = service.library.describe(source, captions=wanted.captions, top_k=wanted.top_k)
            notes = service.notes(wanted.captions or [], client_language(request.scope))
            return as_json(DescribeResponse(captions=list(map(CaptionModel.of, found)), notes=notes))

        return await service.pictures.run(request, work)

    return router
