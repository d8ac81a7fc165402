from __future__ import annotations

import torch
from torch import Tensor, nn

from zhclip.training.gradient_cache import Features, RandomState, backward
from zhclip.training.losses import info_nce


def towers() -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    return tuple(nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Dropout(0.3), nn.Linear(32, 16)) for _ in range(2))  # type: ignore[return-value]


def loss(image: Tensor, text: Tensor) -> Tensor:
    ids = torch.arange(len(image))
    return info_nce(nn.functional.normalize(image), nn.functional.normalize(text), torch.tensor(10.0), ids, ids)


def test_gradients_equal_one_pass_with_dropout() -> None:
    image_tower, text_tower = towers()
    images, texts = torch.randn(24, 8).split(5), torch.randn(24, 8).split(7)
    parameters = [*image_tower.parameters(), *text_tower.parameters()]

    start = RandomState()
    one_pass = loss(torch.cat([image_tower(part) for part in images]), torch.cat([text_tower(part) for part in texts]))
    expected = torch.autograd.grad(one_pass, parameters)

    start.restore()
    cached = backward([Features(image_tower, images), Features(text_tower, texts)], loss)
    torch.testing.assert_close(cached, one_pass.detach())
    for parameter, gradient in zip(parameters, expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-5, atol=1e-7)


def test_random_state_goes_on_as_after_one_pass() -> None:
    image_tower, text_tower = towers()
    images, texts = torch.randn(6, 8).split(2), torch.randn(6, 8).split(2)
    start = RandomState()
    for tower, parts in ((image_tower, images), (text_tower, texts)):
        for part in parts:
            tower(part)
    expected = torch.rand(3)
    start.restore()
    backward([Features(image_tower, images), Features(text_tower, texts)], loss)
    assert torch.equal(torch.rand(3), expected)


def test_features_of_a_locked_tower_need_no_gradient() -> None:
    _, text_tower = towers()
    backward(
        [Features(lambda part: part, torch.randn(6, 16).split(3)), Features(text_tower, torch.randn(6, 8).split(2))],
        loss,
    )
    assert all(parameter.grad is not None for parameter in text_tower.parameters())
