"""Vectors of many pictures and texts, with a progress bar, and a list of what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from zhclip.errors import PictureError
from zhclip.messages import translate
from zhclip.models import Encoder, ImageSource
from zhclip.models.encoder import Vectors

BATCH_SIZE = 32


class Picture(Protocol):
    """A picture somewhere, read when needed."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    def read(self) -> ImageSource:
        """What an encoder takes.

        Raises:
            PictureError: There is nothing to read.
        """


class PictureFeatures(NamedTuple):
    """Vectors of pictures, and which could not be read."""

    vectors: Vectors
    """float32 ``[pictures, dim]``; zeros where a picture could not be read."""
    failed: dict[int, str]
    """Reasons by row."""


def picture_features(encoder: Encoder, pictures: Sequence[Picture]) -> PictureFeatures:
    """Embed pictures; those that cannot be read are left out and named.

    Args:
        encoder: Whose vectors are wanted.
        pictures: Where they are.
    """
    vectors = np.zeros((len(pictures), encoder.dim), dtype=np.float32)
    failed: dict[int, str] = {}

    def prepare(row: int) -> NDArray[np.float32] | None:
        try:
            return encoder.image(pictures[row].read())
        except PictureError as error:
            failed[row] = str(error)
            return None

    with (
        ThreadPoolExecutor() as pool,
        tqdm(total=len(pictures), desc=translate("pictures"), delay=2, leave=False) as bar,
    ):
        for start in range(0, len(pictures), BATCH_SIZE):
            batch = range(start, min(start + BATCH_SIZE, len(pictures)))
            prepared = dict(zip(batch, pool.map(prepare, batch), strict=True))
            good = {row: pixels for row, pixels in prepared.items() if pixels is not None}
            if good:
                vectors[list(good)] = encoder.encode_pixels(np.stack(list(good.values())))
            bar.update(len(batch))
    return PictureFeatures(vectors, failed)


def text_features(encoder: Encoder, texts: Sequence[str], *, batch_size: int = 1024) -> Vectors:
    """Embed texts.

    Args:
        encoder: Whose vectors are wanted.
        texts: In any language.
        batch_size: How many go to the encoder at once.

    Returns:
        float32 ``[texts, dim]``, unit length.
    """
    vectors = np.empty((len(texts), encoder.dim), dtype=np.float32)
    with tqdm(total=len(texts), desc=translate("texts"), delay=2, leave=False) as bar:
        for start in range(0, len(texts), batch_size):
            batch = texts[start : start + batch_size]
            vectors[start : start + len(batch)] = encoder.encode_text(batch)
            bar.update(len(batch))
    return vectors
