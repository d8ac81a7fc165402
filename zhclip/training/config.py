"""One configuration file a run: YAML, validated, any value overridable on the command line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from zhclip.errors import ConfigError, DataError
from zhclip.messages import Message
from zhclip.text_file import decode
from zhclip.training.data_config import DataConfig
from zhclip.training.model_config import ModelConfig
from zhclip.validation import join, problem


class CacheConfig(BaseModel, extra="forbid", frozen=True):
    """The cache of what the locked part of the image tower gives."""

    folder: str = "cache/features"
    views: int | None = Field(default=None, ge=0)
    """Views of each picture: the plain one, then augmented ones (``data.augment``); 0: no cache,
    every picture goes through the whole tower each time that it is drawn. By default 1 for a
    locked tower, and 0 for one of which ``unlocked_blocks`` are trained."""
    batch_size: int = Field(default=64, gt=0)
    texts: bool | None = None
    """Keep what the locked part of the text tower gives for each token of each text. By default so where
    something of it is locked and no tokens are masked (``data.mask_tokens``)."""


class LossConfig(BaseModel, extra="forbid", frozen=True):
    """The contrastive loss."""

    name: Literal["info_nce", "sigmoid"] = "info_nce"
    chunk: int = Field(default=1024, gt=0)
    """Rows of the similarity matrix that are held at a time."""
    initial_bias: float = -10.0
    """Of the sigmoid loss (SigLIP: -10)."""
    caption_weight: float = Field(default=0.0, ge=0)
    """Weight of the loss between captions of one picture (Kádár et al. 2018); ``data.captions`` must be 2 or more."""
    parallel_weight: float = Field(default=0.0, ge=0)
    """Weight of the text-text loss over ``data.parallel``."""
    parallel_batch_size: int = Field(default=256, gt=0)
    """Sentence pairs a step, over all processes."""
    prototype_weight: float = Field(default=0.0, ge=0)
    """Weight of the loss between made features of ``data.prototypes`` and the names of their classes,
    InfoNCE whatever ``name`` is (:func:`zhclip.training.losses.paired_info_nce`)."""
    prototype_batch_size: int = Field(default=512, gt=0)
    """Made features a step, over all processes."""
    teachers: list[str] = []
    """Models (folders, names) to learn similarities from, beside the captions; the mean of several."""
    teacher_weight: float = Field(default=0.5, gt=0, le=1)
    """Share of the loss that is the teachers'; what is left is the contrastive loss."""


class OptimizerConfig(BaseModel, extra="forbid", frozen=True):
    """AdamW with warm-up and a cosine schedule."""

    batch_size: int = Field(default=1024, gt=0)
    """Pairs a step, over all processes; with ``data.captions`` so many of them share a picture."""
    micro_batch_size: int | None = Field(default=None, gt=0)
    """Pairs that are computed at once on a process; the whole share by default. Smaller ones
    cost a second forward pass and save memory; the gradient is the same."""
    passes: float = Field(default=10.0, gt=0)
    """How many times each picture is seen."""
    max_steps: int | None = Field(default=None, gt=0)
    """Ends the run earlier, the schedule with it."""
    learning_rate: float = Field(default=5e-4, gt=0)
    weight_decay: float = Field(default=0.1, ge=0)
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = Field(default=1e-6, gt=0)
    warmup_steps: int = Field(default=100, ge=0)
    final_learning_rate: float = Field(default=0.0, ge=0, le=1)
    """Share of the learning rate that is left at the end."""
    gradient_clip: float | None = Field(default=1.0, gt=0)
    """Largest norm of the gradient."""
    precision: Literal["fp32", "fp16", "bf16"] | None = None
    """What ``accelerate`` was configured with by default."""


class ValidationConfig(BaseModel, extra="forbid", frozen=True):
    """Recall on the validation data."""

    every: int = Field(default=0, ge=0)
    """Steps between validations; 0: at the end alone."""
    at_start: bool = False
    """Also before the first step: what a second stage starts from."""
    batch_size: int = Field(default=64, gt=0)
    patience: int = Field(default=0, ge=0)
    """Stop after so many validations without a better mean recall; 0: never."""


class CheckpointConfig(BaseModel, extra="forbid", frozen=True):
    """What is written, and what is kept."""

    every: int = Field(default=0, ge=0)
    """Steps between checkpoints; 0: at validations alone."""
    keep: int = Field(default=1, ge=1)
    """How many of the newest checkpoints are kept, beside the best."""


class InterpolationConfig(BaseModel, extra="forbid", frozen=True):
    """Weight interpolation with the starting model after the run (WiSE-FT: Wortsman et al. 2022)."""

    weights: list[float] = []
    """Shares of the trained weights to try, 0..1; the best by validation is kept as ``interpolated``."""


