"""``/v1/classify``: which of some names fits a picture."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zhclip.evaluation.classification import Classifier
from zhclip.models import Encoder
from zhclip.search.wire import Address, Identity, Name
from zhclip.server.errors import Refusal, invalid
from zhclip.server.forms import JSON, MULTIPART, media_type, read_form, unsupported
from zhclip.server.limits import check_picture
from zhclip.server.search import picture_of
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


class ClassifyRequest(BaseModel):
    """Names to choose from, and a picture: one of ``id`` and ``url``, or the file of a form."""

    model_config = ConfigDict(strict=True, extra="forbid")

    labels: list[Name] = Field(min_length=1, max_length=MOST_LABELS, description="In Chinese, English or both.")
    id: Identity | None = None
    url: Address | None = None
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
        wanted, content = await _read(request)
        if (wanted.id is not None) + (wanted.url is not None) + (content is not None) != 1:
            raise Refusal(422, "invalid_request", "give one picture: the id or url of one, or a form's file")
        if wanted.url is not None:
            content = await service.fetcher.fetch(wanted.url)

        def work() -> Response:
            source: bytes | Path
            if content is None:
                source = Path(picture_of(service, wanted.id or "").path)
            else:
                check_picture(content, max_pixels=service.settings.max_pixels)
                source = content
            (result,) = classifier(service.encoder(), tuple(wanted.labels))(source, top_k=wanted.top_k)
            guesses = [GuessModel(**vars(guess)) for guess in result.guesses]
            return as_json(
                ClassifyResponse(label=result.label, guesses=guesses, none_probability=result.none_probability)
            )

        return await service.pictures.run(request, work)

    return router


async def _read(request: Request) -> tuple[ClassifyRequest, bytes | None]:
    kind = media_type(request)
    try:
        if kind == JSON:
            return ClassifyRequest.model_validate_json(await request.body()), None
        if kind == MULTIPART:
            form = await read_form(request)
            values: dict[str, Any] = {name: given[-1] for name, given in form.fields.items()}
            values["labels"] = form.fields.get("labels", [])
            files = [content for contents in form.files.values() for content in contents]
            if len(files) > 1:
                raise Refusal(422, "invalid_request", f"give one picture, not {len(files)}")
            return ClassifyRequest.model_validate(values, strict=False), files[0] if files else None
    except ValidationError as error:
        raise invalid(error) from None
    raise unsupported(request, JSON, MULTIPART)
