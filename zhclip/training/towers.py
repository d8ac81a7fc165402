"""The dual encoder of a run: where its towers come from, and what of them is trained."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn.functional import dropout
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from zhclip.errors import ConfigError, ModelError, ZhclipError
from zhclip.models import ImagePreparation
from zhclip.models.checkpoint import quiet_transformers, read_preparation
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.loading import LoadedModel, read_model
from zhclip.models.location import find_model
from zhclip.models.text import TextPreparation
from zhclip.training.config import OptimizerConfig
from zhclip.training.model_config import ModelConfig, TowerConfig
from zhclip.training.pooling import add_mean_pooling, begin_as_mean, mean_pooling_layer
from zhclip.training.preparation import text_preparation


def assemble(config: ModelConfig) -> LoadedModel:
    """Build the dual encoder of a run, on the CPU in float32.

    A tower is built anew (``scratch``), read from its own weights, or taken from the model
    that the run starts from. A model whose towers are both taken keeps its projections and
    logit scale; a fresh pair of towers gets new ones.

    Raises:
        ConfigError: The configuration does not describe a model.
        ModelError: A model is missing or cannot be read.
    """
    start = read_model(find_model(config.start)) if config.start else None
    from_start = {"image": config.comes_from_start("image"), "text": config.comes_from_start("text")}
    if start is not None and all(from_start.values()):
        model = start.dual_encoder
    else:
        image_tower = start.dual_encoder.image_tower if start and from_start["image"] else _tower("image", config.image)
        text_tower = start.dual_encoder.text_tower if start and from_start["text"] else _tower("text", config.text)
        model = DualEncoder.from_towers(image_tower, text_tower, start.dual_encoder.dim if start else config.dim)
        with torch.no_grad():
            model.logit_scale.fill_(math.log(config.initial_logit_scale))
        if start and from_start["image"]:
            model.image_projection.load_state_dict(start.dual_encoder.image_projection.state_dict())
        if start and from_start["text"]:
            model.text_projection.load_state_dict(start.dual_encoder.text_projection.state_dict())

    text = text_preparation(config)
    _check_text(model, text)
    image = start.image if start and from_start["image"] else _image_preparation(config)
    if getattr(model.model.config.vision_config, "image_size", None) != image.size:
        model.resize_input(image.size)
    _set_trained(model, config)
    add_dropout(model.image_projection, config.image_projection.dropout)
    add_dropout(model.text_projection, config.text_projection.dropout)
    return LoadedModel(model, text, image)


def parameter_groups(model: DualEncoder, config: ModelConfig, optimizer: OptimizerConfig) -> list[dict[str, Any]]:
    """The trained parameters in groups of one learning rate and weight decay each.

    Norms, biases and the logit scale (everything of fewer than two dimensions) do not decay.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for part, settings in (
        (model.image_tower, config.image),
        (model.text_tower, config.text),
        (model.image_projection, config.image_projection),
        (model.text_projection, config.text_projection),
    ):
        rate = settings.learning_rate or optimizer.learning_rate
        decay = optimizer.weight_decay if settings.weight_decay is None else settings.weight_decay
        for parameter in part.parameters():
            if parameter.requires_grad:
                groups.setdefault((rate, decay if parameter.ndim > 1 else 0.0), []).append(parameter)
    groups.setdefault((optimizer.learning_rate, 0.0), []).append(model.logit_scale)
    # "base_lr" is what the schedule scales; "lr" is what the optimizer reads.
    return [
        {"params": parameters, "lr": rate, "base_lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def add_dropout(projection: nn.Linear, share: float) -> None:
    """Drop numbers of what a projection is given, in training mode alone (inverted dropout)."""
    if share:
        projection.register_forward_pre_hook(lambda module, inputs: (dropout(inputs[0], share, module.training),))


def train_mode(model: DualEncoder, config: ModelConfig) -> None:
    """Put into training mode what is trained: a locked tower keeps its dropout off.

    Batch norms stay in evaluation mode everywhere: the statistics of a micro-batch are not
    those of the batch, and would make gradient caching inexact.
    """
    model.train()
    for tower, settings in ((model.image_tower, config.image), (model.text_tower, config.text)):
        if settings.state == "locked":
            tower.eval()
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


def keep_depthwise_in_float32(model: nn.Module) -> None:
    """Compute depthwise convolutions in float32 under autocast; nothing else changes.

    On CPUs the gradient of a depthwise convolution in bfloat16 is computed by a slow reference: the last two blocks of
    EfficientNet-Lite2 learn from 53 pictures a second in bfloat16, 69 in float32, 136 so (two cores of an EPYC 9004).
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1:
            module.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
            module.forward = torch.autocast("cpu", enabled=False)(module.forward)  # type: ignore[method-assign]


def _tower(name: str, config: TowerConfig) -> PreTrainedModel:
    try:
        if config.state == "scratch":
            architecture = dict(config.architecture or {})
            kind = architecture.pop("model_type", None)
            if kind is None:
                raise ConfigError(
                    "model.{name}.architecture names no model_type; write one, as in model_type: bert", name=name
                )
            tower = AutoModel.from_config(AutoConfig.for_model(kind, **architecture))
            if kind == "bert":
                begin_as_mean(tower)
            return tower
        assert config.weights is not None, "the configuration is checked when it is read"
        with quiet_transformers():
            # A pooling layer that the weights do not have would be a random one.
            absent = {"add_pooling_layer": False} if config.pooling else {}
            tower = AutoModel.from_pretrained(
                find_model(config.weights), dtype=torch.float32, use_safetensors=True, **absent
            )
        return add_mean_pooling(tower) if config.pooling else tower
    except ZhclipError:
        raise
    except Exception as error:  # transformers raises many kinds, over names, files and values
        if config.state == "scratch":
            raise ModelError("model.{name}.architecture cannot be built: {error}", name=name, error=error) from error
        raise ModelError(
            "model.{name}.weights {weights!r} cannot be loaded: {error}", name=name, weights=config.weights, error=error
        ) from error


def _image_preparation(config: ModelConfig) -> ImagePreparation:
    if config.image_preparation is not None:
        return ImagePreparation(**config.image_preparation.model_dump())
    if config.image.weights is None:
        raise ConfigError("say in model.image_preparation how the image tower's pictures are prepared")
    folder = find_model(config.image.weights)
    if not (folder / "preprocessor_config.json").is_file():
        raise ConfigError(
            "{folder} has no preprocessor_config.json; say in model.image_preparation how its pictures are prepared",
            folder=folder,
        )
    return read_preparation(folder)[1]


def _check_text(model: DualEncoder, text: TextPreparation) -> None:
    tower: Any = model.text_tower.config
    longest, pieces = getattr(tower, "max_position_embeddings", None), getattr(tower, "vocab_size", None)
    if longest is not None and text.context_length > longest:
        raise ConfigError(
            "texts of {context_length} tokens are read, but the text tower takes {longest} at "
            "most; lower model.context_length, or raise max_position_embeddings in "
            "model.text.architecture",
            context_length=text.context_length,
            longest=longest,
        )
    if pieces is not None and text.vocabulary_size > pieces:
        raise ConfigError(
            "the vocabulary {vocabulary} has {vocabulary_size} pieces, but the text tower knows "
            "{pieces}; put the vocabulary that it was trained with beside its weights, or raise "
            "vocab_size in model.text.architecture",
            vocabulary=text.vocabulary,
            vocabulary_size=text.vocabulary_size,
            pieces=pieces,
        )


def _set_trained(model: DualEncoder, config: ModelConfig) -> None:
    model.requires_grad_(True)
    for name, tower, settings in (
        ("image", model.image_tower, config.image),
        ("text", model.text_tower, config.text),
    ):
        if settings.state == "locked":
            tower.requires_grad_(False)
        elif settings.unlocked_blocks is not None:
            unlock_last_blocks(tower, settings.unlocked_blocks)
        if settings.attention is not None:
            try:
                tower.set_attn_implementation(settings.attention)  # type: ignore[operator]
                for module in tower.modules():  # a tower that was joined to another holds two configurations
                    if isinstance(found := getattr(module, "config", None), PretrainedConfig):
                        found._attn_implementation = settings.attention
            except (AttributeError, ImportError, ValueError) as error:
                raise ConfigError(
                    "model.{name}.attention is {attention!r}: {error}",
                    name=name,
                    attention=settings.attention,
                    error=error,
                ) from None
        if settings.gradient_checkpointing:
            try:
                tower.gradient_checkpointing_enable()  # type: ignore[operator]
            except (AttributeError, ValueError):
                raise ConfigError(
                    "model.{name}.gradient_checkpointing: {tower} does not support it; set it to false, "
                    "or make optimizer.micro_batch_size smaller",
                    name=name,
                    tower=type(tower).__name__,
                ) from None
    if config.image_projection.state == "locked":
        model.image_projection.requires_grad_(False)
    if config.text_projection.state == "locked":
        model.text_projection.requires_grad_(False)


def tower_blocks(tower: nn.Module) -> nn.ModuleList | nn.Sequential:
    """The blocks that a tower is a stack of."""
    for kind in (nn.ModuleList, nn.Sequential):  # timm's convolutional towers have the latter alone
        stacks = [module for module in tower.modules() if isinstance(module, kind) and len(module) > 1]
        if stacks:
            return max(stacks, key=len)
    return nn.ModuleList()


def unlock_last_blocks(tower: nn.Module, count: int) -> None:
    """Train the last ``count`` blocks and what comes after them (norms, pooling).

    What comes after them is also the feed-forward part of a layer that takes the mean of all tokens
    (:func:`zhclip.training.pooling.add_mean_pooling`).
    """
    blocks = tower_blocks(tower)
    if count > len(blocks):
        raise ConfigError(
            "unlocked_blocks is {count}, but {tower} has {blocks} blocks",
            count=count,
            tower=type(tower).__name__,
            blocks=len(blocks),
        )
    in_blocks = {id(parameter) for block in blocks[: len(blocks) - count] for parameter in block.parameters()}
    layer = mean_pooling_layer(tower) if count == 0 else None
    if layer is not None:
        in_blocks -= {id(parameter) for part in (layer.intermediate, layer.output) for parameter in part.parameters()}
    # Parameters are listed in the order of the layers: what precedes the last locked one is locked too.
    parameters = list(tower.parameters())
    last_locked = max((i for i, parameter in enumerate(parameters) if id(parameter) in in_blocks), default=-1)
    for parameter in parameters[: last_locked + 1]:
        parameter.requires_grad_(False)
