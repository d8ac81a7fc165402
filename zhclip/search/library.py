"""A library that answers queries, and the one that is used when none is named."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import QueryError, UnknownTextWarning, ZhclipWarning
from zhclip.file_names import is_there
from zhclip.library import Catalogue, Match, Where
from zhclip.library.access import following
from zhclip.models.text import notes_on
from zhclip.search.describing import NEAREST, Caption, rank_captions, to_picture
from zhclip.search.explanation import Explanation, explain
from zhclip.search.mixing import EVERYDAY, SAMPLE, Balance, Ingredient, Mix
from zhclip.search.query import Content, Hit, Query, Results, to_query
from zhclip.search.words import DEPTH, fuse, without_excluded, words_of

if TYPE_CHECKING:
    from PIL import Image

    from zhclip.library.picture import Picture
    from zhclip.models import Encoder
    from zhclip.models.calibration import Calibration
    from zhclip.models.encoder import Vectors

MOST_HITS = 1000

_COUNT_SECONDS = 60.0

_Judges: TypeAlias = "tuple[Mix, Calibration | None]"
"""What ranks a query's hits, and what tells their relevance."""

_Candidate: TypeAlias = tuple[str, Path | None]
"""A caption to choose from, and the picture that it is of."""


class _Answer(NamedTuple):
    """A picture that answers a query."""

    picture: Picture
    score: float
    relevance: float | None


def default_location() -> str:
    """Where the default library is: ``$ZHCLIP_LIBRARY``, else ``zhclip/photos.db`` in the user's data folder."""
    named = os.environ.get("ZHCLIP_LIBRARY")
    if named:
        return named
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return str(data / "zhclip" / "photos.db")


