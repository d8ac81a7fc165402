"""Text towers that begin by pooling the mean of their tokens, in a form that plain ``transformers`` opens.

A ``BertModel`` pools its first token. Sentence models (E5 and its kind) are trained to be pooled
by the mean over tokens, and a tower from scratch learns faster from it. Attention whose queries are
zero is uniform: it brings the mean of all tokens to the first one, where BERT's pooling finds it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertModel, PreTrainedModel
from transformers.models.bert.modeling_bert import BertLayer

from zhclip.errors import ConfigError
from zhclip.training.texts import Texts

DROWNING = 256.0
"""What the mean is multiplied by before the first token is added to it: of that token 1/256 is left."""
POOLED_SCALE = 0.5
"""What the normalized mean is multiplied by before BERT's tanh, which is nearly linear there."""

STANDARDIZED = 2048
"""Texts whose mean and deviation are taken."""


@torch.no_grad()
def begin_as_mean(text_tower: nn.Module) -> None:
    """Set a fresh BERT so that what it pools is, at first, the mean of its tokens.

    With identities for the values, the outputs and the pooling layer, uniform attention (which
    is what random queries and keys give) brings the first token their mean in every layer.

    Args:
        text_tower: A ``BertModel`` with a pooling layer.
    """
    for name, module in text_tower.named_modules():
        if isinstance(module, nn.Linear) and name.endswith(("self.value", "attention.output.dense", "pooler.dense")):
            nn.init.eye_(module.weight)


@torch.no_grad()
def add_mean_pooling(tower: PreTrainedModel) -> BertModel:
    """Put a layer on a BERT that pools the mean of its tokens, and can learn to pool better.

    The layer's attention gives ``LayerNorm(mean + first / 256)`` at the first token, where mean is that of the tower's
    outputs over all tokens that are no padding; its feed-forward part, whose last map is zero, adds nothing at first;
    the pooling layer is ``tanh`` of half of it. Its queries are zero, by which :func:`mean_pooling_layer` knows it.

    Args:
        tower: A ``BertModel``, with a pooling layer or without; its layers go into the new model.

    Returns:
        A ``BertModel`` of one layer more, with a pooling layer.

    Raises:
        ConfigError: It is another kind of tower.
    """
    if not isinstance(tower, BertModel):
        raise ConfigError(
            "model.text.pooling is mean, but the text tower is a {kind}, not a BertModel; leave pooling out",
            kind=type(tower).__name__,
        )
    config = type(tower.config)(**{**tower.config.to_dict(), "num_hidden_layers": len(tower.encoder.layer) + 1})
    pooled = BertModel(config, add_pooling_layer=True)
    pooled.load_state_dict(
        {name: value for name, value in tower.state_dict().items() if not name.startswith("pooler.")}, strict=False
    )
    layer = pooled.encoder.layer[-1]
    attention = layer.attention.self
    for linear in (attention.query, attention.value, layer.attention.output.dense, layer.output.dense):
        nn.init.zeros_(linear.weight)
        nn.init.zeros_(linear.bias)
    nn.init.eye_(attention.value.weight)
    layer.attention.output.dense.weight.fill_diagonal_(DROWNING)
    nn.init.eye_(pooled.pooler.dense.weight)
    pooled.pooler.dense.weight.mul_(POOLED_SCALE)
    nn.init.zeros_(pooled.pooler.dense.bias)
    return pooled


def mean_pooling_layer(tower: nn.Module) -> BertLayer | None:
    """The layer of a tower that :func:`add_mean_pooling` made, as long as its attention was not trained."""
    layer: Any = tower.encoder.layer[-1] if isinstance(tower, BertModel) else None
    return None if layer is None or layer.attention.self.query.weight.any() else layer


@torch.no_grad()
def standardize_pooling(tower: nn.Module, texts: Texts) -> None:
    """Set the layer that :func:`add_mean_pooling` made so that what it pools tells texts apart at once.

    The vectors of sentence models share most of their direction. The norm behind the layer's attention is set to give
    ``(x - mean) / std``, number by number, over some thousand texts of the training data.

    Args:
        tower: The tower, on any device.
        texts: The training texts; some of them are read, the same ones each time.
    """
    count = len(texts.identities)
    rows = np.random.default_rng(0).choice(count, size=min(count, STANDARDIZED), replace=False)
    tower.eval()
    layer: Any = mean_pooling_layer(tower)
    given: list[Tensor] = []
    hook = layer.attention.register_forward_hook(lambda module, inputs, output: given.append(output[0][:, 0].float()))
    for ids, mask in texts.buckets(rows).buckets:
        tower(
            input_ids=ids.to(layer.output.dense.weight.device), attention_mask=mask.to(layer.output.dense.weight.device)
        )
    hook.remove()
    values = torch.cat(given)
    scale = 1 / values.std(dim=0).clamp_min(1e-3)
    norm = layer.attention.output.LayerNorm
    norm.bias.copy_((norm.bias - values.mean(dim=0)) * scale)
    norm.weight.mul_(scale)
