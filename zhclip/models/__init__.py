"""Models: names to encoders, text and picture preparation, checkpoints.

Importing this package loads neither torch nor transformers: :func:`load_model` does, when called.
"""

from zhclip.models.calibration import Calibration
from zhclip.models.encoder import Encoder
from zhclip.models.image import ImagePreparation, ImageSource, open_image
from zhclip.models.loading import load_model
from zhclip.models.text import TextPreparation, normalize

__all__ = [
    "Calibration",
    "Encoder",
    "ImagePreparation",
    "ImageSource",
    "TextPreparation",
    "load_model",
    "normalize",
    "open_image",
]
