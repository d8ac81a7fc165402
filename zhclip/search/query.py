"""What is searched for, and what is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from zhclip.errors import QueryError


@dataclass(frozen=True)
class Query:
    """What to look for.

    Args:
        text: Words in Chinese, English or both.
        image: A picture: a path, the bytes of a file, or a PIL image.

    Raises:
        QueryError: There is neither a text nor a picture, or both.
    """

    text: str | None = None
    image: str | Path | bytes | Image.Image | None = None

    def __post_init__(self) -> None:
        if self.text is not None and self.image is not None:
            raise QueryError("a query is a text or a picture, not both")
        if self.image is None and not (self.text or "").strip():
            raise QueryError("the query is empty; give words to search for, or a picture")


@dataclass(frozen=True)
class Hit:
    """A picture that was found."""

    path: Path
    score: float
    """Cosine of the picture's and the query's vectors, -1 to 1."""
    rank: int
    """1 is the best."""
    relevance: float | None = None
    """How likely it fits, 0 to 1, where the model is calibrated; None where it is not."""
    caption: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    """``id``, ``paths`` (all files of the same content), ``format``, ``width``, ``height``, ``bytes``, ``taken``
    (a datetime of wall-clock time), ``camera``, ``latitude``, ``longitude``, ``tags``."""


def to_query(query: str | Path | Image.Image | Query) -> Query:
    """A query from whatever one may be given as: a string is a text, a path is a picture.

    Raises:
        QueryError: It is empty, or of another type.
    """
    if isinstance(query, Query):
        return query
    if isinstance(query, str):
        return Query(text=query)
    if isinstance(query, Path | Image.Image | bytes):
        return Query(image=query)
    raise QueryError(
        f"a query is a text, a picture (a Path or a PIL image) or a zhclip.Query, not {type(query).__name__}"
    )
