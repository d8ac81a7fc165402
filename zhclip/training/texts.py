"""The text side of a batch: token ids, or what the locked part of the text tower gave for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.text import TextPreparation, normalize

TEXT_BUCKET = 256
"""Texts that are padded together. Sorted by length first, few tokens are padding."""


class TextBucket(NamedTuple):
    """Some texts of like length, padded to the longest."""

    values: Tensor
    """Token ids int64 ``[n, length]``, or what the locked part gave for them, float16 ``[n, length, width]``."""
    attention_mask: Tensor
    """int64 ``[n, length]``"""


class TextBuckets(NamedTuple):
    """Texts as the model takes them: sorted by length, a bucket at a time."""

    buckets: list[TextBucket]
    places: Tensor
    """int64 ``[n]``: the row of each text when the buckets lie one after the other."""


class Texts(Protocol):
    """Many texts, and how the model takes them."""

    @property
    def identities(self) -> NDArray[np.int64]:
        """Equal for texts that are equal once normalized, int64 ``[texts]``."""

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Tokens of each of the texts ``rows``."""

    def buckets(self, rows: NDArray[np.int64], masking: Masking | None = None) -> TextBuckets:
        """The texts ``rows``; those of like length are padded together."""

    def features(self, model: DualEncoder, texts: TextBuckets) -> Tensor:
        """Features ``[n, dim]`` of texts, on the model's device."""


@dataclass(frozen=True)
class Masking:
    """Random replacement of tokens by [MASK].

    Args:
        chosen: bool ``[texts, context length]``: which positions are replaced.
        mask_id: The id of [MASK].
    """

    chosen: NDArray[np.bool_]
    mask_id: int

    def rows(self, rows: slice | NDArray[np.int64]) -> Masking:
        """The masking of some of the texts."""
        return Masking(self.chosen[rows], self.mask_id)

    def apply(self, ids: NDArray[np.int64], lengths: NDArray[np.int64], rows: slice) -> NDArray[np.int64]:
        """Replace tokens of some rows, but for [CLS], [SEP] and padding."""
        positions = np.arange(ids.shape[1])
        inner = (positions > 0) & (positions < lengths[:, None] - 1)
        return np.where(inner & self.chosen[rows, : ids.shape[1]], self.mask_id, ids)


@dataclass(frozen=True)
class TokenizedTexts:
    """Many texts as token ids, one after the other.

    Args:
        tokens: int32 ``[tokens]``.
        offsets: int64 ``[texts + 1]``: where each begins.
        identities: int64 ``[texts]``: equal for texts that are equal once normalized.
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    identities: NDArray[np.int64]

    @classmethod
    def from_strings(cls, texts: Sequence[str], preparation: TextPreparation, *, batch: int = 8192) -> TokenizedTexts:
        """Tokenize texts, some thousands at a time."""
        parts: list[NDArray[np.int32]] = []
        lengths: list[NDArray[np.int64]] = []
        for start in range(0, len(texts), batch):
            tokens = preparation(texts[start : start + batch])
            mask = tokens.attention_mask.astype(bool)
            parts.append(tokens.input_ids[mask].astype(np.int32))
            lengths.append(mask.sum(1))
        known: dict[str, int] = {}
        identities = [known.setdefault(normalize(text, simplify=preparation.simplify), len(known)) for text in texts]
        return cls(
            tokens=np.concatenate(parts) if parts else np.zeros(0, np.int32),
            offsets=np.concatenate([[0], np.cumsum(np.concatenate(lengths))]) if lengths else np.zeros(1, np.int64),
            identities=np.array(identities, dtype=np.int64),
        )

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Tokens of each of the texts ``rows``."""
        return self.offsets[rows + 1] - self.offsets[rows]

    def buckets(self, rows: NDArray[np.int64], masking: Masking | None = None) -> TextBuckets:
        """The texts ``rows``; those of like length are padded together."""
        order, padded = _padded(self.offsets[rows], self.lengths(rows))
        buckets = []
        for part, places, mask in padded:
            ids = np.where(mask, self.tokens[places], 0).astype(np.int64)
            if masking is not None:
                ids = masking.rows(order).apply(ids, mask.sum(1), part)
            buckets.append(TextBucket(torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64))))
        return TextBuckets(buckets, torch.from_numpy(np.argsort(order)))

    def features(self, model: DualEncoder, texts: TextBuckets) -> Tensor:
        """Run the text tower and its projection."""
        return _features(model.text_features, texts, model.logit_scale.device)


@dataclass(frozen=True)
class CachedTexts:
    """Many texts as what the locked part of the text tower gave for their tokens.

    Args:
        values: float16 ``[tokens, width]``, each text's in a row.
        starts: int64 ``[texts]``: where each begins.
        counts: int64 ``[texts]``: how many values each has.
        identities: int64 ``[texts]``: equal for texts that are equal once normalized.
        trained_part: Takes padded values ``[n, length, width]`` and the attention mask to features ``[n, dim]``.
    """

    values: NDArray[np.float16]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    identities: NDArray[np.int64]
    trained_part: nn.Module

    def lengths(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Tokens of each of the texts ``rows``."""
        return self.counts[rows]

    def buckets(self, rows: NDArray[np.int64], masking: Masking | None = None) -> TextBuckets:
        """The texts ``rows``; those of like length are padded together. They cannot be masked any more."""
        assert masking is None, "the configuration is checked when it is read"
        order, padded = _padded(self.starts[rows], self.lengths(rows))
        buckets = [
            TextBucket(torch.from_numpy(self.values[places]), torch.from_numpy(mask.astype(np.int64)))
            for _, places, mask in padded
        ]
        return TextBuckets(buckets, torch.from_numpy(np.argsort(order)))

    def features(self, model: DualEncoder, texts: TextBuckets) -> Tensor:
        """Run the trained part alone."""
        return _features(self.trained_part, texts, model.logit_scale.device)


def _padded(
    starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[tuple[slice, NDArray[np.int64], NDArray[np.bool_]]]]:
    """The order by length, and a bucket at a time: which of it, where the tokens lie, and which places are tokens."""
    order = np.argsort(lengths, kind="stable")
    starts, lengths = starts[order], lengths[order]
    padded = []
    for first in range(0, len(order), TEXT_BUCKET):
        part = slice(first, first + TEXT_BUCKET)
        positions = np.arange(lengths[part].max())
        mask = positions < lengths[part, None]
        padded.append((part, np.where(mask, starts[part, None] + positions, 0), mask))
    return order, padded


def _features(run: Callable[[Tensor, Tensor], Tensor], texts: TextBuckets, device: torch.device) -> Tensor:
    features = [run(values.to(device), mask.to(device)) for values, mask in texts.buckets]
    return torch.cat(features)[texts.places.to(device)]
