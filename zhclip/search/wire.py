"""Queries, hits and errors as JSON: what the command line prints and the HTTP service speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    WithJsonSchema,
    model_serializer,
)

from zhclip.errors import PictureError, QueryError, ServiceError, ZhclipError, error_kinds
from zhclip.library import Status, Where
from zhclip.messages import Message
from zhclip.search.query import Content, Hit, Part, Query

MOST_HITS = 1000
MOST_CHARACTERS = 1000
"""Of one text."""
MOST_PARTS = 16
"""Of one query, and as many exclusions."""
_MOST_BYTES = 2**53
_MOST_PIXELS = 2**31 - 1


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError(Message("holds a NUL character; take it out"))
    return text


def _to_moment(value: object) -> object:
    """A day or a moment of ISO 8601, which Pydantic alone would not keep apart."""
    if not isinstance(value, str):
        return value
    try:
        moment = date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(Message("should be a day, as 2024-05-31, or a moment, as 2024-05-31T18:30")) from None
    if moment.year == date.max.year:
        raise ValueError(Message("lies too far in the future"))
    return moment


def _kind(value: object) -> str:
    return "string" if isinstance(value, str) else "object"


Plain = Annotated[str, Field(min_length=1), AfterValidator(_plain)]
"""Characters, none of them NUL."""
Text = Annotated[Plain, Field(max_length=MOST_CHARACTERS)]
Name = Annotated[Plain, Field(max_length=200)]
Folder = Annotated[Plain, Field(max_length=4096)]
Address = Annotated[Plain, Field(max_length=2000)]
Day = Annotated[
    datetime | date,
    BeforeValidator(_to_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]
WallClock = Annotated[
    datetime,
    WithJsonSchema({"type": "string", "description": "Where it was taken, as `2024-05-01T18:30:00`; of no zone."}),
]
Identity = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="`metadata.id` of a hit.")]
Share = Annotated[float, Field(ge=0, le=1)]
TopK = Annotated[int, Field(ge=1, le=MOST_HITS, description="The most hits.")]
Offset = Annotated[int, Field(ge=0, le=10 * MOST_HITS, description="Leave out this many of the best.")]
Notes = Annotated[list[str], Field(description="What the client should know, as that a text was cut.")]


class RequestModel(BaseModel):
    """What a client sends: types are as they are named, and an unknown key is an error."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    @model_serializer(mode="wrap")
    def _leave_out_what_is_not_given(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialize(self).items() if value is not None}


class PartModel(RequestModel):
    """One text or picture of a query; give one of ``text``, ``picture``, ``id`` and ``url``."""

    text: Text | None = Field(default=None, description="Words in Chinese, English or both.")
    picture: str | None = Field(
        default=None, pattern="^[A-Za-z0-9_-]{1,64}$", description="The name of a file that the same form sends."
    )
    id: Identity | None = Field(default=None, description="A picture of the library.")
    url: Address | None = Field(default=None, description="The address of a picture, where the service allows it.")
    weight: float = Field(default=1.0, gt=0, le=1000, description="How much it counts, relative to the other parts.")

    def reference(self) -> str:
        """Which of the four it gives.

        Raises:
            QueryError: It gives none, or several.
        """
        given = [name for name in ("text", "picture", "id", "url") if getattr(self, name) is not None]
        if len(given) != 1:
            raise QueryError(
                "a part of a query has one of text, picture, id and url, not {given}", given=", ".join(given) or "{}"
            )
        return given[0]


class WhereModel(RequestModel):
    """What pictures must be like; all that is given must hold."""

    folder: Folder | None = Field(default=None, description="Below this folder of the service's machine.")
    name: Name | None = Field(default=None, description="In the file's name, upper or lower case.")
    formats: list[Name] = Field(default=[], max_length=20, description="One of these, as `JPEG` or `PNG`.")
    orientation: Literal["landscape", "portrait", "square"] | None = None
    min_width: int | None = Field(default=None, ge=0, le=_MOST_PIXELS)
    min_height: int | None = Field(default=None, ge=0, le=_MOST_PIXELS)
    min_bytes: int | None = Field(default=None, ge=0, le=_MOST_BYTES)
    max_bytes: int | None = Field(default=None, ge=0, le=_MOST_BYTES)
    taken_from: Day | None = Field(default=None, description="On this day, at this moment, or later.")
    taken_until: Day | None = Field(default=None, description="On this day or before; before this moment.")
    camera: Name | None = Field(default=None, description="As EXIF names it.")
    tags: list[Name] = Field(default=[], max_length=20, description="All of these.")
    near: tuple[float, float] | None = Field(default=None, description="Latitude and longitude in degrees.")
    within_km: float = Field(default=10.0, gt=0, le=20_040, description="How far from `near`.")

    @classmethod
    def of(cls, where: Where) -> Self:
        """The JSON form of a filter."""
        values = asdict(where) | {"formats": list(where.formats), "tags": list(where.tags)}
        return cls.model_construct(**values | {"folder": None if where.folder is None else str(where.folder)})

    def to_where(self) -> Where:
        """The filter.

        Raises:
            QueryError: A value makes no sense.
        """
        values = self.model_dump() | {"formats": tuple(self.formats), "tags": tuple(self.tags)}
        return Where(**values)


TextOrPart = Annotated[
    Annotated[Text, Tag("string")] | Annotated[PartModel, Tag("object")],
    Discriminator(_kind),
    Field(description="A string is a text."),
]


