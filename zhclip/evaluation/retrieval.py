"""Retrieval recall: is the right picture among the first k for a text, and the other way round?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RANKS = (1, 5, 10)


@dataclass(frozen=True)
class Recall:
    """Recall in percent at ranks 1, 5 and 10, both ways.

    A text counts when its picture is among the first k pictures; a picture counts when any
    of its texts is among the first k texts (as in Chinese-CLIP's evaluation).
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

    Args:
        image_features: float32 ``[pictures, dim]``, unit length.
        text_features: float32 ``[texts, dim]``, unit length.
        text_images: int64 ``[texts]``: the row of each text's picture. A picture without a
            text does not count in image-to-text.
        chunk: How many texts are compared with all pictures at once.
    """
    own = np.einsum("nd,nd->n", text_features, image_features[text_images])
    best_own = np.full(len(image_features), -np.inf, dtype=np.float32)
    np.maximum.at(best_own, text_images, own)

    # A rank is the number of wrong ones that score higher than the right one.
    text_ranks = np.empty(len(text_features), dtype=np.int64)
    image_ranks = np.zeros(len(image_features), dtype=np.int64)
    for start in range(0, len(text_features), chunk):
        rows = slice(start, start + chunk)
        scores = text_features[rows] @ image_features.T
        # The right scores are read from the same product, so that rounding cannot part them.
        right = np.take_along_axis(scores, text_images[rows, None], axis=1)
        text_ranks[rows] = (scores > right).sum(axis=1)
        image_ranks += (scores > best_own + 1e-6).sum(axis=0)
    image_ranks = image_ranks[np.isfinite(best_own)]
    return Recall(_at_ranks(text_ranks), _at_ranks(image_ranks))


def _at_ranks(ranks: NDArray[np.int64]) -> tuple[float, float, float]:
    first, fifth, tenth = (100.0 * float(np.mean(ranks < k)) if len(ranks) else 0.0 for k in RANKS)
    return first, fifth, tenth
