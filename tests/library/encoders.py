"""An encoder that counts what it embeds, and may pass for another model."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from zhclip.models import Encoder


class CountingEncoder(Encoder):
    """Embeds as another encoder does, and counts the pictures."""

    def __init__(self, encoder: Encoder, *, name: str | None = None, fingerprint: str | None = None) -> None:
        super().__init__(
            name=name or encoder.name,
            dim=encoder.dim,
            fingerprint=fingerprint or encoder.fingerprint,
            text=encoder.text,
            image=encoder.image,
            logit_scale=encoder.logit_scale,
        )
        self.encoder = encoder
        self.embedded = 0
        self._counting = threading.Lock()
        self.sign = -1.0 if fingerprint else 1.0

    def _text_features(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.sign * self.encoder._text_features(input_ids, attention_mask)

    def _image_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        with self._counting:
            self.embedded += len(pixels)
        return self.sign * self.encoder._image_features(pixels)

    def _position_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.sign * self.encoder._position_features(pixels)