class Library(Catalogue):
    """A photo library: add folders to it, search it.

    >>> with Library("photos.db") as library:
    ...     library.add("~/Pictures")
    ...     hits = library.search("夕阳 大海 沙滩", top_k=10)

    Args:
        location: As for :class:`zhclip.library.Catalogue`; :func:`default_location` by default.
        model: The model's name or an encoder; the one that the library was made with by default.
        token: ``user:password`` or an API key, for a Milvus server that asks for one.
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | None = None,
        *,
        model: str | os.PathLike[str] | Encoder | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(default_location() if location is None else location, model=model, token=token)
        self._balanced: tuple[str, Balance] | None = None
        self._everyday: tuple[Encoder, Vectors] | None = None
        self._counted: tuple[str, float, int] | None = None

    def search(
        self,
        query: Content | Query,
        *,
        top_k: int = 10,
        offset: int = 0,
        where: Where | None = None,
        warn: bool = True,
    ) -> Results:
        """Find pictures.

        A single text or picture ranks by its cosine. Of several parts, texts and pictures are
        brought to one scale and summed by their weights; see :mod:`zhclip.search.mixing`.

        Args:
            query: A text; a picture as a ``Path``, the bytes of a file or a PIL image; or a
                :class:`Query`. A string is always a text.
            top_k: The most hits, 1 to 1000.
            offset: Leave out this many of the best, for the next page of results.
            where: What the pictures must be like, for example ``Where(folder="~/Pictures/2024")``;
                short for that of a :class:`Query`.
            warn: Give what is in the notes as warnings, too. Programs of several threads read the notes
                instead: Python's warnings do not say whose search they are of.

        Returns:
            A list of hits, best first; files of the same content are one hit. None where nothing fits. It has
            ``understood``, the query as it was searched for, and ``notes``, what there is to say of the search.

        Raises:
            QueryError: The query is empty, a number is out of range, or there are two filters.
            PictureError: The query's picture cannot be read.
            LibraryNotFoundError: There is no library yet.
            ModelMismatchError: The library was made with another model.

        Warns:
            TextCutWarning: The text is longer than the model reads.
        """
        _check_range(top_k, offset)
        query = to_query(query)
        if where is not None and query.where is not None:
            raise QueryError("the query has a filter of its own; give where in one place")
        where = where or query.where
        self.require()
        query = query.interpreted()
        hits = self._search(query, where, top_k, offset)
        notes = self._notes(query)
        if warn:
            _warn(notes)
        return Results(hits, understood=query, notes=notes)

    @following
    def similar(self, identity: str, *, top_k: int = 10, offset: int = 0, where: Where | None = None) -> list[Hit]:
        """Find pictures like one of the library, which is not among them.

        Args:
            identity: Its id, as in ``hit.metadata["id"]``.
            top_k: The most hits, 1 to 1000.
            offset: Leave out this many of the best.
            where: What the pictures must be like.

        Returns:
            Hits, best first, with the cosine of the two pictures as score.

        Raises:
            QueryError: The library holds no such picture, or a number is out of range.
            LibraryNotFoundError: There is no library yet.
        """
        _check_range(top_k, offset)
        found = self.vector_of(identity)
        if found is None:
            raise QueryError("the library holds no picture of the id {id!r}; search again", id=identity)
        picture, vector = found
        matches = self.nearest(vector, limit=offset + top_k + 1, where=where)
        others = [match for match in matches if match.picture.content != picture.content]
        return [_to_hit(match, rank) for rank, match in enumerate(others[offset : offset + top_k], offset + 1)]

    def explain(self, query: Content | Query, picture: Content, *, warn: bool = True) -> Explanation:
        """Say why a picture answers a query as well as it does.

        Args:
            query: As for :meth:`search`.
            picture: The id of one of the library's pictures, as in ``hit.metadata["id"]``; or any
                picture as a ``Path``, the bytes of a file or a PIL image. For a query of one text
                there need be no library.
            warn: Give what is in the notes as warnings, too; see :meth:`search`.

        Returns:
            What each word of the query did for the picture's score, and where in the picture the query is.

        Raises:
            QueryError: The query is empty, or the library holds no picture of that id.
            PictureError: The picture cannot be read.

        Warns:
            TextCutWarning: The text is longer than the model reads.
            ZhclipWarning: The model gives no features of places, and there is no map.
        """
        query = to_query(query).interpreted()
        if isinstance(picture, str):
            known = self.get_by_id(picture)
            if known is None:
                raise QueryError("the library holds no picture of the id {id!r}; search again", id=picture)
            picture = known.path
        explanation = explain(self.encoder, query, self._ingredients(query), picture)
        said = [*self._notes(query), *explanation.notes]
        if warn:
            _warn(said)
        return replace(explanation, notes=tuple(said))

    def describe(self, picture: Content, *, captions: Sequence[str] | None = None, top_k: int = 5) -> list[Caption]:
        """Find captions that describe a picture.

        Args:
            picture: A ``Path``, the bytes of a file or a PIL image, which need not be in the library.
            captions: What to choose from; the captions of the library's pictures by default, of which
                those of the hundred most like this one are compared with it.
            top_k: The most captions.

        Returns:
            Captions, best first, each once.

        Raises:
            QueryError: It is no picture, or there is no caption to choose from.
            PictureError: The picture cannot be read.
            LibraryNotFoundError: There is no library, and no captions are given.
        """
        source = to_picture(picture)
        if top_k < 1:
            raise QueryError("top_k must be 1 or more, not {top_k}", top_k=top_k)
        if captions is None:
            vector, choice = self._captions_for(source)
        else:
            vector, choice = self.encoder.encode_image(source)[0], [(caption, None) for caption in captions]
        if not choice:
            raise QueryError(
                "there is no caption to choose from: no picture of the library has one. Put captions beside "
                "the pictures (photo.txt for photo.jpg) and index again, or give a list of them"
            )
        return rank_captions(self.encoder, vector, choice)[:top_k]

    @following
    def _captions_for(self, picture: Path | bytes | Image.Image) -> tuple[NDArray[np.float32], list[_Candidate]]:
        """The vector of a picture, and the captions of the library's pictures that are like it."""
        self.require()
        vector = self.encoder.encode_image(picture)[0]
        return vector, [*self.captions_near(vector, limit=NEAREST)]

    def _notes(self, query: Query) -> list[ZhclipWarning]:
        """What there is to say of a query's texts."""
        texts = [part.text for part in (*query.parts, *query.exclude) if part.text is not None]
        return notes_on(self.encoder.text, texts) if texts else []

    @following
    def _search(self, query: Query, where: Where | None, top_k: int, offset: int) -> list[Hit]:
        find = self._rank_with_words if query.words else self._rank
        ranked = find(query, self._judges(query), where, offset + top_k)[offset:]
        matches = self.matches([(answer.picture, answer.score) for answer in ranked])
        return [
            _to_hit(match, rank, answer.relevance)
            for rank, (match, answer) in enumerate(zip(matches, ranked, strict=True), offset + 1)
        ]

    def _rank(self, query: Query, judges: _Judges, where: Where | None, wanted: int) -> list[_Answer]:
        """The best answers: of all pictures, or of the nearest 16,384 where that does not decide it."""
        mix, relevance = judges
        least = relevance.threshold if query.min_relevance is None and relevance else query.min_relevance or 0.0
        known: dict[str, NDArray[np.float32]] = {}
        rows = wanted + 8 if not len(mix.vectors) else 4 * wanted + 64
        while True:
            found, more = self.candidates(mix.direction, rows=rows, where=where)
            answers = self._answers(mix, found, known, relevance)
            if relevance:
                answers = [answer for answer in answers if (answer.relevance or 0.0) >= least]
            if not more:
                return answers[:wanted]
            if found:  # whatever was not looked at is below this
                bound = mix.bound(found[-1][1])
                if relevance and float(relevance.relevance(bound)) < least:
                    return answers[:wanted]
                if len(answers) >= wanted and answers[wanted - 1].score > bound:
                    return answers[:wanted]
            rows *= 16  # fetching again costs more than fetching too many

    def _rank_with_words(self, query: Query, judges: _Judges, where: Where | None, wanted: int) -> list[_Answer]:
        """The best answers by looks and by words together; what words find needs no relevance by its looks."""
        depth = max(wanted, DEPTH)
        text = words_of(query)
        found, _ = self.candidates_by_words(text, rows=depth, where=where) if text else ([], False)
        named = without_excluded([picture for picture, _ in found], query)
        looks = self._rank(query, judges, where, depth) if query.words < 1 else []
        answers = {answer.picture.content: answer for answer in looks}
        mix, relevance = judges
        cosines = self.cosines(mix.direction[None], [picture.id for picture in named])[:, 0]
        said = [(picture, float(cosine)) for picture, cosine in zip(named, cosines, strict=True)]
        for answer in self._answers(mix, said, {}, relevance):
            if relevance is None or (answer.relevance or 0.0) >= (query.min_relevance or 0.0):
                answers.setdefault(answer.picture.content, answer)
        by_looks = [answer.picture.content for answer in looks]
        by_words = [picture.content for picture in named if picture.content in answers]
        return [answers[content] for content in fuse(by_looks, by_words, query.words)][:wanted]

    def _answers(
        self,
        mix: Mix,
        found: list[tuple[Picture, float]],
        known: dict[str, NDArray[np.float32]],
        relevance: Calibration | None,
    ) -> list[_Answer]:
        """Candidates as they answer the query, best first, without those that are excluded altogether."""
        new = [picture.id for picture, _ in found if picture.id not in known] if len(mix.vectors) else []
        known.update(zip(new, self.cosines(mix.vectors, new), strict=True) if new else ())
        others = np.array([known.get(picture.id, ()) for picture, _ in found]).reshape(len(found), len(mix.vectors))
        fits, scores = mix.score(np.array([cosine for _, cosine in found]), others)
        likely = relevance.relevance(fits) if relevance else None
        answers = [
            _Answer(picture, float(scores[row]), None if likely is None else float(likely[row]))
            for row, (picture, _) in enumerate(found)
            if np.isfinite(scores[row])
        ]
        return sorted(answers, key=lambda answer: (-answer.score, answer.picture.path))

    def _judges(self, query: Query) -> _Judges:
        ingredients, asked = self._ingredients(query), len(query.parts)
        mix = Mix(ingredients[:asked], ingredients[asked:], every=query.every)
        return mix, self._relevance(query, [part.vector for part in ingredients[:asked]])

    def _ingredients(self, query: Query) -> list[Ingredient]:
        """The parts of a query as vectors, then what it excludes."""
        parts = (*query.parts, *query.exclude)
        # All texts, or all pictures, are on one scale as they are; what is excluded is compared with what is usual.
        mixed = bool(query.exclude) or len({part.text is None for part in parts}) > 1
        balance = self._balance() if mixed else Balance()
        texts = [part.text for part in parts if part.text is not None]
        pictures = [part.content for part in parts if not isinstance(part.content, str)]
        vectors_of_texts = iter(self.encoder.encode_text(texts, warn=False) if texts else ())
        vectors_of_pictures = iter(self.encoder.encode_image(pictures) if pictures else ())
        return [
            Ingredient(next(vectors_of_pictures), part.weight, balance.picture, is_picture=True)
            if part.text is None
            else Ingredient(next(vectors_of_texts), part.weight, balance.text)
            for part in parts
        ]

    def _balance(self) -> Balance:
        """What is usual in the library, measured again after it was written to."""
        _, record = self.opened()
        if self._balanced is None or self._balanced[0] != record.revision:
            if self._everyday is None or self._everyday[0] is not self.encoder:
                self._everyday = (self.encoder, self.encoder.encode_text(EVERYDAY))
            self._balanced = (record.revision, Balance.measure(self._everyday[1], self.sample(SAMPLE)))
        return self._balanced[1]

    def _relevance(self, query: Query, vectors: list[NDArray[np.float32]]) -> Calibration | None:
        """How to tell the relevance of the query's hits; None where a calibration says nothing of them."""
        calibration = self.encoder.calibration
        texts = [part.text for part in query.parts if part.text is not None]
        if calibration is None or len(texts) < len(query.parts) or (len(texts) > 1 and not query.every):
            return None
        pictures = self._size()
        curves = [
            calibration.for_query(vector, known, pictures)
            for vector, known in zip(vectors, self.encoder.text(texts).known, strict=True)
        ]
        return replace(curves[0], offset=sum(curve.offset for curve in curves) / len(curves))

    def _size(self) -> int:
        """How many pictures there are, or were a minute ago: to count them takes longer than to search."""
        revision, now = self.opened()[1].revision, time.monotonic()
        if self._counted is None or self._counted[0] != revision or now - self._counted[1] > _COUNT_SECONDS:
            self._counted = revision, now, len(self)
        return self._counted[2]


