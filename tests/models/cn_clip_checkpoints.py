"""Chinese-CLIP checkpoints of the exact official format, built from cn_clip's own classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from cn_clip.clip.model import CLIP, convert_weights

TEXT_TOWER = {
    "vocab_size": 21128,
    "text_attention_probs_dropout_prob": 0.1,
    "text_hidden_act": "gelu",
    "text_hidden_dropout_prob": 0.1,
    "text_hidden_size": 128,
    "text_initializer_range": 0.02,
    "text_intermediate_size": 256,
    "text_max_position_embeddings": 512,
    "text_num_attention_heads": 2,
    "text_num_hidden_layers": 2,
    "text_type_vocab_size": 2,
}
SHAPES: dict[str, dict[str, Any]] = {
    "vit": {"vision_layers": 2, "vision_width": 128, "vision_patch_size": 8, "image_resolution": 32},
    "resnet": {"vision_layers": (1, 2, 1, 1), "vision_width": 8, "vision_patch_size": None, "image_resolution": 64},
}


def build_cn_clip(family: str) -> Any:
    """cn_clip's own model, small, with weights that make every part matter."""
    torch.manual_seed(0)
    model = CLIP(embed_dim=32, **SHAPES[family], **TEXT_TOWER)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model.eval()


def write_official(model: Any, path: Path) -> None:
    """As the published files are: half precision where cn_clip has it, ``module.`` before each name."""
    convert_weights(model)
    state = {f"module.{name}": value for name, value in model.state_dict().items()}
    torch.save({"epoch": 3, "step": 100, "name": "official", "state_dict": state}, path)
