"""An encoder that knows colours, for tests that need one that is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zhclip.models import Encoder, ImagePreparation, ImageSource, TextPreparation, open_image
from zhclip.models.encoder import Vectors

NAMES = (("红", "red"), ("绿", "green"), ("蓝", "blue"))


class ColourEncoder(Encoder):
    """Three numbers for red, green and blue, and a fourth for what any picture has."""

    def __init__(self) -> None:
        super().__init__(
            name="colours",
            dim=4,
            fingerprint="0" * 64,
            text=TextPreparation(),
            image=ImagePreparation(size=8),
            logit_scale=20.0,
        )

    def encode_text(self, texts: str | Sequence[str], *, batch_size: int = 128, warn: bool = True) -> Vectors:
        texts = [texts] if isinstance(texts, str) else texts
        rows = [[float(any(name in text for name in names)) for names in NAMES] + [0.5] for text in texts]
        return _unit(np.array(rows, dtype=np.float32))

    def encode_image(self, images: ImageSource | Sequence[ImageSource], *, batch_size: int = 32) -> Vectors:
        sources = images if isinstance(images, list | tuple) else [images]
        return self.encode_pixels(np.stack([self.image(open_image(source)) for source in sources]))

    def encode_pixels(self, pixels: NDArray[np.float32]) -> Vectors:
        means = pixels.mean(axis=(2, 3))
        means = means - means.min(axis=1, keepdims=True)
        return _unit(np.concatenate([means, np.full((len(means), 1), 0.5)], axis=1).astype(np.float32))

    def _text_features(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> NDArray[np.float32]:
        raise NotImplementedError

    def _image_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        raise NotImplementedError


def plain(colour: str) -> Image.Image:
    return Image.new("RGB", (20, 10), colour)


def _unit(rows: NDArray[np.float32]) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
