"""How the model of a run reads its texts, known without loading the model."""

from __future__ import annotations

from typing import Any

from zhclip.errors import ConfigError
from zhclip.models.checkpoint import find_vocabulary, read_preparation
from zhclip.models.location import find_model
from zhclip.models.text import TextPreparation
from zhclip.training.model_config import ModelConfig


def text_preparation(config: ModelConfig) -> TextPreparation:
    """The text preparation of a run's model.

    That of the model it starts from; of a text tower with weights of its own, or from
    scratch without such a model, the configuration's, with the vocabulary beside the weights.

    Raises:
        ConfigError: There is no vocabulary beside the weights.
        ModelError: The model to start from, or the weights, are not there or not complete.
    """
    weights = config.text.weights
    if config.start is not None and weights is None:
        start = find_model(config.start)
        # A Chinese-CLIP checkpoint is one file, and was trained on texts as they stood.
        return read_preparation(start)[0] if start.is_dir() else TextPreparation(simplify=False)
    settings: dict[str, Any] = {"context_length": config.context_length, "simplify": config.simplify}
    if weights is not None and config.text.state != "scratch":
        folder = find_model(weights)
        settings["vocabulary"] = find_vocabulary(folder)
        if settings["vocabulary"] is None:
            raise ConfigError(
                "{folder} has neither vocab.txt nor tokenizer.json; put the vocabulary there that the "
                "text tower was trained with",
                folder=folder,
            )
    return TextPreparation(**{name: value for name, value in settings.items() if value is not None})
