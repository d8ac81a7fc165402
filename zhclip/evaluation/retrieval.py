"""Retrieval recall: is the right picture among the first k for a text, and the other way round?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import ModelError

RANKS = (1, 5, 10)


@dataclass(frozen=True)
class Recall:
    """Recall in percent at ranks 1, 5 and 10, both ways.

    A text counts when one of its pictures is among the first k pictures; a picture counts
    when any of its texts is among the first k texts (as in Chinese-CLIP's evaluation).
    """

    text_to_image: tuple[float, float, float]
    image_to_text: tuple[float, float, float]

    @property
    def mean(self) -> float:
        """Mean of the six figures: the field's "mean recall"."""
        return (sum(self.text_to_image) + sum(self.image_to_text)) / 6

    def to_dict(self) -> dict[str, float]:
        """The figures by name, rounded to two places."""
        figures = {f"text_to_image_r{k}": value for k, value in zip(RANKS, self.text_to_image, strict=True)}
        figures |= {f"image_to_text_r{k}": value for k, value in zip(RANKS, self.image_to_text, strict=True)}
        return {name: round(value, 2) for name, value in (figures | {"mean": self.mean}).items()}


def recall(
    image_features: NDArray[np.float32],
    text_features: NDArray[np.float32],
    text_images: NDArray[np.int64],
    *,
    chunk: int = 1024,
) -> Recall:
    """Exact recall both ways, holding ``chunk`` rows of similarities at a time.

    Of equal scores the one that comes first in the data ranks first, as in Chinese-CLIP's
    evaluation: a model that gives all the same vector does not find everything.

    Args:
        image_features: float32 ``[pictures, dim]``, unit length.
        text_features: float32 ``[texts, dim]``, unit length.
        text_images: int64 ``[texts]``: the row of each text's picture; or ``[pairs, 2]``: the
            rows of a text and of one of its pictures. What is in no pair is never asked for.
        chunk: How many queries are compared with everything at once.

    Raises:
        ModelError: A feature is not a number.
    """
    pairs = text_images
    if pairs.ndim == 1:
        pairs = np.stack([np.arange(len(pairs)), pairs], axis=1)
    return Recall(
        _at_ranks(_ranks(text_features, image_features, pairs, chunk)),
        _at_ranks(_ranks(image_features, text_features, pairs[:, ::-1], chunk)),
    )


def top_k(
    queries: NDArray[np.float32], gallery: NDArray[np.float32], k: int = 10, *, chunk: int = 1024
) -> NDArray[np.int64]:
    """The rows of the gallery that score highest, best first; of equal scores the first row first.

    Args:
        queries: float32 ``[n, dim]``.
        gallery: float32 ``[m, dim]``.
        k: How many; at most m are given.
        chunk: How many queries are compared at once.

    Returns:
        int64 ``[n, min(k, m)]``.
    """
    k = min(k, len(gallery))
    best = np.empty((len(queries), k), dtype=np.int64)
    for rows, scores in _scores(queries, gallery, chunk):
        least = np.partition(scores, -k, axis=1)[:, -k]
        for row, (values, limit) in enumerate(zip(scores, least, strict=True), start=rows.start):
            candidates = np.flatnonzero(values >= limit)  # more than k where scores are equal
            best[row] = candidates[np.argsort(-values[candidates], kind="stable")[:k]]
    return best


def _ranks(
    queries: NDArray[np.float32], gallery: NDArray[np.float32], pairs: NDArray[np.int64], chunk: int
) -> NDArray[np.int64]:
    """For each query that has a pair, how many rows of the gallery come before the best of its own."""
    for features in (queries, gallery):
        if not np.isfinite(features).all():
            raise ModelError("the model gives vectors that are not numbers; the training that made it has diverged")
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    ranks = np.full(len(queries), -1, dtype=np.int64)
    columns = np.arange(len(gallery))
    for rows, scores in _scores(queries, gallery, chunk):
        own = pairs[slice(*np.searchsorted(pairs[:, 0], (rows.start, rows.stop)))]
        # The right scores are read from the same product, so that rounding cannot part them.
        right = scores[own[:, 0] - rows.start, own[:, 1]]
        best = np.full(len(scores), np.inf, dtype=scores.dtype)
        best[own[:, 0] - rows.start] = -np.inf
        np.maximum.at(best, own[:, 0] - rows.start, right)
        first = np.full(len(scores), len(gallery))
        is_best = right == best[own[:, 0] - rows.start]
        np.minimum.at(first, own[is_best, 0] - rows.start, own[is_best, 1])
        before = (scores > best[:, None]).sum(axis=1)
        tied = np.flatnonzero((scores == best[:, None]).sum(axis=1) > 1)
        before[tied] += ((scores[tied] == best[tied, None]) & (columns < first[tied, None])).sum(axis=1)
        asked = np.isfinite(best)
        ranks[rows][asked] = before[asked]
    return ranks[ranks >= 0]


def _scores(
    queries: NDArray[np.float32], gallery: NDArray[np.float32], chunk: int
) -> Iterator[tuple[Any, NDArray[np.float32]]]:
    for start in range(0, len(queries), chunk):
        rows = slice(start, min(start + chunk, len(queries)))
        yield rows, queries[rows] @ gallery.T


def _at_ranks(ranks: NDArray[np.int64]) -> tuple[float, float, float]:
    first, fifth, tenth = (100.0 * float(np.mean(ranks < k)) if len(ranks) else 0.0 for k in RANKS)
    return first, fifth, tenth