class RunConfig(BaseModel, extra="forbid", frozen=True):
    """A training run."""

    output: str
    """The run's folder: checkpoints, log, plot, the resolved configuration."""
    seed: int = 0
    threads: int | None = Field(default=None, ge=1)
    """Of each process on a CPU; by default its processes share the machine's cores."""
    model: ModelConfig
    data: DataConfig
    cache: CacheConfig = CacheConfig()
    loss: LossConfig = LossConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    validation: ValidationConfig = ValidationConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    interpolation: InterpolationConfig = InterpolationConfig()
    tracker: Literal["none", "tensorboard"] = "none"

    @model_validator(mode="after")
    def _what_is_cached_is_locked(self) -> RunConfig:
        image = self.model.image
        if self.cache.views and image.state != "locked" and not (image.state == "unlocked" and image.unlocked_blocks):
            raise ValueError(
                Message(
                    "cache.views is set, but nothing of the image tower is locked; set model.image.state to locked, or "
                    "model.image.unlocked_blocks to how many of its last blocks are trained"
                )
            )
        return self

    @model_validator(mode="after")
    def _cached_texts_are_locked_and_whole(self) -> RunConfig:
        text = self.model.text
        locked = text.state == "locked" or (text.state == "unlocked" and text.unlocked_blocks is not None)
        if self.cache.texts and not locked:
            raise ValueError(
                Message(
                    "cache.texts is set, but nothing of the text tower is locked; set model.text.state to locked, or "
                    "model.text.unlocked_blocks to how many of its last layers are trained"
                )
            )
        if self.cache.texts and self.data.mask_tokens:
            raise ValueError(
                Message("cache.texts keeps texts as they are; set data.mask_tokens to 0, or cache.texts to false")
            )
        return self

    @property
    def caches_texts(self) -> bool:
        """Whether what the locked part of the text tower gives is kept."""
        if self.cache.texts is not None:
            return self.cache.texts
        text = self.model.text
        locked = text.state == "locked" or (text.state == "unlocked" and text.unlocked_blocks is not None)
        return locked and not self.data.mask_tokens

    @model_validator(mode="after")
    def _prototypes_have_both_ends(self) -> RunConfig:
        if self.loss.prototype_weight and self.data.prototypes is None:
            raise ValueError(Message("loss.prototype_weight is set, but data.prototypes names no classifier"))
        return self

    @model_validator(mode="after")
    def _caption_loss_has_captions(self) -> RunConfig:
        if self.loss.caption_weight and self.data.captions < 2:
            raise ValueError(
                Message("loss.caption_weight compares captions of one picture; set data.captions to 2 or more")
            )
        return self

    @model_validator(mode="after")
    def _interpolation_has_two_ends(self) -> RunConfig:
        model = self.model
        if self.interpolation.weights and not (model.comes_from_start("image") and model.comes_from_start("text")):
            raise ValueError(
                Message(
                    "interpolation.weights is set, but not both towers come from model.start; "
                    "leave interpolation out, or start from a whole model"
                )
            )
        return self


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> RunConfig:
    """Read and validate a configuration file.

    Args:
        path: A YAML file.
        overrides: ``section.key=value`` each, the value as YAML.

    Raises:
        ConfigError: The file is missing or not YAML, a key is unknown, or a value is wrong.
    """
    path = Path(path)
    try:
        content = yaml.safe_load(decode(path.read_bytes(), str(path), path))
    except FileNotFoundError:
        raise ConfigError(
            "no configuration file at {path}; check the path (it is relative to {folder})", path=path, folder=Path.cwd()
        ) from None
    except (OSError, DataError, yaml.YAMLError) as error:
        raise ConfigError("{path} cannot be read as YAML: {error}", path=path, error=error) from None
    if not isinstance(content, dict):
        raise ConfigError(
            "{path} holds no sections; see configs/sample/stage1.yaml for what it should look like", path=path
        )
    for override in overrides:
        _apply(content, override)
    try:
        return RunConfig.model_validate(content)
    except ValidationError as error:
        problems = join(
            [Message("{path}: {problem}", path=path, problem=_explain(detail)) for detail in error.errors()]
        )
        raise ConfigError("{problem}", problem=problems) from None


def save_config(config: RunConfig, path: Path) -> None:
    """Write a configuration with every value that it resolved to."""
    path.write_text(yaml.safe_dump(config.model_dump(mode="json"), allow_unicode=True, sort_keys=False), "utf-8")


def _apply(content: dict[str, Any], override: str) -> None:
    key, separator, value = override.partition("=")
    if not separator or not key.strip():
        raise ConfigError(
            "{override!r} is not an override; write section.key=value, as in optimizer.batch_size=64", override=override
        )
    *sections, name = key.strip().split(".")
    for section in sections:
        content = content.setdefault(section, {})
        if not isinstance(content, dict):
            raise ConfigError("{override!r}: {section} is a value, not a section", override=override, section=section)
    try:
        content[name] = yaml.safe_load(value)
    except yaml.YAMLError:
        raise ConfigError("{override!r}: the value is not YAML; put quotes around it", override=override) from None


def _explain(detail: Any) -> Message:
    location = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = _keys_at(detail["loc"][:-1])
        near = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1)
        if near:
            return Message("unknown key {key!r}; did you mean {near!r}?", key=location, near=near[0])
        return Message("unknown key {key!r}; known are {known}", key=location, known=", ".join(known))
    if detail["type"] == "missing":
        return Message("{key!r} is missing", key=location)
    if not location or detail["type"] == "value_error":
        return problem(detail)
    return Message("{key!r} is {value!r}: it {problem}", key=location, value=detail["input"], problem=problem(detail))


def _keys_at(location: Sequence[str | int]) -> list[str]:
    section: Any = RunConfig
    for part in location:
        if isinstance(part, int):
            continue
        annotation = section.model_fields[part].annotation
        candidates = [annotation, *get_args(annotation)]
        section = next(kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel))
    return list(section.model_fields)
