"""Chinese-CLIP's ``.pt`` checkpoints, read into models and written from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from transformers import ChineseCLIPConfig, ChineseCLIPModel

from zhclip.errors import ModelError
from zhclip.messages import Message
from zhclip.models.checkpoint import check_names, quiet_transformers
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.torch_files import check_weights, find_weights, read_pickle

if TYPE_CHECKING:
    from transformers import PreTrainedModel

State = dict[str, Tensor]
"""Weights by the names that ``cn_clip`` gives them, without ``module.``."""

# What stands in every checkpoint of the family.
_ANCHOR = "bert.embeddings.word_embeddings.weight"

# FlashAttention's names, as cn_clip.clip.convert_state_dict knows them.
_FUSED = ".attention.self.Wqkv."
_UNFUSED = (
    (".attn.Wqkv.", ".attn.in_proj_"),
    (".attention.self.out_proj.", ".attention.output.dense."),
)

# Bare matrices there, linear layers here (and so transposed).
_MATRICES = {"text_projection": "text_projection.weight", "visual.proj": "visual_projection.weight"}

# What ends in a dot begins the name; what begins with one too stands anywhere in it.
_RENAMED = (
    ("visual.class_embedding", "vision_model.embeddings.class_embedding"),
    ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
    ("visual.conv1.", "vision_model.embeddings.patch_embedding."),
    ("visual.ln_pre.", "vision_model.pre_layrnorm."),
    ("visual.ln_post.", "vision_model.post_layernorm."),
    ("visual.transformer.resblocks.", "vision_model.encoder.layers."),
    (".attn.out_proj.", ".self_attn.out_proj."),
    (".ln_1.", ".layer_norm1."),
    (".ln_2.", ".layer_norm2."),
    (".mlp.c_fc.", ".mlp.fc1."),
    (".mlp.c_proj.", ".mlp.fc2."),
    ("bert.", "text_model."),
)
_RENAMED_RESNET = (
    ("visual.attnpool.c_proj.", "visual_projection."),
    ("visual.attnpool.", "vision_model.attnpool."),
    ("visual.", "vision_model.trunk."),
    ("bert.", "text_model."),
)


def read_checkpoint(path: Path) -> State:
    """The weights of a ``.pt`` file, as ``cn_clip`` names them.

    Only tensors and plain values are read: nothing in the file can run.

    Args:
        path: An official checkpoint, or one that finetuning wrote: with or without what DDP, FSDP
            and ``torch.compile`` put into each name, with FlashAttention's names, and with the weights under any key.

    Raises:
        ModelError: The file is damaged, holds more than weights, or is no Chinese-CLIP checkpoint; or its weights
            are NaN or infinite.
    """
    state = _without_flash_attention(find_weights(read_pickle(path), _ANCHOR, source=path))
    # The pooling layer is never used, and cn_clip drops it too.
    state = {name: value for name, value in state.items() if not name.startswith("bert.pooler.")}
    for name in (_ANCHOR, "text_projection", "visual.conv1.weight"):
        if name not in state:
            raise ModelError(
                "{path} is no Chinese-CLIP checkpoint: it has no {name!r} among its {count} weights",
                path=path,
                name=name,
                count=len(state),
            )
    check_weights(state, source=path)
    return state


def _without_flash_attention(state: State) -> State:
    """Weights by the names that they have where FlashAttention is not used; queries, keys and values are one there."""
    plain: State = {}
    for name, value in state.items():
        if _FUSED in name:
            for part, third in zip(("query", "key", "value"), value.chunk(3), strict=True):
                plain[name.replace(_FUSED, f".attention.self.{part}.")] = third.contiguous()
        else:
            plain[_rename(name, _UNFUSED)] = value
    return plain


def to_dual_encoder(state: Mapping[str, Tensor], *, source: Path) -> DualEncoder:
    """Build the model whose weights these are; its architecture is read from their shapes.

    Args:
        state: As :func:`read_checkpoint` gives it.
        source: What to name in messages.

    Returns:
        The model in float32.

    Raises:
        ModelError: Weights are missing, are too many, or do not fit together.
    """
    try:
        config = _configuration(state)
        kind, renamed = _model_class(state), _to_transformers(state)
    except (KeyError, ValueError, IndexError) as error:
        raise ModelError("{source} is no whole Chinese-CLIP checkpoint: {error}", source=source, error=error) from None
    try:
        with quiet_transformers():
            model, report = kind.from_pretrained(
                None, config=config, state_dict=renamed, dtype=torch.float32, output_loading_info=True
            )
    except RuntimeError as error:
        raise ModelError(
            "the weights in {source} do not fit together: {error}", source=source, error=str(error).splitlines()[-1]
        ) from None
    check_names(report, source, without_pooler=True)
    return DualEncoder(model)


def to_state(dual_encoder: DualEncoder) -> State:
    """The weights of a model as ``cn_clip`` names them; what :func:`to_dual_encoder` reads.

    Raises:
        ModelError: The model's towers are not Chinese-CLIP's.
    """
    model = dual_encoder.model
    resnet = model.config.model_type == "chinese_clip_resnet"
    if not resnet and not isinstance(model, ChineseCLIPModel):
        raise ModelError(
            "a {name} cannot become a Chinese-CLIP checkpoint: cn_clip has no such towers", name=type(model).__name__
        )
    weights = dict(model.state_dict())
    state: State = {}
    for bare, linear in _MATRICES.items():
        if not (resnet and bare == "visual.proj"):
            state[bare] = weights.pop(linear).T.contiguous()
    if not resnet:
        for layer in range(model.config.vision_config.num_hidden_layers):
            prefix = f"vision_model.encoder.layers.{layer}.self_attn"
            for part in ("weight", "bias"):
                thirds = [weights.pop(f"{prefix}.{projection}_proj.{part}") for projection in "qkv"]
                state[f"visual.transformer.resblocks.{layer}.attn.in_proj_{part}"] = torch.cat(thirds)
    pairs = [(new, old) for old, new in (_RENAMED_RESNET if resnet else _RENAMED)]
    return state | {_rename(name, pairs): value for name, value in weights.items()}


def cn_clip_model(state: Mapping[str, Tensor]) -> nn.Module:
    """``cn_clip``'s own model with these weights, in float32: what conversions are checked against."""
    from cn_clip.clip.model import CLIP

    model = CLIP(**cn_clip_shape(state))
    model.load_state_dict(dict(state))
    return model.float().eval()


