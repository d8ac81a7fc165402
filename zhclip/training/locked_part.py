"""The locked part of an image tower, which needs to see each picture once, and the part behind it.

A locked tower is its own locked part: what it pools is all that training needs. Of a tower
whose last blocks are trained, the blocks before them are the locked part, and training
goes on from what they give.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from zhclip.errors import ConfigError
from zhclip.models.dual_encoder import DualEncoder
from zhclip.training.towers import tower_blocks


class LockedPart(nn.Module):
    """From pixels ``[n, 3, size, size]`` to what the trained part takes.

    Args:
        model: Its image tower is locked, wholly or up to one of its blocks.

    Raises:
        ConfigError: The tower cannot be parted there.
    """

    def __init__(self, model: DualEncoder) -> None:
        super().__init__()
        tower = model.image_tower
        self.whole = not any(parameter.requires_grad for parameter in tower.parameters())
        self.tower = tower if self.whole else _half(tower, trained=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pooled features ``[n, width]`` of a locked tower, else what its first trained block is given."""
        output = self.tower(pixel_values=pixels)
        return output.pooler_output.flatten(1) if self.whole else output.last_hidden_state


class TrainedPart(nn.Module):
    """From what :class:`LockedPart` gives to features ``[n, dim]``; it shares its weights with the model.

    Args:
        model: The model that the locked part was made of.
        locked: That part.

    Raises:
        ConfigError: Both parts together are not the tower.
    """

    def __init__(self, model: DualEncoder, locked: LockedPart) -> None:
        super().__init__()
        tower = model.image_tower
        self.tower = None if locked.whole else _half(tower, trained=True)
        self.projection = model.image_projection
        if self.tower is not None:
            self._check(model, locked)

    def forward(self, values: Tensor) -> Tensor:
        """Features ``[n, dim]``, not of unit length."""
        values = values.to(self.projection.weight.dtype)
        if self.tower is not None:
            values = self.tower(pixel_values=values).pooler_output.flatten(1)
        return self.projection(values)

    @torch.no_grad()
    def _check(self, model: DualEncoder, locked: LockedPart) -> None:
        model.eval()
        pixels = torch.randn(2, 3, model.image_size, model.image_size, device=self.projection.weight.device)
        expected, found = model.image_features(pixels), self(locked(pixels))
        if expected.shape != found.shape or not torch.allclose(expected, found, atol=1e-3, rtol=1e-3):
            raise ConfigError(
                "{name} cannot be cached up to its first trained block; set cache.views to 0",
                name=type(model.image_tower).__name__,
            )


class _PassOn(nn.Module):
    """Stands where a part of a tower was taken out; whoever asks for that part's weights still finds them."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        object.__setattr__(self, "_part", part)  # not a module of this one: it is not saved, trained or moved

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_part"), name)

    def forward(self, hidden: Tensor, *_: Any, **__: Any) -> Tensor:
        return hidden


def _half(tower: nn.Module, *, trained: bool) -> nn.Module:
    """The tower with its trained (or its locked) modules alone: the same modules in copies of their containers."""
    blocks = tower_blocks(tower)
    kept = {id(module): module for module in _parts(tower, blocks, trained=trained).values()}
    copied = copy.deepcopy(tower, {id(value): value for value in tower.parameters()} | kept)
    for name, part in _parts(tower, blocks, trained=not trained).items():
        copied.set_submodule(name, _PassOn(part))
    return copied


def _parts(tower: nn.Module, blocks: nn.Module, *, trained: bool) -> dict[str, nn.Module]:
    """The blocks, and the largest modules beside them, whose parameters are all trained, or all locked, by name."""
    found: dict[str, nn.Module] = {}
    for name, module in tower.named_children():
        parameters = list(module.parameters())
        if blocks in module.modules():
            found |= {f"{name}.{inner}": part for inner, part in _parts(module, blocks, trained=trained).items()}
        elif parameters and all(parameter.requires_grad is trained for parameter in parameters):
            found[name] = module
    return found
