"""The locked part of a tower, which needs to see each picture or text once, and the part behind it.

A locked tower is its own locked part: what it pools is all that training needs. Of a tower
whose last blocks are trained, the blocks before them are the locked part, and training
goes on from what they give.
"""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import torch
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertAttention

from zhclip.errors import ConfigError
from zhclip.models.dual_encoder import DualEncoder
from zhclip.training.pooling import mean_pooling_layer
from zhclip.training.towers import tower_blocks


class LockedPart(nn.Module):
    """From pixels ``[n, 3, size, size]`` to what the trained part takes.

    Args:
        model: Its image tower is locked, wholly or up to one of its blocks.
        whole: Take all of the tower, whatever of it is locked.

    Raises:
        ConfigError: The tower cannot be parted there.
    """

    def __init__(self, model: DualEncoder, *, whole: bool = False) -> None:
        super().__init__()
        tower = model.image_tower
        self.whole = whole or not any(parameter.requires_grad for parameter in tower.parameters())
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


class LockedText(nn.Module):
    """From token ids and attention mask, both ``[n, length]``, to what the trained part takes.

    Args:
        model: Its text tower is locked, wholly or up to one of its layers.

    Raises:
        ConfigError: The tower cannot be parted there.
    """

    def __init__(self, model: DualEncoder) -> None:
        super().__init__()
        tower: Any = model.text_tower
        self.whole = not any(parameter.requires_grad for parameter in tower.parameters())
        blocks = tower_blocks(tower)
        pools = mean_pooling_layer(tower)
        attending = blocks if pools is None else nn.ModuleList([*blocks[:-1], pools.attention])
        self.one_vector = self.whole or not any(parameter.requires_grad for parameter in attending.parameters())
        """Whether a text is one vector to what comes behind: all attention is locked, and one token is pooled."""
        self.tower = tower if self.whole else _half(tower, trained=False)
        self.width = int(tower.config.hidden_size)
        self._pool = model.pooled_text

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """What the first trained layer is given, ``[n, length, width]``, or one vector ``[n, 1, width]``.

        That is the pooled feature of a locked tower, or the first token, where what pools it is trained.
        """
        output = self.tower(input_ids=input_ids, attention_mask=attention_mask)
        if self.whole:
            return self._pool(output)[:, None]
        return output.last_hidden_state[:, :1] if self.one_vector else output.last_hidden_state


class TrainedText(nn.Module):
    """From what :class:`LockedText` gives to features ``[n, dim]``; it shares its weights with the model.

    Args:
        model: The model that the locked part was made of.
        locked: That part.

    Raises:
        ConfigError: Both parts together are not the tower.
    """

    def __init__(self, model: DualEncoder, locked: LockedText) -> None:
        super().__init__()
        self.tower = None if locked.whole else _half(model.text_tower, trained=True)
        self.one_vector = locked.one_vector
        self.projection = model.text_projection
        self._pool = model.pooled_text
        if self.tower is not None:
            self._check(model, locked)

    def forward(self, values: Tensor, attention_mask: Tensor) -> Tensor:
        """Features ``[n, dim]``, not of unit length."""
        values = values.to(self.projection.weight.dtype)
        if self.tower is None:
            return self.projection(values[:, 0])
        mask = attention_mask[:, :1] if self.one_vector else attention_mask
        return self.projection(self._pool(self.tower(inputs_embeds=values, attention_mask=mask)))

    @torch.no_grad()
    def _check(self, model: DualEncoder, locked: LockedText) -> None:
        model.eval()
        device = self.projection.weight.device
        ids = torch.arange(10, device=device).reshape(2, 5)
        mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], device=device)
        expected, found = model.text_features(ids, mask), self(locked(ids, mask), mask)
        if not torch.allclose(expected, found, atol=1e-3, rtol=1e-3):
            raise ConfigError(
                "{tower} cannot be cached up to its first trained layer; set cache.texts to false",
                tower=type(model.text_tower).__name__,
            )


class _PassOn(nn.Module):
    """Stands where a part of a tower was taken out; whoever asks for that part's weights still finds them."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        object.__setattr__(self, "_part", part)  # not a module of this one: it is not saved, trained or moved

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_part"), name)

    def forward(self, hidden: Tensor | None = None, *_: Any, **given: Any) -> Any:
        if isinstance(object.__getattribute__(self, "_part"), BertAttention):
            return hidden, None  # with the weights that it would be asked for
        # Embeddings are called with what they would embed, or with what stands for it.
        return given["inputs_embeds"] if hidden is None else hidden


def hash_weights(part: nn.Module, digest: hashlib.blake2b) -> None:
    """Take the names and values of a module's weights into a digest."""
    for name, value in part.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())


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
        states = {parameter.requires_grad for parameter in module.parameters()}
        if blocks in module.modules() or len(states) > 1:
            found |= {f"{name}.{inner}": part for inner, part in _parts(module, blocks, trained=trained).items()}
        elif states == {trained}:
            found[name] = module
    return found
