"""Batches on their way to the model: drawn, read and tokenized by workers, in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from zhclip.training.data import ParallelTexts, TrainingPairs
from zhclip.training.images import Images
from zhclip.training.prototypes import PrototypeBatch, Prototypes
from zhclip.training.texts import TextBuckets


class MicroBatch(NamedTuple):
    """Pairs that are computed at once; those of one picture follow each other."""

    image: Tensor
    """As :class:`zhclip.training.images.Rows` has them, each picture once."""
    text: TextBuckets
    image_ids: Tensor
    """int64 ``[n]``: equal for the same picture."""
    text_ids: Tensor
    """int64 ``[n]``: equal for the same text."""
    first: TextBuckets | None
    """Parallel sentences in one language; none where there is no loss over them."""
    second: TextBuckets | None
    """The same sentences in the other language."""
    parallel_ids: tuple[Tensor, Tensor]
    """Identities of both."""
    prototypes: PrototypeBatch | None
    """Made features and the names of their classes; none where there is no loss over them."""
    unreadable: tuple[str, ...]


class MicroBatches(Dataset[MicroBatch]):
    """The micro-batches of a run on one process, one after the other.

    Args:
        pairs: What is drawn from.
        images: The pictures.
        batch_size: Pairs a step, over all processes.
        per_step: Micro-batches a step on this process.
        rank: This process.
        processes: How many there are.
        captions: Captions of a picture in a batch.
        parallel: Sentence pairs for the text-text loss, if any.
        parallel_batch_size: Of them a step, over all processes.
        prototypes: Made features for the prototype loss, if any.
        prototype_batch_size: Of them a step, over all processes.
    """

    def __init__(
        self,
        pairs: TrainingPairs,
        images: Images,
        *,
        batch_size: int,
        per_step: int,
        rank: int,
        processes: int,
        captions: int = 1,
        parallel: ParallelTexts | None = None,
        parallel_batch_size: int = 0,
        prototypes: Prototypes | None = None,
        prototype_batch_size: int = 0,
    ) -> None:
        self._pairs = pairs
        self._images = images
        self._batch_size = batch_size
        self._per_step = per_step
        self._rank = rank
        self._processes = processes
        self._captions = captions
        self._parallel = parallel
        self._parallel_batch_size = parallel_batch_size
        self._prototypes = prototypes
        self._prototype_batch_size = prototype_batch_size

    def __getitem__(self, number: int) -> MicroBatch:
        step, part = divmod(number, self._per_step)
        draw = self._pairs.draw(step, self._batch_size, rank=self._rank, processes=self._processes)
        size = len(draw.pictures) // self._per_step
        rows, once = slice(part * size, (part + 1) * size), slice(None, None, self._captions)
        images = self._images.rows(draw.pictures[rows][once], draw.views[rows][once])
        pictures = np.repeat(images.pictures, self._captions)
        as_drawn = pictures == draw.pictures[rows]
        texts = np.where(as_drawn, draw.texts[rows], self._pairs.any_text(pictures))
        masking = draw.masking.rows(rows) if draw.masking else None
        first, second, parallel_ids = self._sentences(step, part)
        return MicroBatch(
            image=images.values,
            text=self._pairs.texts.buckets(texts, masking),
            image_ids=torch.from_numpy(pictures),
            text_ids=torch.from_numpy(self._pairs.texts.identities[texts]),
            first=first,
            second=second,
            parallel_ids=parallel_ids,
            prototypes=self._made(step, part),
            unreadable=images.unreadable,
        )

    def _sentences(self, step: int, part: int) -> tuple[TextBuckets | None, TextBuckets | None, tuple[Tensor, Tensor]]:
        if self._parallel is None:
            return None, None, (torch.empty(0), torch.empty(0))
        drawn = self._parallel.draw(step, self._parallel_batch_size, rank=self._rank, processes=self._processes)
        chosen = drawn[part :: self._per_step]
        first, second = self._parallel.first, self._parallel.second
        ids = torch.from_numpy(first.identities[chosen]), torch.from_numpy(second.identities[chosen])
        return first.buckets(chosen), second.buckets(chosen), ids

    def _made(self, step: int, part: int) -> PrototypeBatch | None:
        if self._prototypes is None:
            return None
        size = self._prototype_batch_size // (self._processes * self._per_step)
        return self._prototypes.draw(step, size, part=self._rank * self._per_step + part)


def steps(batches: MicroBatches, per_step: int, first: int, last: int, *, workers: int) -> Iterator[list[MicroBatch]]:
    """The micro-batches of the steps ``first..last``, made ahead by worker processes.

    Args:
        batches: Where they come from.
        per_step: How many make a step.
        first: The step to begin with.
        last: The step to stop before.
        workers: Processes; 0: made when asked for.
    """
    loader: DataLoader[MicroBatch] = DataLoader(
        batches,
        batch_size=None,
        sampler=range(first * per_step, last * per_step),
        num_workers=workers,
    )
    stream = iter(loader)
    for _ in range(first, last):
        yield list(islice(stream, per_step))
