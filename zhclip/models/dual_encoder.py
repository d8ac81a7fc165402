"""The dual encoder: an image tower and a text tower with projections into one space."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import Tensor, nn
from transformers import (
    ChineseCLIPModel,
    ConvNextModel,
    ConvNextV2Model,
    PreTrainedModel,
    VisionTextDualEncoderConfig,
    VisionTextDualEncoderModel,
)

from zhclip.errors import ModelError

if TYPE_CHECKING:
    from transformers.modeling_outputs import BaseModelOutputWithPooling

    from zhclip.models.chinese_clip_resnet import ChineseCLIPResNetModel

TransformersDualEncoder: TypeAlias = "ChineseCLIPModel | VisionTextDualEncoderModel | ChineseCLIPResNetModel"


class DualEncoder(nn.Module):
    """One face for the dual encoders of ``transformers``, for training and for inference.

    ``ChineseCLIPModel`` (with ``ChineseCLIPResNetModel``, its sibling for RN50) and
    ``VisionTextDualEncoderModel`` differ in where the pooled text feature comes from, and
    ``transformers`` versions differ in what ``get_*_features`` return; neither shows
    outside this class.

    Args:
        model: The model whose towers and projections are used; it is not copied.
    """

    def __init__(self, model: TransformersDualEncoder) -> None:
        super().__init__()
        self.model = model

    @classmethod
    def from_towers(cls, image_tower: PreTrainedModel, text_tower: PreTrainedModel, dim: int) -> DualEncoder:
        """Join two towers with fresh projections.

        Args:
            image_tower: Any vision model of ``transformers`` that gives a ``pooler_output``.
            text_tower: Any BERT-like model of ``transformers`` with a pooling layer.
            dim: Length of the shared vectors.
        """
        if not hasattr(image_tower.config, "hidden_size"):
            # Convolutional configurations name no width, which the dual encoder's projection needs.
            image_tower.config.hidden_size = _pooled_width(image_tower)
        config = VisionTextDualEncoderConfig.from_vision_text_configs(
            image_tower.config, text_tower.config, projection_dim=dim
        )
        return cls(VisionTextDualEncoderModel(config, vision_model=image_tower, text_model=text_tower))

    @property
    def image_tower(self) -> nn.Module:
        """The image tower, without its projection."""
        return self.model.vision_model

    @property
    def text_tower(self) -> nn.Module:
        """The text tower, without its projection."""
        return self.model.text_model

    @property
    def image_projection(self) -> nn.Linear:
        """From the image tower's pooled feature to the shared space."""
        return self.model.visual_projection

    @property
    def text_projection(self) -> nn.Linear:
        """From the text tower's pooled feature to the shared space."""
        return self.model.text_projection

    @property
    def logit_scale(self) -> nn.Parameter:
        """Log of what cosines are multiplied by (a scalar, as in CLIP)."""
        return self.model.logit_scale

    @property
    def dim(self) -> int:
        """Length of the shared vectors."""
        return int(self.model.config.projection_dim)

    @property
    def image_size(self) -> int:
        """Side of the square input in pixels."""
        return int(self.model.config.vision_config.image_size)

    @torch.inference_mode()
    def resize_input(self, size: int) -> None:
        """Take pictures of another size from now on.

        Args:
            size: Side in pixels.

        Raises:
            ModelError: The image tower takes pictures of one size alone.
        """
        self.image_tower.eval()  # in training, batch norms would remember the zeros below
        config = self.model.config.vision_config
        before = getattr(config, "image_size", None)
        config.image_size = size
        try:
            self.image_features(torch.zeros(1, 3, size, size, device=self.logit_scale.device))
        except (RuntimeError, ValueError) as error:
            config.image_size = before
            raise ModelError(
                "the image tower takes no pictures of {size} x {size}: {error}", size=size, error=error
            ) from None

    def pooled_image(self, pixels: Tensor) -> Tensor:
        """The image tower's pooled feature ``[n, width]`` of pixels ``[n, 3, size, size]``."""
        return self._image_output(pixels).pooler_output.flatten(1)

    def image_features(self, pixels: Tensor) -> Tensor:
        """Features ``[n, dim]`` in the shared space (not of unit length) of pixels ``[n, 3, size, size]``."""
        return self.image_projection(self.pooled_image(pixels))

    def position_features(self, pixels: Tensor) -> Tensor:
        """Features ``[n, rows, columns, dim]`` (not of unit length) of the patches or of the last feature map."""
        features = self._image_output(pixels).last_hidden_state
        if features.ndim == 4:  # a feature map [n, width, rows, columns]
            features = features.permute(0, 2, 3, 1)
        else:  # tokens [n, length, width]: a few of the whole picture, then those of the patches
            side = math.isqrt(features.shape[1])
            features = features[:, -(side**2) :].unflatten(1, (side, side))
        return self.image_projection(self._as_pooled(features))

    def _as_pooled(self, features: Tensor) -> Tensor:
        # What the towers do with the pooled feature before it is projected, for those that do something.
        tower: Any = self.image_tower
        if hasattr(tower, "post_layernorm"):  # CLIP
            return tower.post_layernorm(features)
        if hasattr(getattr(tower, "pooler", None), "dense"):  # ViT
            return tower.pooler.activation(tower.pooler.dense(features))
        if isinstance(tower, ConvNextModel | ConvNextV2Model):
            return tower.layernorm(features)
        return features

    def text_features(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Features ``[n, dim]`` in the shared space (not of unit length) of token ids ``[n, length]``."""
        output = self.text_tower(input_ids=input_ids, attention_mask=attention_mask)
        return self.text_projection(self.pooled_text(output))

    def pooled_text(self, output: BaseModelOutputWithPooling) -> Tensor:
        """The pooled feature ``[n, width]`` in what the text tower gives."""
        if isinstance(self.model, VisionTextDualEncoderModel):
            return output.pooler_output
        return output.last_hidden_state[:, 0]

    def _image_output(self, pixels: Tensor) -> BaseModelOutputWithPooling:
        return self.image_tower(pixel_values=pixels)


@torch.no_grad()
def _pooled_width(image_tower: PreTrainedModel) -> int:
    side = getattr(image_tower.config, "image_size", None) or 224  # ResNet's names none
    probe = torch.zeros(1, 3, side, side, device=image_tower.device)
    return int(image_tower(pixel_values=probe).pooler_output.flatten(1).shape[1])
