"""Batches: which pairs each step sees, as a function of the seed and the step alone.

Nothing here has a position to remember, so that a resumed run goes on with exactly the
batches that it would have had.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import ConfigError, DataError
from zhclip.models.text import TextPreparation
from zhclip.training.pictures import Picture
from zhclip.training.pieces import pieces_of
from zhclip.training.sources import Sample
from zhclip.training.texts import Masking, Texts, TokenizedTexts


class Draw(NamedTuple):
    """The pairs of one step on one process; those of one picture follow each other."""

    pictures: NDArray[np.int64]
    """Positions in ``TrainingPairs.pictures``, int64 ``[n]``; also the identities of the pictures."""
    texts: NDArray[np.int64]
    """Positions in ``TrainingPairs.texts``, int64 ``[n]``."""
    views: NDArray[np.float64]
    """Uniform in 0..1, ``[n]``: which view of the picture, or the seed of its augmentation."""
    masking: Masking | None
    """Which tokens are masked."""


class TrainingPairs:
    """Pictures with their captions, and what each step draws from them.

    Args:
        samples: Pictures with captions in at least one of the languages.
        languages: Caption fields and how often each is drawn, relative to the others.
        preparation: How the model wants its texts.
        captions: Captions of a picture in a batch.
        apart: Pictures of a batch, where each is to be of one source; by default sources are mixed.
        mask_tokens: Share of tokens that are masked.
        pieces: Share of captions of which only a piece is read (:mod:`zhclip.training.pieces`).
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
        apart: int | None = None,
        mask_tokens: float = 0.0,
        pieces: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._seed = seed
        self.pictures: list[Picture] = [sample.picture for sample in samples]
        kinds, group = np.unique([(one.source, one.weight) for one in samples], axis=0, return_inverse=True)
        self._by_source = [(float(weight), np.flatnonzero(group == row)) for row, (_, weight) in enumerate(kinds)]
        self._apart = apart
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
        """Every text that a step may draw; the pieces of captions follow the captions."""
        self._cut: NDArray[np.int64] | None = None
        if pieces:
            # Each piece is a text like others, and stands once.
            places = {text: row for row, text in reversed(list(enumerate(self.captions)))}
            cut = pieces_of(self.captions, seed)
            for piece in dict.fromkeys(piece for several in cut for piece in several):
                if piece not in places:
                    places[piece] = len(self.captions)
                    self.captions.append(piece)
            self._cut = np.array([[places[piece] for piece in several] for several in cut], dtype=np.int64)
        self.texts: Texts = TokenizedTexts.from_strings(self.captions, preparation)
        shares = np.array(list(languages.values())) * (self._counts > 0)
        self._shares = np.cumsum(shares, axis=1) / shares.sum(axis=1, keepdims=True)
        self._captions = captions
        self._mask_tokens = mask_tokens
        self._pieces = pieces
        self._mask_id = mask_id(preparation) if mask_tokens else 0
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
        if self._cut is not None:
            piece = self._cut[texts, rng.integers(self._cut.shape[1], size=batch_size)]
            texts = np.where(rng.random(batch_size) < self._pieces, piece, texts)
        masking = Masking(chosen[share], self._mask_id) if chosen is not None else None
        return Draw(pictures[share], texts[share], views[share], masking)

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
        for weight, rows in self._by_source:
            whole = int(weight)
            more = rng.permutation(rows)[: round((weight - whole) * len(rows))]
            parts.append(rng.permutation(np.concatenate([rows] * whole + [more])))
        together = np.concatenate(parts)
        if self._apart is None or len(together) < self._apart:
            return rng.permutation(together)
        blocks = [part[: len(part) // self._apart * self._apart] for part in parts]
        rest = rng.permutation(np.concatenate([part[len(block) :] for part, block in zip(parts, blocks, strict=True)]))
        blocks.append(rest[: len(rest) // self._apart * self._apart])
        return rng.permutation(np.concatenate(blocks).reshape(-1, self._apart)).reshape(-1)


class ParallelTexts:
    """Pairs of sentences of one meaning in two languages.

    Args:
        pairs: (one language, the other) each.
        preparation: How the model wants its texts.
        seed: Of the draws.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]], preparation: TextPreparation, *, seed: int = 0) -> None:
        self.first: Texts = TokenizedTexts.from_strings([first for first, _ in pairs], preparation)
        self.second: Texts = TokenizedTexts.from_strings([second for _, second in pairs], preparation)
        self._seed = seed

    def __len__(self) -> int:
        return len(self.first.identities)

    def draw(self, step: int, batch_size: int, *, rank: int = 0, processes: int = 1) -> NDArray[np.int64]:
        """Positions of this process's share of the sentence pairs of a step, int64 ``[n]``."""
        rows = np.random.default_rng((self._seed, 2, step)).integers(len(self), size=batch_size)
        return rows[rank * batch_size // processes : (rank + 1) * batch_size // processes]


def mask_id(preparation: TextPreparation) -> int:
    """The id of the token that stands for a masked one.

    Raises:
        ConfigError: The vocabulary has none.
    """
    for name in ("[MASK]", "<mask>"):
        found = preparation.tokenizer.token_to_id(name)
        if found is not None:
            return found
    raise ConfigError(
        "data.mask_tokens is set, but the vocabulary {vocabulary} has neither [MASK] nor <mask>; set it to 0",
        vocabulary=preparation.vocabulary,
    )
