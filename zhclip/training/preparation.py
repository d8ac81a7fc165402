"""How the model of a run reads its texts, known without loading the model."""

from __future__ import annotations

from pathlib import Path

from zhclip.models.checkpoint import read_preparation
from zhclip.models.location import find_model
from zhclip.models.text import TextPreparation
from zhclip.training.config import ModelConfig


def text_preparation(config: ModelConfig) -> TextPreparation:
    """The text preparation of a run's model: that of the model it starts from, else the configuration's.

    Raises:
        ModelError: The model to start from is not there, or not complete.
    """
    if config.start is not None:
        start = find_model(config.start)
        # A Chinese-CLIP checkpoint is one file, and was trained on texts as they stood.
        return read_preparation(start)[0] if start.is_dir() else TextPreparation(simplify=False)
    vocabulary = Path(config.text.weights or "") / "vocab.txt"
    if config.text.weights and vocabulary.is_file():
        return TextPreparation(vocabulary, config.context_length, config.simplify)
    return TextPreparation(context_length=config.context_length, simplify=config.simplify)
