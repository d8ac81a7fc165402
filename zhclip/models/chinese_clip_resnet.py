"""Chinese-CLIP with a ResNet image tower (RN50), which ``transformers`` does not have.

The convolutions are ``cn_clip``'s own class. Around them is what makes a model of
``transformers``: a configuration, ``save_pretrained`` and ``from_pretrained``.
"""

from __future__ import annotations

from typing import Any

import torch
from cn_clip.clip.model import ModifiedResNet
from torch import Tensor, nn
from torch.nn import functional
from transformers import ChineseCLIPTextConfig, ChineseCLIPTextModel, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPooling


class ResNetVisionConfig(PreTrainedConfig):
    """The image tower: how many blocks each of its four stages has, and how wide they are."""

    model_type = "chinese_clip_resnet_vision"
    base_config_key = "vision_config"

    layers: list[int] | tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    """Channels after the stem; the tower's feature is 32 times as long."""
    num_attention_heads: int = 32
    image_size: int = 224

    @property
    def hidden_size(self) -> int:
        """Length of the pooled feature."""
        return self.width * 32


class ChineseCLIPResNetConfig(PreTrainedConfig):
    """A ResNet image tower and a BERT-like text tower."""

    model_type = "chinese_clip_resnet"
    sub_configs_defaults = {"vision_config": ResNetVisionConfig, "text_config": ChineseCLIPTextConfig}  # noqa: RUF012 - transformers reads it so

    text_config: Any = None
    """A ``ChineseCLIPTextConfig``; ``None`` for its defaults (as for the image tower's)."""
    vision_config: Any = None
    """A :class:`ResNetVisionConfig`."""
    projection_dim: int = 1024


class AttentionPool(nn.Module):
    """CLIP's attention pooling, without the projection that follows it.

    Args:
        positions: How many positions the feature map has.
        width: Its channels.
        heads: Of the attention.
    """

    def __init__(self, positions: int, width: int, heads: int) -> None:
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.randn(positions + 1, width) / width**0.5)
        self.k_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.heads = heads

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The pooled feature ``[n, width]``, and the values ``[n, width, rows, columns]`` that it is a mean of."""
        shape = features.shape
        tokens = features.flatten(2).transpose(1, 2)
        tokens = torch.cat([tokens.mean(dim=1, keepdim=True), tokens], dim=1)
        tokens = tokens + self.positional_embedding.to(tokens.dtype)
        values = self.v_proj(tokens)
        pooled = functional.scaled_dot_product_attention(
            self._split(self.q_proj(tokens[:, :1])), self._split(self.k_proj(tokens)), self._split(values)
        )
        return pooled.transpose(1, 2).flatten(1), values[:, 1:].transpose(1, 2).reshape(shape)

    def _split(self, tokens: Tensor) -> Tensor:
        return tokens.reshape(*tokens.shape[:2], self.heads, -1).transpose(1, 2)


class ResNetVisionModel(nn.Module):
    """The image tower: ``cn_clip``'s convolutions, then the pooling.

    Args:
        config: Its shape.
    """

    def __init__(self, config: ResNetVisionConfig) -> None:
        super().__init__()
        self.trunk = ModifiedResNet(
            layers=config.layers,
            output_dim=1,  # of the pooling, which is replaced
            heads=config.num_attention_heads,
            input_resolution=config.image_size,
            width=config.width,
        )
        self.trunk.attnpool = nn.Identity()
        self.attnpool = AttentionPool((config.image_size // 32) ** 2, config.hidden_size, config.num_attention_heads)

    def forward(self, pixel_values: Tensor) -> BaseModelOutputWithPooling:
        """Features of pixels ``[n, 3, size, size]``."""
        pooled, values = self.attnpool(self.trunk(pixel_values))
        return BaseModelOutputWithPooling(last_hidden_state=values, pooler_output=pooled)


class ChineseCLIPResNetModel(PreTrainedModel):
    """The dual encoder, with the names that ``ChineseCLIPModel`` gives its parts."""

    config: ChineseCLIPResNetConfig
    config_class = ChineseCLIPResNetConfig
    base_model_prefix = "chinese_clip_resnet"
    main_input_name = "pixel_values"
    supports_gradient_checkpointing = True
    _supports_sdpa = True

    def __init__(self, config: ChineseCLIPResNetConfig) -> None:
        super().__init__(config)
        self.vision_model = ResNetVisionModel(config.vision_config)
        self.text_model = ChineseCLIPTextModel(config.text_config, add_pooling_layer=False)
        self.visual_projection = nn.Linear(config.vision_config.hidden_size, config.projection_dim)
        self.text_projection = nn.Linear(config.text_config.hidden_size, config.projection_dim, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(2.6592))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Nothing: the weights come from a checkpoint."""