def cn_clip_shape(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """The arguments with which ``cn_clip.clip.model.CLIP`` has a place for these weights."""
    text, vision = _text_configuration(state), _vision_configuration(state)
    width = vision["width"] * 32 if "layers" in vision else vision["hidden_size"]
    return {
        "embed_dim": state["text_projection"].shape[1],
        "image_resolution": vision["image_size"],
        "vision_layers": vision.get("layers") or vision["num_hidden_layers"],
        "vision_width": vision.get("width") or vision["hidden_size"],
        "vision_patch_size": vision.get("patch_size"),
        "vision_head_width": width // vision["num_attention_heads"],
        "vocab_size": text["vocab_size"],
        "text_attention_probs_dropout_prob": 0.1,
        "text_hidden_act": "gelu",
        "text_hidden_dropout_prob": 0.1,
        "text_hidden_size": text["hidden_size"],
        "text_initializer_range": 0.02,
        "text_intermediate_size": text["intermediate_size"],
        "text_max_position_embeddings": text["max_position_embeddings"],
        "text_num_attention_heads": text["num_attention_heads"],
        "text_num_hidden_layers": text["num_hidden_layers"],
        "text_type_vocab_size": text["type_vocab_size"],
    }


def _model_class(state: Mapping[str, Tensor]) -> type[PreTrainedModel]:
    if "visual.layer1.0.conv1.weight" not in state:
        return ChineseCLIPModel
    # Imports cn_clip's model, and with it torchvision.
    from zhclip.models.chinese_clip_resnet import ChineseCLIPResNetModel

    return ChineseCLIPResNetModel


def _configuration(state: Mapping[str, Tensor]) -> Any:
    shape: dict[str, Any] = {
        "text_config": _text_configuration(state),
        "vision_config": _vision_configuration(state),
        "projection_dim": state["text_projection"].shape[1],
    }
    if "layers" not in shape["vision_config"]:
        return ChineseCLIPConfig(**shape)
    from zhclip.models.chinese_clip_resnet import ChineseCLIPResNetConfig

    return ChineseCLIPResNetConfig(**shape)


def _text_configuration(state: Mapping[str, Tensor]) -> dict[str, int]:
    vocabulary, width = state["bert.embeddings.word_embeddings.weight"].shape
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "num_hidden_layers": _count(state, r"bert\.encoder\.layer\.(\d+)\."),
        "num_attention_heads": max(width // 64, 1),
        "intermediate_size": state["bert.encoder.layer.0.intermediate.dense.weight"].shape[0],
        "max_position_embeddings": state["bert.embeddings.position_embeddings.weight"].shape[0],
        "type_vocab_size": state["bert.embeddings.token_type_embeddings.weight"].shape[0],
    }


def _vision_configuration(state: Mapping[str, Tensor]) -> dict[str, Any]:
    if "visual.layer1.0.conv1.weight" in state:
        width = state["visual.conv3.weight"].shape[0]
        side = round((state["visual.attnpool.positional_embedding"].shape[0] - 1) ** 0.5)
        return {
            "layers": [_count(state, rf"visual\.layer{stage}\.(\d+)\.") for stage in (1, 2, 3, 4)],
            "width": width,
            "num_attention_heads": max(width * 32 // 64, 1),
            "image_size": side * 32,
        }
    width, _, patch, _ = state["visual.conv1.weight"].shape
    side = round((state["visual.positional_embedding"].shape[0] - 1) ** 0.5)
    return {
        "hidden_size": width,
        "num_hidden_layers": _count(state, r"visual\.transformer\.resblocks\.(\d+)\."),
        # 64 numbers a head, but for ViT-H-14, whose width no 64 makes 16 heads of.
        "num_attention_heads": 16 if width == 1280 else max(width // 64, 1),
        "intermediate_size": state["visual.transformer.resblocks.0.mlp.c_fc.weight"].shape[0],
        "patch_size": patch,
        "image_size": side * patch,
    }


def _count(state: Mapping[str, Tensor], pattern: str) -> int:
    numbers = [int(found[1]) for name in state if (found := re.match(pattern, name))]
    if not numbers:
        raise ValueError(Message("no weight is named like {pattern!r}", pattern=pattern))
    if len(set(numbers)) <= max(numbers):
        raise ValueError(
            Message(
                "{count} layers are named like {pattern!r}, and {there} are there",
                count=max(numbers) + 1,
                pattern=pattern,
                there=len(set(numbers)),
            )
        )
    return max(numbers) + 1


def _to_transformers(state: Mapping[str, Tensor]) -> State:
    pairs = _RENAMED_RESNET if "visual.layer1.0.conv1.weight" in state else _RENAMED
    renamed: State = {}
    for name, value in state.items():
        new = _rename(name, pairs)
        if name in _MATRICES:
            renamed[_MATRICES[name]] = value.T.contiguous()
        elif ".attn.in_proj_" in new:
            prefix, part = new.split(".attn.in_proj_")
            for projection, third in zip("qkv", value.chunk(3), strict=True):
                renamed[f"{prefix}.self_attn.{projection}_proj.{part}"] = third.contiguous()
        else:
            renamed[new] = value
    return renamed


def _rename(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    for old, new in pairs:
        if name.startswith(old):
            name = new + name.removeprefix(old)
        elif old.startswith("."):
            name = name.replace(old, new)
    return name
