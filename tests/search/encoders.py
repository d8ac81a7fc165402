"""An encoder whose vectors spread widely, for tests of how pictures are ranked."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from zhclip.models import Encoder, ImagePreparation, TextPreparation

DIM = 16


class SpreadEncoder(Encoder):
    """Draws a vector for each text, and projects what a picture looks like from afar."""

    def __init__(self) -> None:
        super().__init__(
            name="spread",
            dim=DIM,
            fingerprint="5bread",
            text=TextPreparation(),
            image=ImagePreparation(size=32),
            logit_scale=20.0,
        )
        self.projection = np.random.default_rng(7).standard_normal((3 * 8 * 8, DIM))

    def _text_features(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> NDArray[np.float32]:
        seeds = [zlib.crc32(row[mask == 1].tobytes()) for row, mask in zip(input_ids, attention_mask, strict=True)]
        features = [np.random.default_rng(seed).standard_normal(DIM) + 0.3 for seed in seeds]
        return np.array(features, dtype=np.float32)

    def _image_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        afar = pixels.reshape(len(pixels), 3, 8, 4, 8, 4).mean(axis=(3, 5)).reshape(len(pixels), -1)
        return np.asarray(afar @ self.projection + 4.0, dtype=np.float32)
