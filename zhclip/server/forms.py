"""Requests as forms: fields, and the files that come with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from zhclip.search.wire import MOST_PARTS
from zhclip.server.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

JSON = "application/json"
MULTIPART = "multipart/form-data"
_MOST_FIELDS = 300
_FIELD_BYTES = 1 << 20


@dataclass(frozen=True)
class Form:
    """What a form holds."""

    fields: dict[str, list[str]]
    files: dict[str, list[bytes]]


class _InMemory(MultiPartParser):
    # Pictures that are sent are private, and the body is in memory as it is: none is written to a disk.
    spool_max_size = 1 << 40


def media_type(request: Request) -> str:
    """What the body of a request is said to be."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def unsupported(request: Request, *types: str) -> Refusal:
    """The refusal of a body of another type."""
    given = media_type(request) or "nothing"
    return Refusal(415, "unsupported_media_type", f"the body must be {' or '.join(types)}, not {given}")


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
        reason = error.message if isinstance(error, MultiPartException) else "its parts are damaged"
        raise Refusal(400, "invalid_form", f"the form cannot be read: {reason}") from None
    return form
