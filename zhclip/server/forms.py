"""Requests as JSON or as forms: fields, and the files that come with them."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from zhclip.search.wire import MOST_PARTS
from zhclip.server.errors import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection

    from starlette.requests import Request

Model = TypeVar("Model", bound=BaseModel)
JSON = "application/json"
MULTIPART = "multipart/form-data"
_MOST_FIELDS = 300
_FIELD_BYTES = 1 << 20


@dataclass(frozen=True)
class Form:
    """What a form holds."""

    fields: dict[str, list[str]]
    files: dict[str, list[bytes]]

    def values(self, lists: Collection[str] = ()) -> dict[str, Any]:
        """The fields, each with what was given last.

        Args:
            lists: The fields with all that was given.
        """
        return {name: given if name in lists else given[-1] for name, given in self.fields.items()}

    def named_files(self) -> dict[str, bytes]:
        """The files, each under a name of its own: ``picture``, ``picture-2``..."""
        return {
            name if number == 1 else f"{name}-{number}": content
            for name, contents in self.files.items()
            for number, content in enumerate(contents, start=1)
        }


class _InMemory(MultiPartParser):
    # Pictures that are sent are private, and the body is in memory as it is: none is written to a disk.
    spool_max_size = 1 << 40


async def read_request(
    request: Request, model: type[Model], values: Callable[[Form], dict[str, Any]]
) -> tuple[Model, dict[str, bytes]]:
    """Read a request from either kind of body.

    Args:
        request: The request.
        model: What it is.
        values: Those of the model that a form stands for, where none of its fields is a ``request`` as JSON.

    Returns:
        The request, and the files of its form, each under a name of its own.

    Raises:
        Refusal: The body is of another type, cannot be read, or makes no sense.
    """
    kind = media_type(request)
    try:
        if kind == JSON:
            return model.model_validate_json(_without_mark(await request.body())), {}
        if kind == MULTIPART:
            form = await read_form(request)
            if "request" in form.fields:
                return model.model_validate_json(_without_mark(form.fields["request"][0].encode())), form.named_files()
            return model.model_validate(values(form), strict=False), form.named_files()
    except ValidationError as error:
        raise invalid(error) from None
    raise unsupported(request, JSON, MULTIPART)


def _without_mark(content: bytes) -> bytes:
    """JSON without the byte order mark that some programs write, and RFC 8259 lets a reader pass over."""
    return content.removeprefix(codecs.BOM_UTF8)


def media_type(request: Request) -> str:
    """What the body of a request is said to be."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def unsupported(request: Request, *types: str) -> Refusal:
    """The refusal of a body of another type."""
    given = media_type(request)
    if not given:
        return Refusal(415, "unsupported_media_type", "the body must be of a type: {types}", types=", ".join(types))
    return Refusal(
        415,
        "unsupported_media_type",
        "the body must be of type {types}, not {given}",
        types=", ".join(types),
        given=given,
    )


async def read_form(request: Request) -> Form:
    """Read a form that is sent with pictures.

    Raises:
        Refusal: It is none, or holds too much.
    """
    body = await request.body()

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = _InMemory(
        Headers(raw=request.headers.raw),
        stream(),
        max_files=2 * MOST_PARTS,
        max_fields=_MOST_FIELDS,
        max_part_size=_FIELD_BYTES,
    )
    form = Form({}, {})
    try:
        for name, value in (await parser.parse()).multi_items():
            if isinstance(value, UploadFile):
                form.files.setdefault(name, []).append(await value.read())
                await value.close()
            else:
                value.encode()  # a form may name a coding whose letters have no UTF-8
                form.fields.setdefault(name, []).append(value)
    except (MultiPartException, LookupError, ValueError) as error:
        if isinstance(error, MultiPartException):
            raise Refusal(400, "invalid_form", "the form cannot be read: {reason}", reason=error.message) from None
        raise Refusal(400, "invalid_form", "the form cannot be read: its parts are damaged") from None
    return form
