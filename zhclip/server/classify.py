"""``/v1/classify``: which of some names fits a picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from zhclip.evaluation.classification import Classifier
from zhclip.models import Encoder
from zhclip.search.picture_wire import PictureRequest
from zhclip.search.wire import Name
from zhclip.server.forms import JSON, MULTIPART, read_request
from zhclip.server.one_picture import take_picture
from zhclip.server.service import ERRORS, Service, as_json

MOST_LABELS = 200
_KEPT = 16

BODY = {
    "required": True,
    "content": {
        JSON: {
            "schema": {"$ref": "#/components/schemas/ClassifyRequest"},
            "examples": {
                "id": {
                    "summary": "A picture of the library",
                    "value": {"labels": ["猫", "狗", "a horse"], "id": "0123456789abcdef0123456789abcdef"},
                }
            },
        },
        MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {
                    "labels": {"type": "array", "items": {"type": "string"}},
                    "picture": {"type": "string", "format": "binary"},
                    "top_k": {"type": "integer", "minimum": 1, "maximum": MOST_LABELS},
                },
                "required": ["labels", "picture"],
            }
        },
    },
}


class ClassifyRequest(PictureRequest):
    """A picture, and the names to choose from."""

    labels: list[Name] = Field(min_length=1, max_length=MOST_LABELS, description="In Chinese, English or both.")
    top_k: Annotated[int, Field(ge=1, le=MOST_LABELS, description="How many names to give.")] = 5


class GuessModel(BaseModel):
    """A name for the picture."""

    label: str
    probability: float = Field(description="0 to 1, over all labels and none of them.")
    score: float = Field(description="Cosine.")


class ClassifyResponse(BaseModel):
    """What the picture shows."""

    label: str | None = Field(description="The best; null where none fits.")
    guesses: list[GuessModel] = Field(description="Best first.")
    none_probability: float = Field(description="That none of the labels fits, 0 to 1.")


def classify_routes(service: Service) -> APIRouter:
    """The route that names what a picture shows."""
    router = APIRouter(tags=["classify"], responses=ERRORS)

    @lru_cache(maxsize=_KEPT)
    def classifier(encoder: Encoder, labels: tuple[str, ...]) -> Classifier:
        return Classifier(encoder, labels)

    @router.post("/v1/classify", response_model=ClassifyResponse, openapi_extra={"requestBody": BODY})
    async def classify(request: Request) -> Response:
        """Say which of some names fits a picture best, or that none does."""
        wanted, files = await read_request(request, ClassifyRequest, lambda form: form.values(("labels",)))
        picture = await take_picture(service, wanted, files.values())

        def work() -> Response:
            source = picture.read()
            (result,) = classifier(service.encoder(), tuple(wanted.labels))(source, top_k=wanted.top_k)
            guesses = [GuessModel(**vars(guess)) for guess in result.guesses]
            return as_json(
                ClassifyResponse(label=result.label, guesses=guesses, none_probability=result.none_probability)
            )

        return await service.pictures.run(request, work)

    return router
