"""Contrastive losses: exact, chunked, over the features of all processes.

Those of whole batches never hold the whole matrix of similarities: it is computed a block of rows at a
time, and again in the backward pass. Which pairs are positive is a sparse list beside it.

Every process holds n pictures and n texts of a batch of N. It compares its pictures with
all N texts; what concerns columns is summed over processes. The value returned is the
process's share: the sum over processes is the loss of the whole batch, and so are the
gradients.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn.functional import cross_entropy, softplus
from torch.utils.checkpoint import checkpoint

from zhclip.training.positives import positives

CHUNK = 1024


def info_nce(
    image: Tensor,
    text: Tensor,
    scale: Tensor,
    image_ids: Tensor,
    text_ids: Tensor,
    *,
    column_ids: tuple[Tensor, Tensor] | None = None,
    chunk: int = CHUNK,
) -> Tensor:
    """Symmetric InfoNCE (CLIP's loss) with all positives that a batch holds.

    For each row of similarities, the negative log of the softmax, averaged over the row's
    positive pairs; likewise for each column; the mean of both. Without repeated pictures
    or texts this is CLIP's loss (Radford et al. 2021); with them it is the supervised
    contrastive loss (Khosla et al. 2020, "out").

    Args:
        image: float ``[n, dim]``, unit length: this process's pictures.
        text: float ``[n, dim]``, unit length: this process's texts.
        scale: Scalar that cosines are multiplied by (not its log).
        image_ids: int64 ``[n]``: identities of the pictures.
        text_ids: int64 ``[n]``: identities of the texts.
        column_ids: The same two of the columns, where they are not those of the rows: of
            other texts, when ``image`` holds texts, too.
        chunk: Rows of similarities that are held at a time.

    Returns:
        This process's share of the loss, a scalar.
    """
    texts = gather(text)
    rows, columns = positives(image_ids, text_ids, *map(gather_ids, column_ids or (image_ids, text_ids)))
    row_counts = torch.bincount(rows, minlength=len(image)).to(image)
    column_counts = _sum_over_processes(torch.bincount(columns, minlength=len(texts))).to(image)
    targets = _Targets(rows, columns, 1 / row_counts[rows] + 1 / column_counts[columns])
    return _InfoNCE.apply(image, texts, scale, targets, chunk)


def sigmoid(
    image: Tensor,
    text: Tensor,
    scale: Tensor,
    bias: Tensor,
    image_ids: Tensor,
    text_ids: Tensor,
    *,
    column_ids: tuple[Tensor, Tensor] | None = None,
    chunk: int = CHUNK,
) -> Tensor:
    """SigLIP's pairwise loss (Zhai et al. 2023) with all positives that a batch holds.

    The negative log sigmoid of ``scale * cosine + bias`` for positive pairs, and of its
    negation for the others, summed over all pairs and divided by the batch size.

    Args:
        image: float ``[n, dim]``, unit length: this process's pictures.
        text: float ``[n, dim]``, unit length: this process's texts.
        scale: Scalar that cosines are multiplied by (not its log).
        bias: Scalar that is added to them.
        image_ids: int64 ``[n]``: identities of the pictures.
        text_ids: int64 ``[n]``: identities of the texts.
        column_ids: The same two of the columns, where they are not those of the rows: of
            other texts, when ``image`` holds texts, too.
        chunk: Rows of similarities that are held at a time.

    Returns:
        This process's share of the loss, a scalar.
    """
    texts = gather(text)
    rows, columns = positives(image_ids, text_ids, *map(gather_ids, column_ids or (image_ids, text_ids)))
    # -log sigmoid(x) = softplus(x) - x: the dense part need not know which pairs are positive.
    attraction = (scale * (image[rows] * texts[columns]).sum(-1) + bias).sum()
    return (_Softplus.apply(image, texts, scale, bias, chunk) - attraction) / len(texts)


def distillation(
    image: Tensor,
    text: Tensor,
    scale: Tensor,
    teacher_image: Tensor,
    teacher_text: Tensor,
    teacher_scale: float,
    *,
    chunk: int = CHUNK,
) -> Tensor:
    """Cross-entropy of the softmax over similarities against a teacher's softmax over its own.

    For each row of similarities and for each column, averaged (Hinton et al. 2015, over the
    similarities of a batch in place of classes). A teacher gives credit to the captions of
    other pictures that fit too.

    Args:
        image: float ``[n, dim]``, unit length: this process's pictures.
        text: float ``[n, dim]``, unit length: this process's texts.
        scale: Scalar that cosines are multiplied by (not its log).
        teacher_image: float ``[n, any]``: what the teacher gives for the pictures.
        teacher_text: float ``[n, any]``: what it gives for the texts.
        teacher_scale: What the teacher's inner products are multiplied by.
        chunk: Rows of similarities that are held at a time.

    Returns:
        This process's share of the loss, a scalar.
    """
    images, texts = gather(image), gather(text)
    teacher_images, teacher_texts = gather(teacher_image), gather(teacher_text)

    def divergence(own: Tensor, others: Tensor, teacher_own: Tensor, teacher_others: Tensor) -> Tensor:
        targets = (teacher_scale * teacher_own @ teacher_others.T).softmax(1)
        return -(targets * (scale * own @ others.T).log_softmax(1)).sum()

    total = image.new_zeros(())
    for part in _parts(len(image), chunk):
        # Checkpointed: the blocks of similarities are computed again in the backward pass.
        for block in (
            (image[part], texts, teacher_image[part], teacher_texts),
            (text[part], images, teacher_text[part], teacher_images),
        ):
            total = total + checkpoint(divergence, *block, use_reentrant=False, preserve_rng_state=False)
    return total / (2 * len(texts))


def paired_info_nce(image: Tensor, text: Tensor, scale: Tensor, fits: tuple[Tensor, Tensor]) -> Tensor:
    """Symmetric InfoNCE in which each picture has one target, its own text; other texts that fit it count for nothing.

    Averaging over all that fits, as :func:`info_nce` does, lets a common word that fits many pictures (dog) outweigh
    the one that tells them apart (husky).

    Args:
        image: float ``[n, dim]``, unit length: this process's pictures.
        text: float ``[n, dim]``, unit length: their texts, in the same order.
        scale: Scalar that cosines are multiplied by (not its log).
        fits: Two bool ``[n, N]``: which of all processes' texts fit this process's pictures, and which of all
            pictures fit its texts. They are left out of the sum, except for each one's own.

    Returns:
        This process's share of the loss, a scalar.
    """
    images, texts = gather(image), gather(text)
    own = torch.arange(len(texts), device=texts.device)[_local_columns(len(text))]
    total = image.new_zeros(())
    for rows, others, fitting in ((image, texts, fits[0]), (text, images, fits[1])):
        left_out = fitting.scatter(1, own[:, None], False)
        logits = (scale * rows @ others.T).masked_fill(left_out, -torch.inf)
        total = total + cross_entropy(logits, own, reduction="sum")
    return total / (2 * len(texts))


def gather(local: Tensor) -> Tensor:
    """All processes' rows ``[N, ...]`` in the order of ranks, with gradients to each."""
    return _Gather.apply(local) if _processes() > 1 else local


class _Targets(NamedTuple):
    """The positive pairs, sorted by row, and what each takes from the gradient of its similarity."""

    rows: Tensor
    columns: Tensor
    weights: Tensor

    def among(self, part: slice) -> _Targets:
        """The pairs of some rows, counted from the first of them."""
        bounds = torch.searchsorted(self.rows, torch.tensor([part.start, part.stop], device=self.rows.device))
        here = slice(int(bounds[0]), int(bounds[1]))
        return _Targets(self.rows[here] - part.start, self.columns[here], self.weights[here])


class _InfoNCE(torch.autograd.Function):
    """Symmetric cross-entropy of ``scale * image @ text.T`` against the targets, summed and divided by 2N.

    The rows are this process's; a column's sum runs over the rows of all processes.
    """

    @staticmethod
    def forward(ctx: Any, image: Tensor, text: Tensor, scale: Tensor, targets: _Targets, chunk: int) -> Tensor:
        rows = image.new_empty(len(image))
        columns = image.new_full((len(text),), -torch.inf)
        attraction = torch.zeros_like(scale)
        for part in _parts(len(image), chunk):
            logits = (image[part] * scale) @ text.T
            here = targets.among(part)
            attraction += torch.dot(logits[here.rows, here.columns], here.weights)
            rows[part], block_columns = _block_lse(logits)
            columns = torch.logaddexp(columns, block_columns)
        columns = _logaddexp_over_processes(columns)
        ctx.save_for_backward(image, text, scale, rows, columns)
        ctx.targets, ctx.chunk = targets, chunk
        repulsion = rows.sum() + columns[_local_columns(len(image))].sum()
        return (repulsion - attraction) / (2 * len(text))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        image, text, scale, rows, columns = ctx.saved_tensors
        grad_image, grad_text = torch.empty_like(image), torch.zeros_like(text)
        for part in _parts(len(image), ctx.chunk):
            logits = (image[part] * scale) @ text.T
            # Softmax less target before the products, not after: near the end of a training
            # both are almost 1, and their difference is what counts.
            weights = (logits - columns).exp_()
            weights += logits.sub_(rows[part, None]).exp_()
            here = ctx.targets.among(part)
            weights[here.rows, here.columns] -= here.weights
            grad_image[part] = weights @ text
            grad_text.addmm_(weights.T, image[part])
        # Millions of terms that nearly cancel: summed along dim first, then in double precision.
        grad_scale = (image * grad_image).sum(-1).double().sum().to(scale)
        share = grads[0] / (2 * len(text))
        return grad_image * (scale * share), grad_text * (scale * share), grad_scale * share, None, None


class _Softplus(torch.autograd.Function):
    """Sum of ``softplus(scale * image @ text.T + bias)`` over all pairs."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, text: Tensor, scale: Tensor, bias: Tensor, chunk: int) -> Tensor:
        total = torch.zeros_like(scale)
        for part in _parts(len(image), chunk):
            total += softplus((image[part] * scale) @ text.T + bias).sum()
        ctx.save_for_backward(image, text, scale, bias)
        ctx.chunk = chunk
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        image, text, scale, bias = ctx.saved_tensors
        grad_image, grad_text = torch.empty_like(image), torch.zeros_like(text)
        grad_scale, grad_bias = torch.zeros_like(scale), torch.zeros_like(bias)
        for part in _parts(len(image), ctx.chunk):
            block = image[part] @ text.T
            weights = torch.sigmoid(block * scale + bias).mul_(grads[0])
            grad_image[part] = (weights @ text) * scale
            grad_text.addmm_(weights.T, image[part] * scale)
            grad_scale += torch.dot(weights.flatten(), block.flatten())
            grad_bias += weights.sum()
        return grad_image, grad_text, grad_scale, grad_bias, None


class _Gather(torch.autograd.Function):
    """All-gather whose backward pass sums the gradients of all processes."""

    @staticmethod
    def forward(ctx: Any, local: Tensor) -> Tensor:
        parts = [torch.empty_like(local) for _ in range(_processes())]
        dist.all_gather(parts, local.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        total = _sum_over_processes(grads[0])
        return total[_local_columns(len(total) // _processes())]


def _block_lse(block: Tensor) -> tuple[Tensor, Tensor]:
    """Log-sum-exp of the rows and of the columns of a block."""
    peak = block.max()
    powers = (block - peak).exp_()
    row_sums, column_sums = powers.sum(1), powers.sum(0)
    # One exp serves both, unless a whole row or column lies so far below the peak that it underflows.
    if min(row_sums.min(), column_sums.min()) < 1e-30:
        return torch.logsumexp(block, 1), torch.logsumexp(block, 0)
    return row_sums.log_().add_(peak), column_sums.log_().add_(peak)


def _parts(length: int, chunk: int) -> list[slice]:
    return [slice(start, min(start + chunk, length)) for start in range(0, length, chunk)]


def _processes() -> int:
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def _local_columns(count: int) -> slice:
    rank = dist.get_rank() if _processes() > 1 else 0
    return slice(rank * count, (rank + 1) * count)


def gather_ids(ids: Tensor) -> Tensor:
    """All processes' identities ``[N]`` in the order of ranks."""
    return _Gather.apply(ids) if _processes() > 1 else ids


def _sum_over_processes(values: Tensor) -> Tensor:
    if _processes() == 1:
        return values
    values = values.contiguous().clone()
    dist.all_reduce(values)
    return values


def _logaddexp_over_processes(values: Tensor) -> Tensor:
    if _processes() == 1:
        return values
    peak = values.clone()
    dist.all_reduce(peak, op=dist.ReduceOp.MAX)
    return _sum_over_processes((values - peak).exp()).log() + peak
