"""zhclip: picture search in Chinese and English."""

from zhclip.models import Encoder, load_model

__all__ = ["Encoder", "load_model"]
