"""Batches: which pairs each step sees, as a function of the seed and the step alone.

Nothing here has a position to remember, so that a resumed run goes on with exactly the
batches that it would have had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zhclip.errors import DataError
from zhclip.models.text import TextPreparation, normalize
from zhclip.training.pictures import Picture
from zhclip.training.sources import Sample

TEXT_BUCKET = 256
"""Texts that are padded together. Sorted by length first, few tokens are padding."""
PIECE = 4
"""Most tokens of a piece of a text: what people type into a search box."""


class TextBucket(NamedTuple):
    """Some texts of like length, padded to the longest."""

    input_ids: Tensor
    """int64 ``[n, length]``"""
    attention_mask: Tensor
    """int64 ``[n, length]``"""


class TextBuckets(NamedTuple):
    """Texts as the model takes them: sorted by length, a bucket at a time."""

    buckets: list[TextBucket]
    places: Tensor
    """int64 ``[n]``: the row of each text when the buckets lie one after the other."""


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

    def buckets(
        self, rows: NDArray[np.int64], pieces: Pieces | None = None, masking: Masking | None = None
    ) -> TextBuckets:
        """The texts ``rows``, or pieces of them; those of like length are padded together."""
        pieces = pieces or Pieces.whole(self.lengths(rows))
        order = np.argsort(pieces.lengths, kind="stable")
        rows, pieces, masking = rows[order], pieces.rows(order), masking and masking.rows(order)
        buckets = []
        for start in range(0, len(rows), TEXT_BUCKET):
            part = slice(start, start + TEXT_BUCKET)
            piece, begin, end = pieces.rows(part), self.offsets[rows[part], None], self.offsets[rows[part] + 1, None]
            positions = np.arange(piece.lengths.max())
            mask = positions < piece.lengths[:, None]
            # [CLS], the piece, [SEP].
            inner = begin + positions + np.where(positions > 0, piece.first[:, None] - 1, 0)
            places = np.where(positions == piece.lengths[:, None] - 1, end - 1, inner)
            ids = np.where(mask, self.tokens[np.where(mask, places, 0)], 0)
            if masking is not None:
                ids = masking.apply(ids, piece.lengths, part)
            buckets.append(TextBucket(torch.from_numpy(ids.astype(np.int64)), torch.from_numpy(mask.astype(np.int64))))
        return TextBuckets(buckets, torch.from_numpy(np.argsort(order)))


@dataclass(frozen=True)
class Pieces:
    """Runs of tokens of some texts, each between the text's [CLS] and [SEP].

    Args:
        first: int64 ``[texts]``: the first token of the run; 1 follows [CLS].
        lengths: int64 ``[texts]``: tokens of the run, and the two around it.
    """

    first: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def whole(cls, lengths: NDArray[np.int64]) -> Pieces:
        """All of texts of these lengths."""
        return cls(np.ones_like(lengths), lengths)

    @classmethod
    def draw(cls, lengths: NDArray[np.int64], share: float, rng: np.random.Generator) -> Pieces:
        """A run of one to ``PIECE`` tokens of a share of texts of these lengths, the others whole."""
        inner = np.minimum(lengths - 2, rng.integers(1, PIECE + 1, size=len(lengths)))
        first = 1 + (rng.random(len(lengths)) * (lengths - 1 - inner)).astype(np.int64)
        chosen = rng.random(len(lengths)) < share
        return cls(np.where(chosen, first, 1), np.where(chosen, inner + 2, lengths))

    @classmethod
    def where(cls, condition: NDArray[np.bool_], yes: Pieces, no: Pieces) -> Pieces:
        """The pieces of one for the texts where the condition holds, and those of the other elsewhere."""
        return cls(np.where(condition, yes.first, no.first), np.where(condition, yes.lengths, no.lengths))

    def rows(self, rows: slice | NDArray[np.int64]) -> Pieces:
        """The pieces of some of the texts."""
        return Pieces(self.first[rows], self.lengths[rows])


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

    def apply(self, ids: NDArray[np.int32], lengths: NDArray[np.int64], rows: slice) -> NDArray[np.int32]:
        """Replace tokens of some rows, but for [CLS], [SEP] and padding."""
        positions = np.arange(ids.shape[1])
        inner = (positions > 0) & (positions < lengths[:, None] - 1)
        return np.where(inner & self.chosen[rows, : ids.shape[1]], self.mask_id, ids)


class Draw(NamedTuple):
    """The pairs of one step on one process; those of one picture follow each other."""

    pictures: NDArray[np.int64]
    """Positions in ``TrainingPairs.pictures``, int64 ``[n]``; also the identities of the pictures."""
    texts: NDArray[np.int64]
    """Positions in ``TrainingPairs.texts``, int64 ``[n]``."""
    views: NDArray[np.float64]
    """Uniform in 0..1, ``[n]``: which view of the picture, or the seed of its augmentation."""
    pieces: Pieces
    """What is read of each text."""
    masking: Masking | None
    """Which tokens of that are masked."""


class TrainingPairs:
    """Pictures with their captions, and what each step draws from them.

    Args:
        samples: Pictures with captions in at least one of the languages.
        languages: Caption fields and how often each is drawn, relative to the others.
        preparation: How the model wants its texts.
        captions: Captions of a picture in a batch.
        mask_tokens: Share of tokens that are masked.
        pieces: Share of captions of which only a short piece is read.
        seed: Of everything random.

    Raises:
        DataError: Their weights leave no picture in a pass.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        languages: dict[str, float],
        preparation: TextPreparation,
        *,
        captions: int = 1,
        mask_tokens: float = 0.0,
        pieces: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._seed = seed
        self.pictures: list[Picture] = [sample.picture for sample in samples]
        weights, group = np.unique([sample.weight for sample in samples], return_inverse=True)
        self._by_weight = [(float(weight), np.flatnonzero(group == row)) for row, weight in enumerate(weights)]
        self.pass_length = len(self._pass(0))
        """Pictures of one pass over the data."""
        if not self.pass_length:
            raise DataError("the weights of the sources leave no picture in a pass; raise weight under data.train")
        self._counts = np.array(
            [[len(sample.captions.get(language, ())) for language in languages] for sample in samples], dtype=np.int64
        )
        # Captions lie picture by picture, language by language.
        flat = np.cumsum(self._counts.reshape(-1))
        self._starts = (flat - self._counts.reshape(-1)).reshape(self._counts.shape)
        self.captions = [
            text for sample in samples for language in languages for text in sample.captions.get(language, ())
        ]
        self.texts = TokenizedTexts.from_strings(self.captions, preparation)
        shares = np.array(list(languages.values())) * (self._counts > 0)
        self._shares = np.cumsum(shares, axis=1) / shares.sum(axis=1, keepdims=True)
        self._captions = captions
        self._mask_tokens = mask_tokens
        self._pieces = pieces
        self._mask_id = preparation.tokenizer.token_to_id("[MASK]") or 0
        self._context_length = preparation.context_length

    def __len__(self) -> int:
        return len(self.pictures)

    def draw(self, step: int, batch_size: int, *, rank: int = 0, processes: int = 1) -> Draw:
        """The pairs of a step: this process's share of a batch.

        All processes draw the whole batch and keep their part of it, so that the batch does
        not depend on how many they are.

        Args:
            step: From 0.
            batch_size: Pairs of the whole batch; divisible by ``processes`` times ``captions``.
            rank: Which part.
            processes: How many parts.
        """
        count = batch_size // self._captions
        pictures = np.repeat(self._stream(step * count, count), self._captions)
        rng = np.random.default_rng((self._seed, 1, step))
        language = (rng.random(batch_size)[:, None] > self._shares[pictures]).sum(axis=1)
        # Rounding may leave the last share a hair below 1.
        language = np.minimum(language, self._shares.shape[1] - 1)
        position = rng.random(batch_size) * self._counts[pictures, language]
        texts = self._starts[pictures, language] + position.astype(np.int64)
        views = np.repeat(rng.random(count), self._captions)

        share = slice(rank * batch_size // processes, (rank + 1) * batch_size // processes)
        chosen = rng.random((batch_size, self._context_length)) < self._mask_tokens if self._mask_tokens else None
        pieces = Pieces.draw(self.texts.lengths(texts), self._pieces, rng)
        masking = Masking(chosen[share], self._mask_id) if chosen is not None else None
        return Draw(pictures[share], texts[share], views[share], pieces.rows(share), masking)

    def any_text(self, pictures: NDArray[np.int64]) -> NDArray[np.int64]:
        """One text of each picture: what stands in when its picture replaces another."""
        return self._starts[pictures, (self._counts[pictures] > 0).argmax(axis=1)]

    def _stream(self, start: int, count: int) -> NDArray[np.int64]:
        """Positions ``start..start + count`` of an endless series of passes over the pictures."""
        stream = np.arange(start, start + count)
        passes, within = np.divmod(stream, self.pass_length)
        return np.concatenate([self._pass(int(number))[within[passes == number]] for number in np.unique(passes)])

    @lru_cache(maxsize=2)  # noqa: B019 - one instance lives as long as the run
    def _pass(self, number: int) -> NDArray[np.int64]:
        """The pictures of a pass in random order: those of weight 1.5 once, and half of them once more."""
        rng = np.random.default_rng((self._seed, 0, number))
        parts = []
        for weight, rows in self._by_weight:
            whole = int(weight)
            parts += [rows] * whole + [rng.permutation(rows)[: round((weight - whole) * len(rows))]]
        return rng.permutation(np.concatenate(parts))


class ParallelTexts:
    """Pairs of sentences of one meaning in two languages.

    Args:
        pairs: (one language, the other) each.
        preparation: How the model wants its texts.
        seed: Of the draws.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]], preparation: TextPreparation, *, seed: int = 0) -> None:
        self.first = TokenizedTexts.from_strings([first for first, _ in pairs], preparation)
        self.second = TokenizedTexts.from_strings([second for _, second in pairs], preparation)
        self._seed = seed

    def __len__(self) -> int:
        return len(self.first.identities)

    def draw(self, step: int, batch_size: int, *, rank: int = 0, processes: int = 1) -> NDArray[np.int64]:
        """Positions of this process's share of the sentence pairs of a step, int64 ``[n]``."""
        rows = np.random.default_rng((self._seed, 2, step)).integers(len(self), size=batch_size)
        return rows[rank * batch_size // processes : (rank + 1) * batch_size // processes]
