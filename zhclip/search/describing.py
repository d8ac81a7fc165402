"""From a picture to words: which captions describe it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from zhclip.models import Encoder

NEAREST = 100
"""How many of a library's pictures, the nearest that have captions, lend theirs."""


@dataclass(frozen=True)
class Caption:
    """A caption, and how well it describes a picture."""

    text: str
    score: float
    """Cosine of the caption's and the picture's vectors, -1 to 1."""
    relevance: float | None = None
    """How likely it fits, 0 to 1, where the model is calibrated; None where it is not."""
    path: Path | None = None
    """The library's picture whose caption it is; None where it was given."""


def rank_captions(
    encoder: Encoder, vector: NDArray[np.float32], captions: Sequence[tuple[str, Path | None]]
) -> list[Caption]:
    """Rank captions by how well they describe a picture.

    Args:
        encoder: What embeds the captions.
        vector: The picture's, ``[dim]``, unit length.
        captions: Each with the path of the picture whose it is, if any; of equal ones the first counts.

    Returns:
        The captions, best first.

    Raises:
        QueryError: A caption is empty.
    """
    paths: dict[str, Path | None] = {}
    for text, path in captions:
        paths.setdefault(text, path)
    cosines = encoder.encode_text(list(paths)) @ vector
    calibration = encoder.calibration
    likely = [None] * len(cosines) if calibration is None else calibration.relevance(cosines).tolist()
    ranked = [
        Caption(text, float(cosine), relevance, path)
        for (text, path), cosine, relevance in zip(paths.items(), cosines, likely, strict=True)
    ]
    return sorted(ranked, key=lambda caption: -caption.score)
