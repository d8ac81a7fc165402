"""From strings and pictures to unit vectors: the face that every backend shares."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import ModelError, QueryError
from zhclip.models.calibration import Calibration
from zhclip.models.image import ImagePreparation, ImageSource
from zhclip.models.text import TextPreparation

Vectors = NDArray[np.float32]
"""float32 array ``[n, dim]`` of unit length rows."""

TextTower: TypeAlias = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]
"""Features ``[n, dim]`` of token ids and attention mask, both ``[n, length]``."""
TextBatches: TypeAlias = Callable[[TextTower, NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]
"""What a text tower gives for token ids and attention mask, run with those of other threads."""


class Encoder(ABC):
    """A model that puts texts and pictures into one space.

    Get one with :func:`zhclip.load_model`. An encoder may be used from several threads.

    Args:
        name: What the model was asked for as.
        dim: Length of the vectors.
        fingerprint: Hex digest of the weights and the preparation: two encoders with the
            same fingerprint give the same vectors.
        text: How texts are prepared.
        image: How pictures are prepared.
        logit_scale: What cosines are multiplied by before a softmax (exp of the learned parameter).
    """

    def __init__(
        self,
        *,
        name: str,
        dim: int,
        fingerprint: str,
        text: TextPreparation,
        image: ImagePreparation,
        logit_scale: float,
    ) -> None:
        self.name = name
        self.dim = dim
        self.fingerprint = fingerprint
        self.text = text
        self.image = image
        self.logit_scale = logit_scale
        self.calibration: Calibration | None = None
        """From cosines to relevance; None where the model has none."""
        self.text_batches: TextBatches | None = None
        """Runs the text tower for several threads at once, where a service has set it; None calls it directly."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, dim={self.dim}, fingerprint={self.fingerprint[:8]!r})"

    def encode_text(self, texts: str | Sequence[str], *, batch_size: int = 128, warn: bool = True) -> Vectors:
        """Embed texts.

        Args:
            texts: One text or several, in Chinese, English or both.
            batch_size: How many are computed at once.
            warn: Warn of texts that are longer than the model reads.

        Returns:
            float32 array ``[n, dim]``, unit length (``[1, dim]`` for a single string).

        Raises:
            QueryError: A text is empty.

        Warns:
            TextCutWarning: A text was longer than the model reads.
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        for row, text in enumerate(texts):
            if not text.strip():
                raise QueryError(
                    "text {row} of {count} is empty; give at least one word", row=row + 1, count=len(texts)
                )
        features = np.empty((len(texts), self.dim), dtype=np.float32)
        # Texts of like length share a batch, so that little is computed for padding.
        order = np.argsort([len(text) for text in texts], kind="stable")
        cut: list[int] = []
        for start in range(0, len(texts), batch_size):
            rows = order[start : start + batch_size]
            tokens = self.text([texts[row] for row in rows])
            cut.extend(int(rows[position]) for position in tokens.cut)
            run = self.text_batches or _run_alone
            features[rows] = run(self._text_features, tokens.input_ids, tokens.attention_mask)
        if warn:
            self.text.warn_of_cuts(texts, sorted(cut))
        return _unit_length(features)

    def encode_image(self, images: ImageSource | Sequence[ImageSource], *, batch_size: int = 32) -> Vectors:
        """Embed pictures.

        Args:
            images: One picture or several: paths, bytes of files, or PIL images.
            batch_size: How many are computed at once.

        Returns:
            float32 array ``[n, dim]``, unit length (``[1, dim]`` for a single picture).

        Raises:
            PictureError: A picture cannot be read; the message names it.
        """
        sources = _as_list(images)
        features = np.empty((len(sources), self.dim), dtype=np.float32)
        for start in range(0, len(sources), batch_size):
            features[start : start + batch_size] = self.encode_pixels(self._pixels(sources[start : start + batch_size]))
        return features

    def encode_positions(
        self, images: ImageSource | Sequence[ImageSource], *, batch_size: int = 32
    ) -> NDArray[np.float32]:
        """Embed the places of pictures, for maps of where something is.

        Args:
            images: One picture or several: paths, bytes of files, or PIL images.
            batch_size: How many are computed at once.

        Returns:
            float32 array ``[n, rows, columns, dim]`` of unit length vectors: of the patches or of the
            last feature map, row by row over the square that :meth:`ImagePreparation.fit` makes.

        Raises:
            PictureError: A picture cannot be read; the message names it.
            ModelError: The model gives one vector a picture alone.
        """
        sources = _as_list(images)
        batches = [sources[start : start + batch_size] for start in range(0, len(sources), batch_size)]
        return _unit_length(np.concatenate([self._position_features(self._pixels(batch)) for batch in batches]))

    def encode_pixels(self, pixels: NDArray[np.float32]) -> Vectors:
        """Embed prepared pictures.

        Args:
            pixels: float32 array ``[n, 3, size, size]``, as ``self.image`` makes them.

        Returns:
            float32 array ``[n, dim]``, unit length.
        """
        return _unit_length(self._image_features(pixels))

    def _pixels(self, sources: Sequence[ImageSource]) -> NDArray[np.float32]:
        if len(sources) == 1:
            return self.image(sources[0])[None]
        # Decoding frees the interpreter: every core decodes.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.stack(list(pool.map(self.image, sources)))

    @abstractmethod
    def _text_features(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """Features ``[n, dim]`` of any length, of token ids ``[n, length]``."""

    @abstractmethod
    def _image_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features ``[n, dim]`` of any length, of pixels ``[n, 3, size, size]``."""

    def _position_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features ``[n, rows, columns, dim]`` of any length, of pixels ``[n, 3, size, size]``."""
        raise ModelError("{model} gives no features of the places in a picture", model=self.name)


def _as_list(images: ImageSource | Sequence[ImageSource]) -> list[ImageSource]:
    return [images] if not isinstance(images, Sequence) or isinstance(images, str | bytes) else list(images)


def _run_alone(
    tower: TextTower, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]
) -> NDArray[np.float32]:
    return tower(input_ids, attention_mask)


def _unit_length(features: NDArray[np.float32]) -> Vectors:
    length = np.linalg.norm(features, axis=-1, keepdims=True)
    return np.asarray(features / np.maximum(length, 1e-12), dtype=np.float32)
