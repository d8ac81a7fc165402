"""Gradients of a batch that does not fit in memory (GradCache: Gao et al. 2021), exactly.

A contrastive loss needs the features of the whole batch at once, but not the activations
behind them. So: compute all features without activations; compute the loss and its
gradient with respect to the features; then, a micro-batch at a time, compute the features
again, with the same random numbers, and carry the gradient into the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor


class Features(NamedTuple):
    """One feature matrix of a batch, to be computed a micro-batch at a time.

    Args:
        forward: Computes features ``[m, dim]`` of one micro-batch.
        micro_batches: What ``forward`` is called with, in order.
    """

    forward: Callable[[Any], Tensor]
    micro_batches: Sequence[Any]


class RandomState:
    """The state of PyTorch's random number generators, to replay what was drawn since."""

    def __init__(self) -> None:
        self._cpu = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state() if torch.cuda.is_available() else None

    def restore(self) -> None:
        """Set the generators back to this state."""
        torch.set_rng_state(self._cpu)
        if self._cuda is not None:
            torch.cuda.set_rng_state(self._cuda)


def backward(
    features: Sequence[Features],
    loss: Callable[..., Tensor],
    *,
    carry: Callable[[Tensor], None] = Tensor.backward,
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> Tensor:
    """Add the gradient of a loss over whole feature matrices to the weights behind them.

    With dropout the gradient is that of one pass over all micro-batches: the second
    computation draws the same random numbers as the first.

    Args:
        features: The feature matrices, each with its micro-batches.
        loss: Called with the matrices ``[n, dim]`` in order (float32); returns a scalar.
        carry: Called with scalars to run backward from (``accelerator.backward``, which
            scales for float16).
        autocast: Makes the context in which features are computed.

    Returns:
        The loss, detached.
    """
    if all(len(batch.micro_batches) == 1 for batch in features):
        with autocast():
            matrices = [batch.forward(batch.micro_batches[0]) for batch in features]
        value = loss(*(matrix.float() for matrix in matrices))
        carry(value)
        return value.detach()

    states: list[RandomState] = []
    matrices = []
    with torch.no_grad(), autocast():
        for batch in features:
            parts = []
            for micro_batch in batch.micro_batches:
                states.append(RandomState())
                parts.append(batch.forward(micro_batch).float())
            matrices.append(torch.cat(parts))
    after = RandomState()

    leaves = [matrix.requires_grad_() for matrix in matrices]
    value = loss(*leaves)
    carry(value)

    replay = iter(states)
    for batch, leaf in zip(features, leaves, strict=True):
        assert leaf.grad is not None
        start = 0
        for micro_batch in batch.micro_batches:
            next(replay).restore()
            with autocast():
                part = batch.forward(micro_batch)
            if part.requires_grad:
                # The gradient is already scaled: carrying it must not scale it again.
                part.float().backward(leaf.grad[start : start + len(part)])
            start += len(part)
    after.restore()
    return value.detach()