def search(query: Content | Query, *, top_k: int = 10, library: str | os.PathLike[str] | None = None) -> Results:
    """Search a library that is opened for this one query.

    For more than one query, open a :class:`Library` and keep it: the model is then loaded once.

    Args:
        query: As for :meth:`Library.search`.
        top_k: The most hits.
        library: Where the library is; :func:`default_location` by default.

    Returns:
        Hits, best first; see :meth:`Library.search`.
    """
    with Library(library) as opened:
        return opened.search(query, top_k=top_k)


def _warn(notes: Iterable[ZhclipWarning]) -> None:
    for note in notes:
        if not isinstance(note, UnknownTextWarning):  # what has no confident hit says so by itself
            warnings.warn(note, stacklevel=3)


def _check_range(top_k: int, offset: int) -> None:
    if not 1 <= top_k <= MOST_HITS or not 0 <= offset <= 10 * MOST_HITS:
        raise QueryError(
            "top_k must be 1 to {most} and offset 0 to {furthest}, not {top_k} and {offset}",
            most=MOST_HITS,
            furthest=10 * MOST_HITS,
            top_k=top_k,
            offset=offset,
        )


def _to_hit(match: Match, rank: int, relevance: float | None = None) -> Hit:
    picture = match.picture
    return Hit(
        path=picture.path,
        score=match.cosine,
        rank=rank,
        relevance=relevance,
        caption=picture.caption,
        metadata={
            "id": picture.id,
            "paths": list(match.paths),
            "gone": not is_there(picture.path),
            "format": picture.format,
            "width": picture.width,
            "height": picture.height,
            "bytes": picture.bytes,
            "taken": picture.taken,
            "camera": picture.camera,
            "latitude": picture.latitude,
            "longitude": picture.longitude,
            "tags": list(picture.tags),
        },
    )
