"""Why a picture answers a query: the words that carried it, and the places in the picture."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from zhclip.errors import ModelError, ZhclipWarning
from zhclip.models import Encoder, ImageSource, normalize, open_image
from zhclip.models.encoder import Vectors
from zhclip.models.segmentation import cut_words
from zhclip.search.mixing import EVERYDAY, Ingredient, Mix
from zhclip.search.query import Query

_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff"
_RUNS = re.compile(rf"[{_CHINESE}]+|[^\W{_CHINESE}]+(?:['’\-.][^\W{_CHINESE}]+)*")

_LEAST = -1.0  # what stands for the score of a picture that is excluded altogether
_SHARES = (1.0, 2 / 3)  # sides of the windows, as shares of the picture's short side
_MOST_ALONG = 5  # windows of an extremely long picture are squashed, rather than more
_CELLS = 28  # of the map, along the picture's short side
_FLAT = 1e-3  # cosines that differ by less are alike everywhere


@dataclass(frozen=True)
class Word:
    """A word of a query, and what it did for a picture."""

    text: str
    start: int
    """Where it begins in its text."""
    stop: int
    """Where it ends in its text."""
    contribution: float
    """By how much the picture's score is higher with the word than without it; below 0 it spoke against the picture."""
    part: int = 0
    """Whose word it is: the number of its part in :attr:`Explanation.query`, from 0; exclusions follow the parts."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a picture answers a query as well as it does."""

    query: Query
    """As it was searched for: what its texts negate is excluded."""
    words: tuple[Word, ...]
    """The words of its texts, in their order: those that the model reads."""
    heat: NDArray[np.float32] | None
    """float32 array ``[rows, columns]`` over the whole picture, 0 where it fits the query least, 1 where it fits
    best: places of one picture are compared, not pictures. None where the model gives no features of places."""
    score: float
    """As in the picture's hit: a cosine, less what exclusions take away; -1 where it is excluded altogether."""
    notes: tuple[ZhclipWarning, ...] = ()
    """What there is to say, as that the end of a text was not read, or that there is no map."""

    def overlay(self, image: Image.Image) -> Image.Image:
        """The picture with warm colours where it fits the query.

        Args:
            image: The picture, upright, of any size.

        Returns:
            A new RGB image of that size; the picture itself where there is no map.
        """
        picture = image.convert("RGB")
        if self.heat is None:
            return picture
        heat = Image.fromarray(self.heat).resize(picture.size, Image.Resampling.BICUBIC)
        values = np.clip(np.asarray(heat), 0, 1)
        colours = ImageOps.colorize(_gray(values), black="#20104a", mid="#d8345f", white="#ffe94a")
        return Image.composite(colours, picture, _gray(0.15 + 0.55 * values**2))


def explain(encoder: Encoder, query: Query, ingredients: Sequence[Ingredient], picture: ImageSource) -> Explanation:
    """Explain the score of one picture.

    Args:
        encoder: The model.
        query: As :meth:`Query.interpreted` gives it.
        ingredients: Its parts and then its exclusions, as vectors.
        picture: The picture.

    Raises:
        PictureError: The picture cannot be read.
    """
    image = open_image(picture, shrink_to=2 * encoder.image.size)
    scorer = _Scorer(query, list(ingredients), encoder.encode_image(image)[0])
    notes: tuple[ZhclipWarning, ...] = ()
    try:
        heat = heat_map(encoder, image, scorer.mix(list(ingredients)).direction)
    except ModelError as error:
        notes = (ZhclipWarning("there is no map of the picture: {error}", error=error),)
        heat = None
    return Explanation(query, tuple(_words(encoder, query, scorer)), heat, scorer.score(list(ingredients)), notes)


class _Scorer(NamedTuple):
    """Scores one picture under changed parts of a query."""

    query: Query
    ingredients: list[Ingredient]
    picture: NDArray[np.float32]

    def mix(self, ingredients: list[Ingredient]) -> Mix:
        asked = len(self.query.parts)
        return Mix(ingredients[:asked], ingredients[asked:], every=self.query.every)

    def score(self, ingredients: list[Ingredient]) -> float:
        mix = self.mix(ingredients)
        cosine = np.array([mix.direction @ self.picture], dtype=np.float64)
        return max(float(mix.score(cosine, (mix.vectors @ self.picture)[None]).scores[0]), _LEAST)

    def score_with(self, part: int, vector: NDArray[np.float32]) -> float:
        """The score with another vector for one part."""
        changed = list(self.ingredients)
        changed[part] = replace(changed[part], vector=vector)
        return self.score(changed)


class _Span(NamedTuple):
    """Where a word stands in its text."""

    start: int
    stop: int