class QueryModel(RequestModel):
    """What to look for; see :class:`zhclip.Query`."""

    parts: list[TextOrPart] = Field(min_length=1, max_length=MOST_PARTS)
    exclude: list[TextOrPart] = Field(default=[], max_length=MOST_PARTS, description="What must not be in the picture.")
    every: bool = Field(default=False, description="Every part must be in the picture.")
    where: WhereModel | None = None
    negation: bool = Field(default=True, description="Take `没有人的海滩` as a beach, people excluded.")
    words: Share = Field(default=0.0, description="How much captions, tags and file names count beside the looks.")
    min_relevance: Share | None = Field(
        default=None, description="Leave out hits that are less likely to fit; the model's own threshold by default."
    )

    @classmethod
    def of(cls, query: Query, refer: Callable[[Content], dict[str, str]]) -> Self:
        """The JSON form of a query.

        Args:
            query: The query.
            refer: Gives for a picture the field of a :class:`PartModel` that stands for it.
        """

        def to_model(part: Part) -> PartModel:
            reference = {"text": part.text} if part.text is not None else refer(part.content)
            return PartModel.model_construct(set(reference) | {"weight"}, **reference, weight=part.weight)

        # Whoever receives it checks it; here it may hold more than a client may send.
        return cls.model_construct(
            parts=[to_model(part) for part in query.parts],
            exclude=[to_model(part) for part in query.exclude],
            every=query.every,
            where=WhereModel.of(query.where) if query.where else None,
            negation=query.negation,
            words=query.words,
            min_relevance=query.min_relevance,
        )

    def models(self) -> list[PartModel]:
        """All texts and pictures, those that are excluded last."""
        return [*map(_to_model, self.parts), *map(_to_model, self.exclude)]

    def to_query(self, contents: Callable[[PartModel], Content]) -> Query:
        """The query.

        Args:
            contents: Gives the text or picture that a part stands for.

        Raises:
            QueryError: A value makes no sense.
        """

        def to_part(part: str | PartModel) -> Part:
            model = _to_model(part)
            return Part(contents(model), model.weight)

        return Query(
            *map(to_part, self.parts),
            exclude=[to_part(part) for part in self.exclude],
            every=self.every,
            where=self.where.to_where() if self.where else None,
            negation=self.negation,
            words=self.words,
            min_relevance=self.min_relevance,
        )


TextOrQuery = Annotated[
    Annotated[Text, Tag("string")] | Annotated[QueryModel, Tag("object")],
    Discriminator(_kind),
    Field(description="A string is a text."),
]


class UnderstoodModel(QueryModel):
    """A query as it was searched for: what is negated is excluded, which may be more than a client may exclude."""

    exclude: list[TextOrPart] = Field(default=[], description="What must not be in the picture.")


Understood = Annotated[
    UnderstoodModel, Field(description="The query as it was searched for: what is negated is excluded.")
]


class QueryRequest(RequestModel):
    """What has a query."""

    query: TextOrQuery

    def model(self) -> QueryModel:
        """The query, in full."""
        return self.query if isinstance(self.query, QueryModel) else QueryModel(parts=[self.query])


class SearchRequest(QueryRequest):
    """A query, and which of its hits to give."""

    top_k: TopK = 10
    offset: Offset = 0


class MetadataModel(BaseModel):
    """What the library knows of a picture."""

    model_config = ConfigDict(extra="allow")

    id: str
    paths: list[Path] = Field(description="All files of the same content.")
    gone: bool = Field(False, description="Whether there is no file at its path any more.")
    format: str
    width: int
    height: int
    bytes: int
    taken: WallClock
    camera: str
    latitude: float | None
    longitude: float | None
    tags: list[str]


class HitModel(BaseModel):
    """A picture that was found; see :class:`zhclip.Hit`."""

    path: Path = Field(description="On the machine that holds the library.")
    score: float = Field(description="Cosine, -1 to 1.")
    rank: int = Field(description="1 is the best.")
    relevance: float | None = Field(description="How likely it fits, 0 to 1, where the model says so.")
    caption: str | None
    metadata: MetadataModel

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """The JSON form of a hit."""
        return cls(**asdict(hit))

    def to_hit(self) -> Hit:
        """The hit."""
        values = self.model_dump()
        # As a library gives them, where no zone is meant.
        values["metadata"]["taken"] = self.metadata.taken.replace(tzinfo=None)
        return Hit(**values)


class SearchResponse(BaseModel):
    """Hits, best first."""

    hits: list[HitModel]
    understood: Understood
    notes: Notes


class LibraryModel(BaseModel):
    """What a library holds; see :class:`zhclip.library.Status`."""

    location: str
    pictures: int = Field(description="By content.")
    files: int = Field(description="At least as many.")
    failed: int = Field(description="Files that could not be read.")
    model: str
    fingerprint: str
    dim: int
    since: str
    next_model: str | None = Field(description="The model of a reindexing that is not complete yet.")
    gone: int = Field(0, description="Files that are no longer at their paths.")

    @classmethod
    def of(cls, status: Status) -> Self:
        """The JSON form of a library's status."""
        return cls(**asdict(status))

    def to_status(self) -> Status:
        """The status."""
        return Status(**self.model_dump())


class ErrorDetail(BaseModel):
    """What was wrong."""

    code: str = Field(description="For programs.")
    message: str = Field(description="For people.")


class ErrorModel(BaseModel):
    """The body of every response that is no success."""

    error: ErrorDetail


def to_error(detail: ErrorDetail) -> ZhclipError:
    """The error that a library would have raised; a :class:`ServiceError` for those of a service alone."""
    kinds = error_kinds() | {"invalid_request": QueryError, "not_found": QueryError, "invalid_url": PictureError}
    return kinds.get(detail.code, ServiceError)(detail.message)


def _to_model(part: str | PartModel) -> PartModel:
    return PartModel(text=part) if isinstance(part, str) else part
