"""zhclip: picture search in Chinese and English."""

from zhclip.models import Encoder, load_model
from zhclip.search import Hit, Library, Query, search

__all__ = ["Encoder", "Hit", "Library", "Query", "load_model", "search"]
