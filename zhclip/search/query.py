"""What is searched for, and what is found."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from PIL import Image

from zhclip.errors import QueryError, ZhclipWarning
from zhclip.library.where import Where
from zhclip.models.text import visible

Content: TypeAlias = str | Path | bytes | Image.Image
"""Words (a string is always words), or a picture: a path, the bytes of a file, or a PIL image."""


@dataclass(frozen=True)
class Part:
    """One thing that a query asks for, or excludes.

    Args:
        content: Words in Chinese, English or both, or a picture. Invisible characters are taken out of words.
        weight: How much it counts, relative to the other parts.

    Raises:
        QueryError: There are no words, the content is neither words nor a picture, or the
            weight is not above 0.
    """

    content: Content
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.content, str | Path | bytes | Image.Image):
            raise QueryError(
                "a query is made of texts and pictures (a Path, the bytes of a file, or a PIL image), not of {kind}",
                kind=type(self.content).__name__,
            )
        if isinstance(self.content, str):
            object.__setattr__(self, "content", visible(self.content))
        if isinstance(self.content, str) and not self.content.strip():
            raise QueryError("the query is empty; give words to search for, or a picture")
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise QueryError(
                "a part's weight must be above 0, not {weight}; what is unwanted goes into exclude", weight=self.weight
            )

    @property
    def text(self) -> str | None:
        """The words; None for a picture."""
        return self.content if isinstance(self.content, str) else None


@dataclass(frozen=True, init=False)
class Query:
    """What to look for: texts and pictures, what to leave out, and what pictures must be like.

    >>> Query("街景", Path("car.jpg"), exclude="人")
    >>> Query(Part("花"), Part("蜜蜂", weight=2))
    >>> Query("狗", "海滩", every=True, where=Where(orientation="landscape"))

    Args:
        *parts: Texts and pictures, each with its weight; one at least.
        exclude: Texts and pictures of what must not be in the picture.
        every: Every part must be in the picture: hits are ranked by the part that fits least.
        where: What the picture's file must be like.
        negation: Take "没有人的海滩" or "a beach without people" as a beach, people excluded.
        words: How much the words of captions, tags and file names count beside the looks,
            0 (not at all) to 1 (alone).
        min_relevance: Leave out hits that are less likely to fit than this, 0 to 1; the
            model's own threshold by default. Models without a calibration leave out none.

    Raises:
        QueryError: There is no part, or a value makes no sense.
    """

    parts: tuple[Part, ...]
    exclude: tuple[Part, ...]
    every: bool
    where: Where | None
    negation: bool
    words: float
    min_relevance: float | None

    def __init__(
        self,
        *parts: Content | Part,
        exclude: Content | Part | list[Content | Part] | tuple[Content | Part, ...] = (),
        every: bool = False,
        where: Where | None = None,
        negation: bool = True,
        words: float = 0.0,
        min_relevance: float | None = None,
    ) -> None:
        if not parts:
            raise QueryError("the query is empty; give words to search for, or a picture")
        for name, share in (("words", words), ("min_relevance", min_relevance)):
            if share is not None and not 0 <= share <= 1:
                raise QueryError("{name} must be 0 to 1, not {share}", name=name, share=share)
        excluded = exclude if isinstance(exclude, list | tuple) else [exclude]
        values = {
            "parts": tuple(map(_to_part, parts)),
            "exclude": tuple(map(_to_part, excluded)),
            "every": every,
            "where": where,
            "negation": negation,
            "words": words,
            "min_relevance": min_relevance,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def interpreted(self) -> Query:
        """The query as it is searched for: what its texts negate is excluded, and ``negation`` is off.

        >>> Query("没有人的海滩").interpreted() == Query("海滩", exclude="人", negation=False)
        True
        """
        if not self.negation:
            return self
        # Reading negation takes jieba, which takes a second to load.
        from zhclip.search.negation import split_negation

        parts: list[Content | Part] = []
        exclude: list[Content | Part] = [*self.exclude]
        for part in self.parts:
            if part.text is None:
                parts.append(part)
                continue
            read = split_negation(part.text)
            parts.append(Part(read.text, part.weight))
            exclude.extend(Part(text) for text in read.exclude)
        return Query(
            *parts,
            exclude=exclude,
            every=self.every,
            where=self.where,
            negation=False,
            words=self.words,
            min_relevance=self.min_relevance,
        )


@dataclass(frozen=True)
class Hit:
    """A picture that was found."""

    path: Path
    score: float
    """Cosine of the picture's and the query's vectors, -1 to 1; with ``every``, of the part that fits least.
    What fits an exclusion has less, and is ranked by that."""
    rank: int
    """1 is the best."""
    relevance: float | None = None
    """How likely it fits, 0 to 1, where the model is calibrated; None where it is not."""
    caption: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    """``id``, ``paths`` (all files of the same content), ``format``, ``width``, ``height``, ``bytes``, ``taken``
    (a datetime of wall-clock time), ``camera``, ``latitude``, ``longitude``, ``tags``."""


class Results(list[Hit]):
    """Hits, best first, and what there is to say of the search.

    Args:
        hits: The hits.
        understood: The query as it was searched for: what its texts negate is excluded.
        notes: What the user should know, as that the end of a text was not read; ``str(note)`` says it. They
            belong to this search alone, whatever else the process searches for meanwhile.
    """

    def __init__(self, hits: Iterable[Hit] = (), *, understood: Query, notes: Iterable[ZhclipWarning] = ()) -> None:
        super().__init__(hits)
        self.understood = understood
        self.notes = tuple(notes)


def to_query(query: Content | Query) -> Query:
    """A query from whatever one may be given as: a string is a text, a path is a picture.

    Raises:
        QueryError: It is empty, or of another type.
    """
    return query if isinstance(query, Query) else Query(query)


def _to_part(part: Content | Part) -> Part:
    return part if isinstance(part, Part) else Part(part)
