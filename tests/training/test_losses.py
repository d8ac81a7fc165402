from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, logsigmoid, normalize

from zhclip.training.losses import distillation, info_nce, paired_info_nce, sigmoid

SIZE, DIM = 37, 16


def batch(*, scale: float = 20.0, groups: int | None = None) -> tuple[Tensor, ...]:
    torch.manual_seed(0)
    image = normalize(torch.randn(SIZE, DIM, dtype=torch.float64), dim=-1).requires_grad_()
    text = normalize(torch.randn(SIZE, DIM, dtype=torch.float64), dim=-1).requires_grad_()
    image_ids = torch.arange(SIZE) if groups is None else torch.randint(groups, (SIZE,))
    text_ids = torch.arange(SIZE) if groups is None else torch.randint(groups, (SIZE,))
    return image, text, torch.tensor(scale, dtype=torch.float64, requires_grad=True), image_ids, text_ids


def plain_info_nce(
    image: Tensor,
    text: Tensor,
    scale: Tensor,
    image_ids: Tensor,
    text_ids: Tensor,
    column_ids: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    logits = scale * image @ text.T
    column_images, column_texts = column_ids or (image_ids, text_ids)
    together = (image_ids[:, None] == column_images) | (text_ids[:, None] == column_texts)
    together = together.double()
    targets = together / together.sum(1, keepdim=True)
    columns = (together / together.sum(0, keepdim=True)).T
    rows_loss = -(targets * logits.log_softmax(1)).sum(1).mean()
    columns_loss = -(columns * logits.T.log_softmax(1)).sum(1).mean()
    return (rows_loss + columns_loss) / 2


def plain_sigmoid(
    image: Tensor, text: Tensor, scale: Tensor, bias: Tensor, image_ids: Tensor, text_ids: Tensor
) -> Tensor:
    together = (image_ids[:, None] == image_ids) | (text_ids[:, None] == text_ids)
    signs = together.double() * 2 - 1
    return -logsigmoid((scale * image @ text.T + bias) * signs).sum() / len(image)


@pytest.mark.parametrize("groups", [None, 1, 9])
@pytest.mark.parametrize("chunk", [1, 8, 1024])
def test_info_nce_equals_the_plain_formula(groups: int | None, chunk: int) -> None:
    inputs = batch(groups=groups)
    expected = plain_info_nce(*inputs)
    expected_grads = torch.autograd.grad(expected, inputs[:3])
    loss = info_nce(*inputs, chunk=chunk)
    grads = torch.autograd.grad(loss, inputs[:3])
    torch.testing.assert_close(loss, expected, rtol=1e-10, atol=0)
    for grad, expected_grad in zip(grads, expected_grads, strict=True):
        torch.testing.assert_close(grad, expected_grad, rtol=1e-9, atol=1e-12)


def test_info_nce_without_repeats_is_clips_loss() -> None:
    image, text, scale, image_ids, text_ids = batch()
    logits = scale * image @ text.T
    target = torch.arange(SIZE)
    expected = (cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2
    torch.testing.assert_close(info_nce(image, text, scale, image_ids, text_ids), expected)


def test_a_word_that_fits_many_does_not_outweigh_the_own_one() -> None:
    image, text, scale, _, _ = batch()
    fits = torch.rand(SIZE, SIZE) < 0.3
    similarities = (scale * image @ text.T).exp()
    kept = similarities * (~fits | torch.eye(SIZE, dtype=torch.bool))
    own = similarities.diagonal()
    expected = -((own / kept.sum(1)).log().mean() + (own / kept.sum(0)).log().mean()) / 2
    loss = paired_info_nce(image, text, scale, (fits, fits.T))
    torch.testing.assert_close(loss, expected, rtol=1e-10, atol=0)
    gradient = torch.autograd.grad(loss, text)[0]
    torch.testing.assert_close(gradient, torch.autograd.grad(expected, text)[0], rtol=1e-9, atol=1e-12)
    nothing_fits = torch.zeros(SIZE, SIZE, dtype=torch.bool)
    clip = info_nce(image, text, scale, torch.arange(SIZE), torch.arange(SIZE))
    torch.testing.assert_close(paired_info_nce(image, text, scale, (nothing_fits, nothing_fits)), clip)


def test_texts_may_be_compared_with_other_texts() -> None:
    *inputs, image_ids, text_ids = batch(groups=9)
    column_ids = (image_ids, text_ids.roll(1))
    expected = plain_info_nce(*inputs, image_ids, text_ids, column_ids)
    expected_grads = torch.autograd.grad(expected, inputs)
    loss = info_nce(*inputs, image_ids, text_ids, column_ids=column_ids, chunk=8)
    torch.testing.assert_close(loss, expected, rtol=1e-10, atol=0)
    for grad, expected_grad in zip(torch.autograd.grad(loss, inputs), expected_grads, strict=True):
        torch.testing.assert_close(grad, expected_grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("groups", [None, 9])
@pytest.mark.parametrize("chunk", [8, 1024])
def test_sigmoid_equals_the_plain_formula(groups: int | None, chunk: int) -> None:
    image, text, scale, image_ids, text_ids = batch(groups=groups)
    bias = torch.tensor(-5.0, dtype=torch.float64, requires_grad=True)
    leaves = (image, text, scale, bias)
    expected = plain_sigmoid(*leaves, image_ids, text_ids)
    expected_grads = torch.autograd.grad(expected, leaves)
    loss = sigmoid(*leaves, image_ids, text_ids, chunk=chunk)
    grads = torch.autograd.grad(loss, leaves)
    torch.testing.assert_close(loss, expected, rtol=1e-10, atol=0)
    for grad, expected_grad in zip(grads, expected_grads, strict=True):
        torch.testing.assert_close(grad, expected_grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("chunk", [1, 8, 1024])
def test_distillation_equals_the_plain_formula(chunk: int) -> None:
    image, text, scale, _, _ = batch()
    teacher_image, teacher_text = torch.randn(2, SIZE, 2 * DIM, dtype=torch.float64)
    logits, targets = scale * image @ text.T, 3 * teacher_image @ teacher_text.T
    expected = (cross_entropy(logits, targets.softmax(1)) + cross_entropy(logits.T, targets.T.softmax(1))) / 2
    expected_grads = torch.autograd.grad(expected, (image, text, scale))
    loss = distillation(image, text, scale, teacher_image, teacher_text, 3.0, chunk=chunk)
    grads = torch.autograd.grad(loss, (image, text, scale))
    torch.testing.assert_close(loss, expected, rtol=1e-10, atol=0)
    for grad, expected_grad in zip(grads, expected_grads, strict=True):
        torch.testing.assert_close(grad, expected_grad, rtol=1e-9, atol=1e-12)


def test_a_row_far_below_the_peak_does_not_underflow() -> None:
    """One picture fits its text wholly, another is opposite to all: 200 apart at the highest scale."""
    image = torch.eye(2)
    image[1, :] = torch.tensor([-1.0, 0.0])
    text = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    ids = torch.arange(2)
    loss = info_nce(image, text, torch.tensor(100.0), ids, ids)
    expected = plain_info_nce(image.double(), text.double(), torch.tensor(100.0).double(), ids, ids)
    assert math.isfinite(loss)
    torch.testing.assert_close(loss.double(), expected, rtol=1e-5, atol=0)
