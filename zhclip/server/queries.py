"""The queries of clients: their parts, and the pictures that these refer to."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhclip.search.wire import PartModel, QueryModel, UnderstoodModel
from zhclip.server.errors import Refusal, client_language
from zhclip.server.one_picture import GivenPicture

if TYPE_CHECKING:
    from starlette.requests import Request

    from zhclip.search.query import Content, Query
    from zhclip.server.forms import Form
    from zhclip.server.service import Service

_LISTS = ("text", "exclude")

QUERY_FIELDS: dict[str, Any] = {
    "text": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Words; several are given as several fields.",
    },
    "exclude": {"type": "array", "items": {"type": "string"}},
    "picture": {"type": "string", "format": "binary"},
}
"""The fields of a form that a query is made of, for the schema."""


@dataclass(frozen=True)
class GivenQuery:
    """A query as a client gave it, and the files of its pictures by their references: of a form, or fetched."""

    service: Service
    model: QueryModel
    files: Mapping[tuple[str, str], bytes]

    @property
    def is_words(self) -> bool:
        """Whether it has no picture."""
        return all(part.text is not None for part in self.model.models())

    def read(self) -> tuple[Query, UnderstoodModel]:
        """The query as it is searched for, and its JSON form; to find its pictures takes a moment.

        Raises:
            Refusal: The library holds no such picture.
            PictureError: A file is no picture, or is over the limit.
            QueryError: A value makes no sense.
        """
        pictures: list[tuple[Content, dict[str, str]]] = []

        def content_of(part: PartModel) -> Content:
            if part.text is not None:
                return part.text
            name = part.reference()
            value: str = getattr(part, name)
            content = GivenPicture(self.service, value if name == "id" else self.files[name, value]).read()
            pictures.append((content, {name: value}))
            return content

        def refer(content: Content) -> dict[str, str]:
            return next(reference for known, reference in pictures if known is content)

        query = self.model.to_query(content_of).interpreted()
        return query, UnderstoodModel.of(query, refer)


async def take_query(service: Service, model: QueryModel, files: Mapping[str, bytes]) -> GivenQuery:
    """Take a query, and fetch the pictures of which it gives the addresses.

    Args:
        service: Whose library holds the pictures with ids.
        model: The query.
        files: Those of its form, by their names.

    Raises:
        QueryError: A part of it is nothing, or several things.
        Refusal: A file was not sent, or an address is not allowed or gives no picture.
    """
    parts = model.models()
    for part in parts:
        part.reference()
    missing = [part.picture for part in parts if part.picture is not None and part.picture not in files]
    if missing:
        raise Refusal(422, "invalid_query", "the form sends no file {name}; send one under this name", name=missing[0])
    addresses = list({part.url for part in parts if part.url is not None})
    fetched = await asyncio.gather(*map(service.fetcher.fetch, addresses))
    sent = {("picture", name): content for name, content in files.items()}
    return GivenQuery(service, model, sent | {("url", url): file for url, file in zip(addresses, fetched, strict=True)})


def query_values(form: Form, *, beside: Collection[str], pictures: Iterable[str] = ()) -> dict[str, Any]:
    """The values of a request with a query that is made of all texts of a form.

    Args:
        form: The form.
        beside: Its fields that are no part of the query.
        pictures: Names of the files that are parts of it.
    """
    values = form.values(_LISTS)
    request = {name: values.pop(name) for name in beside if name in values}
    parts = [*values.pop("text", []), *({"picture": name} for name in pictures)]
    return request | {"query": {"parts": parts} | values}


def notes_of(service: Service, query: Query, request: Request) -> list[str]:
    """What a client should know of its query, in its language: that the model does not read all of a text."""
    texts = [part.text for part in (*query.parts, *query.exclude) if part.text is not None]
    return service.notes(texts, client_language(request.scope))