def _words(encoder: Encoder, query: Query, scorer: _Scorer) -> Iterator[Word]:
    whole: dict[int, str] = {}  # the texts, as far as the model reads them
    found: list[tuple[int, _Span]] = []
    for number, part in enumerate((*query.parts, *query.exclude)):
        if part.text is not None:
            whole[number], spans = _read(encoder, part.text)
            found.extend((number, span) for span in spans)
    if not found:
        return
    # In one batch: the texts, and the texts without each of their words.
    shortened = [_without(whole[number], span) for number, span in found]
    vectors = iter(_embed(encoder, [*whole.values(), *shortened]))
    scores = {number: scorer.score_with(number, next(vectors)) for number in whole}
    for number, span in found:
        change = scores[number] - scorer.score_with(number, next(vectors))
        yield Word(whole[number][span.start : span.stop], *span, change, number)


def _read(encoder: Encoder, text: str) -> tuple[str, list[_Span]]:
    """A text as far as the model reads it, to a whole word, and its words."""
    spans = list(_spans(text))
    if not encoder.text([text]).cut:
        return text, spans
    spans = spans[: encoder.text.context_length]  # a word has one token or more
    while len(spans) > 1 and encoder.text([text[: spans[-1].stop]]).cut:
        spans.pop()
    return text[: spans[-1].stop] if spans else text, spans


def _spans(text: str) -> Iterator[_Span]:
    for run in _RUNS.finditer(text):
        start = run.start()
        if not re.match(f"[{_CHINESE}]", run[0]):
            yield _Span(*run.span())
            continue
        simplified = normalize(run[0])  # as jieba knows words
        for word in cut_words(simplified if len(simplified) == len(run[0]) else run[0]):
            yield _Span(start, start + len(word))
            start += len(word)


def _without(text: str, span: _Span) -> str:
    return text[: span.start] + text[span.stop :]


def _embed(encoder: Encoder, texts: list[str]) -> Vectors:
    """Texts as vectors; one without words says what any text does."""
    says = [bool(_RUNS.search(text)) for text in texts]
    vectors = np.empty((len(texts), encoder.dim), dtype=np.float32)
    vectors[says] = encoder.encode_text([text for text, words in zip(texts, says, strict=True) if words], warn=False)
    if not all(says):
        usual = encoder.encode_text(EVERYDAY).mean(axis=0)
        vectors[np.logical_not(says)] = usual / np.linalg.norm(usual)
    return vectors


class _Window(NamedTuple):
    """A part of a picture, in pixels."""

    left: float
    top: float
    right: float
    bottom: float


def heat_map(encoder: Encoder, image: Image.Image, direction: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where in a picture a query is: cosines of its places with the query, over overlapping windows.

    Windows show the model the picture in its own proportions and from near, which makes the map
    finer and better than that of the whole picture squeezed into a square. Taking away what any
    text would have there makes it worse (``benchmarks/heat_map.py`` compares them).

    Args:
        encoder: The model.
        image: An RGB picture, upright.
        direction: ``[dim]``, of the query.

    Returns:
        float32 array ``[rows, columns]``, 28 cells along the short side, scaled to 0..1.

    Raises:
        ModelError: The model gives no features of places.
    """
    windows = list(_windows(*image.size))
    size = (encoder.image.size, encoder.image.size)
    crops = [image.resize(size, Image.Resampling.BICUBIC, box=window) for window in windows]
    cosines = encoder.encode_positions(crops) @ direction
    cell = max(min(image.size) / _CELLS, max(image.size) / (_CELLS * _MOST_ALONG))
    columns, rows = (max(1, round(side / cell)) for side in image.size)
    total, weights = np.zeros((2, rows, columns), dtype=np.float32)
    for window, values in zip(windows, cosines, strict=True):
        left, right = (round(edge / image.width * columns) for edge in (window.left, window.right))
        top, bottom = (round(edge / image.height * rows) for edge in (window.top, window.bottom))
        shape = (right - left, bottom - top)
        weight = np.outer(_fading(shape[1]), _fading(shape[0]))  # without edges where windows end
        fits = np.asarray(Image.fromarray(values).resize(shape, Image.Resampling.BILINEAR))
        total[top:bottom, left:right] += weight * fits
        weights[top:bottom, left:right] += weight
    heat = total / weights
    heat -= heat.min()
    return np.asarray(heat / max(float(heat.max()), _FLAT), dtype=np.float32)


def _windows(width: int, height: int) -> Iterator[_Window]:
    short = min(width, height)
    for share in _SHARES:
        across, down = (max(short * share, side / _MOST_ALONG) for side in (width, height))
        for top in _starts(height, down):
            for left in _starts(width, across):
                yield _Window(left, top, left + across, top + down)


def _starts(length: int, window: float) -> list[float]:
    """Where windows begin that overlap by half or more, and cover the length."""
    count = max(1, math.ceil(2 * length / window - 1e-6) - 1)
    return [float(start) for start in np.linspace(0, length - window, count)]


def _fading(length: int) -> NDArray[np.float64]:
    """Weights that are 1 in the middle and near 0 at the ends."""
    return 1.05 - np.abs(np.linspace(-1, 1, length + 2)[1:-1])


def _gray(values: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.asarray(values * 255, dtype=np.uint8))
