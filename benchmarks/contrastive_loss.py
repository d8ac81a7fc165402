"""The chunked contrastive loss against the plain formula: memory, time, gradient.

Each runs forward and backward in a process of its own, whose peak memory is read; times
are of alternating rounds in one process. JSON keys: ``batch``, ``dim``, ``memory_ratio``
(chunked / plain, peak beyond the inputs), ``time_ratio`` (chunked / plain), ``gradient_error``
(largest relative difference, norm over norm), ``plain_mb``, ``chunked_mb``, ``plain_s``, ``chunked_s``.
"""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize

from report import arguments, report, side_by_side
from zhclip.training.losses import info_nce

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
DIM = 512


def inputs(batch: int) -> tuple[Tensor, Tensor, Tensor]:
    """Unit features of pairs as alike as halfway through a training (a loss of about 3), and a scale."""
    torch.manual_seed(0)
    shared = torch.randn(batch, DIM)
    image = normalize(shared + 2 * torch.randn(batch, DIM), dim=-1).requires_grad_()
    text = normalize(shared + 2 * torch.randn(batch, DIM), dim=-1).requires_grad_()
    return image, text, torch.tensor(50.0, requires_grad=True)


def plain(image: Tensor, text: Tensor, scale: Tensor) -> Tensor:
    """CLIP's loss as its paper writes it."""
    logits = scale * image @ text.T
    target = torch.arange(len(image))
    return (cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2


def chunked(image: Tensor, text: Tensor, scale: Tensor) -> Tensor:
    """Ours, with every pair its own picture and text."""
    ids = torch.arange(len(image))
    return info_nce(image, text, scale, ids, ids)


def gradients(loss: Loss, batch: int) -> tuple[Tensor, ...]:
    """One forward and backward pass."""
    leaves = inputs(batch)
    return torch.autograd.grad(loss(*leaves), leaves)


def peak_megabytes(loss: Loss, batch: int) -> float:
    """Peak memory of a pass beyond its inputs, in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (loss, batch))


def _measure(loss: Loss, batch: int) -> float:
    gradients(loss, 64)  # loads kernels and thread pools
    leaves = inputs(batch)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    torch.autograd.grad(loss(*leaves), leaves)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> None:
    """Measure and report."""
    quick = arguments(__doc__).quick
    batch = 4096 if quick else 16384
    memory = {name: peak_megabytes(loss, batch) for name, loss in (("plain", plain), ("chunked", chunked))}
    leaves = inputs(batch)
    seconds = side_by_side(
        {
            "plain": lambda: torch.autograd.grad(plain(*leaves), leaves),
            "chunked": lambda: torch.autograd.grad(chunked(*leaves), leaves),
        },
        rounds=3,
    )
    error = max(
        float((ours - theirs).norm() / theirs.norm())
        for ours, theirs in zip(gradients(chunked, batch), gradients(plain, batch), strict=True)
    )
    figures: dict[str, Any] = {
        "batch": batch,
        "dim": DIM,
        "memory_ratio": round(memory["chunked"] / memory["plain"], 4),
        "time_ratio": round(seconds["chunked"] / seconds["plain"], 3),
        "gradient_error": error,
        **{f"{name}_mb": round(value, 1) for name, value in memory.items()},
        **{f"{name}_s": round(value, 3) for name, value in seconds.items()},
    }
    rows = [(name, memory[name], seconds[name]) for name in ("plain", "chunked")]
    report(f"loss of {batch} x {DIM}, forward and backward", ["loss", "peak MB", "seconds"], rows, figures)


if __name__ == "__main__":
    main()
