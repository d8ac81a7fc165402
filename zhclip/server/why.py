"""``/v1/why``: the words of a query that carried a picture, and where in it they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from PIL import Image

from zhclip.models import open_image
from zhclip.search.picture_wire import WhyRequest, WhyResponse
from zhclip.server.forms import JSON, MULTIPART, Form, read_request
from zhclip.server.one_picture import take_picture
from zhclip.server.queries import QUERY_FIELDS, notes_of, query_values, take_query
from zhclip.server.service import ERRORS, Service, as_json
from zhclip.server.thumbnails import SIZES, to_jpeg

if TYPE_CHECKING:
    from zhclip.search import Explanation

JPEG = "image/jpeg"
LONGEST = SIZES["large"]
_OF_REQUEST = ("id", "url")

BODY: dict[str, Any] = {
    "required": True,
    "content": {
        JSON: {
            "schema": {"$ref": "#/components/schemas/WhyRequest"},
            "examples": {
                "words": {
                    "summary": "Words, and a hit",
                    "value": {"query": "雪地里的一只狗", "id": "0123456789abcdef0123456789abcdef"},
                }
            },
        },
        MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {
                    "request": {
                        "type": "string",
                        "contentMediaType": JSON,
                        "description": "As the JSON body; the query's parts name the form's files, "
                        "and the file that they do not name is the picture. Without it, all texts are the query.",
                    },
                    **QUERY_FIELDS,
                    "id": {"type": "string", "description": "A picture of the library, instead of a file."},
                },
            }
        },
    },
}
AS_PICTURE: dict[str, Any] = {
    "content": {JPEG: {"schema": {"type": "string", "format": "binary"}}},
    "description": f"Why; with `Accept: {JPEG}` the picture, of at most {LONGEST} pixels a side, with warm colours "
    "where it fits the query",
}


def why_routes(service: Service) -> APIRouter:
    """The route that explains a hit."""
    router = APIRouter(tags=["search"], responses=ERRORS)

    @router.post(
        "/v1/why", response_model=WhyResponse, responses={200: AS_PICTURE}, openapi_extra={"requestBody": BODY}
    )
    async def why(request: Request) -> Response:
        """Say why a picture answers a query as well as it does."""
        wanted, files = await read_request(request, WhyRequest, _values)
        query = await take_query(service, wanted.model(), files)
        named = {part.picture for part in wanted.model().models()}
        others = [content for name, content in files.items() if name not in named]
        picture = await take_picture(service, wanted, others)

        def work() -> Response:
            source = picture.read()
            asked, understood = query.read()
            service.encoder()
            explanation = service.library.explain(asked, source, warn=False)
            if _wants_picture(request):
                return Response(_overlay(explanation, source), media_type=JPEG)
            return as_json(WhyResponse.of(explanation, understood=understood, notes=notes_of(service, asked, request)))

        return await service.pictures.run(request, work)

    return router


def _values(form: Form) -> dict[str, Any]:
    """The request that a form without one stands for: all of its texts."""
    return query_values(form, beside=_OF_REQUEST)


def _wants_picture(request: Request) -> bool:
    """Whether the client names JPEG among what it takes, and JSON not."""
    taken = {kind.partition(";")[0].strip().lower() for kind in request.headers.get("accept", "").split(",")}
    return JPEG in taken and JSON not in taken


def _overlay(explanation: Explanation, source: bytes) -> bytes:
    picture = open_image(source, shrink_to=LONGEST)
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return to_jpeg(explanation.overlay(picture), LONGEST)
