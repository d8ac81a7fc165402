"""The ``model`` section of a training configuration: two towers, where they come from, and what of them is trained."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from zhclip.messages import Message
from zhclip.models.image import ImagePreparation

State = Literal["locked", "unlocked", "scratch"]
TowerName = Literal["image", "text"]

_TOWER_SETTINGS: dict[TowerName, tuple[str, ...]] = {
    "image": ("image_preparation",),
    "text": ("context_length", "simplify"),
}


class TowerConfig(BaseModel, extra="forbid", frozen=True):
    """One tower: where it comes from, and what of it is trained."""

    state: State = "unlocked"
    """``locked`` (pretrained, frozen), ``unlocked`` (pretrained, trained) or ``scratch``."""
    weights: str | None = None
    """A ``transformers`` folder or Hugging Face id; not needed where ``model.start`` is given."""
    architecture: dict[str, Any] | None = None
    """A ``transformers`` configuration with its ``model_type``, for ``scratch``."""
    unlocked_blocks: int | None = Field(default=None, ge=0)
    """Of an unlocked tower train only the last so many blocks, and what comes after them (0: that alone); all by
    default."""
    learning_rate: float | None = Field(default=None, gt=0)
    """The optimizer's by default."""
    weight_decay: float | None = Field(default=None, ge=0)
    """The optimizer's by default."""
    attention: str | None = None
    """What computes attention, as ``transformers`` calls it (``attn_implementation``): on a CPU
    ``eager`` trains faster on short texts than the fused default."""
    pooling: Literal["mean"] | None = None
    """``mean``: put a layer on a text tower that pools the mean of its tokens, as sentence models (E5) want it; by
    default a tower pools as it was trained to (BERT: its first token)."""
    gradient_checkpointing: bool = False
    """Recompute activations in the backward pass: less memory, a third more time."""


class ProjectionConfig(BaseModel, extra="forbid", frozen=True):
    """The linear maps from the towers into the shared space."""

    state: Literal["locked", "unlocked"] = "unlocked"
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Of the tower's pooled feature, before the map: on few pictures it keeps the map from overfitting."""
    learning_rate: float | None = Field(default=None, gt=0)
    weight_decay: float | None = Field(default=None, ge=0)


class ImageConfig(BaseModel, extra="forbid", frozen=True):
    """How pictures are prepared; see :class:`zhclip.models.ImagePreparation`."""

    size: int = Field(default=224, gt=0)
    mean: tuple[float, float, float] = ImagePreparation.mean
    std: tuple[float, float, float] = ImagePreparation.std
    resize: Literal["squash", "crop"] = "squash"


class ModelConfig(BaseModel, extra="forbid", frozen=True):
    """The dual encoder: a whole one to start from, or two towers."""

    start: str | None = None
    """A model to start from whole: ``mini``, a folder, or anything that ``load_model`` takes."""
    image: TowerConfig = TowerConfig()
    text: TowerConfig = TowerConfig()
    image_projection: ProjectionConfig = ProjectionConfig()
    text_projection: ProjectionConfig = ProjectionConfig()
    dim: int = Field(default=512, gt=0)
    """Length of the shared vectors; a started model keeps its own."""
    initial_logit_scale: float = Field(default=14.2857, gt=0)
    """What cosines are multiplied by at first (CLIP: 1/0.07); a started model keeps its own."""
    max_logit_scale: float = Field(default=100.0, gt=0)
    image_preparation: ImageConfig | None = None
    """Needed where a tower's folder has no ``preprocessor_config.json``; a started model keeps its own."""
    context_length: int | None = Field(default=None, gt=2)
    """Tokens of a text that are read, with the one before and the one after it; 52 by default. A
    started model keeps its own."""
    simplify: bool | None = None
    """Map traditional characters to simplified ones; by default they are. A started model keeps its own way."""

    def comes_from_start(self, name: TowerName) -> bool:
        """Whether a tower is that of ``start``."""
        tower = self.image if name == "image" else self.text
        return self.start is not None and tower.state != "scratch" and tower.weights is None

    @model_validator(mode="after")
    def _a_started_model_keeps_its_own(self) -> ModelConfig:
        for tower, names in _TOWER_SETTINGS.items():
            for name in names:
                if getattr(self, name) is not None and self.comes_from_start(tower):
                    raise ValueError(
                        Message(
                            "model.{name} is set, but the {tower} tower comes from model.start, which keeps its own; "
                            "leave it out",
                            name=name,
                            tower=tower,
                        )
                    )
        return self

    @model_validator(mode="after")
    def _towers_come_from_somewhere(self) -> ModelConfig:
        for name, tower in (("image", self.image), ("text", self.text)):
            if tower.state == "scratch" and tower.architecture is None:
                raise ValueError(
                    Message(
                        "model.{name}.state is scratch, so model.{name}.architecture must say what to build", name=name
                    )
                )
            if tower.state != "scratch" and tower.weights is None and self.start is None:
                raise ValueError(
                    Message(
                        "model.{name}.state is {state}, so model.{name}.weights or model.start must say "
                        "where its weights are",
                        name=name,
                        state=tower.state,
                    )
                )
        return self

    @model_validator(mode="after")
    def _pooling_is_put_on_a_pretrained_text_tower(self) -> ModelConfig:
        if self.image.pooling is not None:
            raise ValueError(Message("model.image.pooling is set, but pooling is for text towers; leave it out"))
        if self.text.pooling is not None and (self.text.state == "scratch" or self.text.weights is None):
            raise ValueError(
                Message(
                    "model.text.pooling is set, but it is put on a tower from model.text.weights alone; leave it out: "
                    "a started model keeps its own, and a tower from scratch begins as the mean of its tokens"
                )
            )
        return self
