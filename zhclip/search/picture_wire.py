"""What is asked and said of one picture, as JSON: which captions describe it, and why it answers a query."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, Field

from zhclip.search.describing import Caption
from zhclip.search.explanation import Explanation, Word
from zhclip.search.query import Query
from zhclip.search.wire import Address, Identity, Notes, QueryRequest, RequestModel, Text, Understood

MOST_CAPTIONS = 1000


class PictureRequest(RequestModel):
    """A picture: one of ``id`` and ``url``, or the file of a form."""

    id: Identity | None = Field(default=None, description="A picture of the library.")
    url: Address | None = Field(default=None, description="The address of a picture, where the service allows it.")


class DescribeRequest(PictureRequest):
    """A picture, and the captions to choose from."""

    captions: Annotated[list[Text], Field(min_length=1, max_length=MOST_CAPTIONS)] | None = Field(
        default=None, description="In Chinese, English or both; by default those of the library's pictures."
    )
    top_k: int = Field(default=5, ge=1, le=MOST_CAPTIONS, description="The most captions.")


class CaptionModel(BaseModel):
    """A caption, and how well it describes the picture; see :class:`zhclip.search.Caption`."""

    text: str
    score: float = Field(description="Cosine, -1 to 1.")
    relevance: float | None = Field(description="How likely it fits, 0 to 1, where the model says so.")
    id: str | None = Field(description="The library's picture whose caption it is; null where it was sent.")

    @classmethod
    def of(cls, caption: Caption) -> Self:
        """The JSON form of a caption."""
        return cls(text=caption.text, score=caption.score, relevance=caption.relevance, id=caption.id)

    def to_caption(self) -> Caption:
        """The caption; it has no path."""
        return Caption(**self.model_dump())


class DescribeResponse(BaseModel):
    """Captions, best first, each once."""

    captions: list[CaptionModel]
    notes: Notes


class WhyRequest(QueryRequest, PictureRequest):
    """A query, and a picture that answers it; its filter and the share of words have no say.

    Files of a form that the query names are parts of it; the one that it does not name is the picture.
    """


class WordModel(BaseModel):
    """A word of a query, and what it did for the picture; see :class:`zhclip.search.Word`."""

    text: str
    start: int = Field(description="Where it begins in its text, in Unicode code points.")
    stop: int = Field(description="Where it ends.")
    contribution: float = Field(description="By how much the score is higher with the word than without it.")
    part: int = Field(description="Whose word it is: the parts of the query from 0, then what is excluded.")


class ExplanationModel(BaseModel):
    """Why a picture answers a query; see :class:`zhclip.search.Explanation`."""

    score: float = Field(description="Cosine, less what exclusions take away; -1 where it is excluded altogether.")
    words: list[WordModel] = Field(description="In their order.")
    heat: list[list[float]] | None = Field(
        description="Rows over the whole picture: 0 where it fits the query least, 1 where it fits best; "
        "null where the model gives no features of places."
    )

    @classmethod
    def of(cls, explanation: Explanation, **others: Any) -> Self:
        """The JSON form of an explanation.

        Args:
            explanation: The explanation.
            **others: What a form that holds more has besides.
        """
        heat = explanation.heat
        return cls(
            score=explanation.score,
            words=[WordModel(**asdict(word)) for word in explanation.words],
            heat=None if heat is None else heat.astype(float).round(3).tolist(),
            **others,
        )

    def to_explanation(self, query: Query) -> Explanation:
        """The explanation.

        Args:
            query: What was explained, as it was searched for.
        """
        words = tuple(Word(**word.model_dump()) for word in self.words)
        heat = None if self.heat is None else np.array(self.heat, dtype=np.float32)
        return Explanation(query, words, heat, self.score)


class WhyResponse(ExplanationModel):
    """Why a picture answers a query, and what the query was taken for."""

    understood: Understood
    notes: Notes
