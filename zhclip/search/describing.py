"""From a picture to words: which captions describe it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import QueryError
from zhclip.library.picture import picture_id

if TYPE_CHECKING:
    from PIL import Image

    from zhclip.models import Encoder
    from zhclip.search.query import Content

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
    """The library's picture whose caption it is; None where it was given, or the library is on another machine."""
    id: str | None = None
    """The id of that picture, as in ``hit.metadata["id"]``; None where the caption was given."""


def to_picture(picture: Content) -> Path | bytes | Image.Image:
    """A picture that is to be described, which no string is.

    Raises:
        QueryError: It is a string.
    """
    if isinstance(picture, str):
        raise QueryError(
            "a picture is given as a Path, the bytes of a file or a PIL image, not as {value!r}", value=picture
        )
    return picture


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
    vectors = encoder.encode_text(list(paths))
    cosines = vectors @ vector
    likely: list[float | None] = [None] * len(cosines)
    if (calibration := encoder.calibration) is not None:
        known = encoder.text(list(paths)).known
        curves = map(calibration.for_query, vectors, known)
        likely = [float(curve.relevance(cosine)) for curve, cosine in zip(curves, cosines, strict=True)]
    ranked = [
        Caption(text, float(cosine), relevance, path, None if path is None else picture_id(path))
        for (text, path), cosine, relevance in zip(paths.items(), cosines, likely, strict=True)
    ]
    return sorted(ranked, key=lambda caption: -caption.score)
