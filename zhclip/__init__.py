"""zhclip: picture search in Chinese and English."""

from zhclip.errors import ZhclipError
from zhclip.evaluation import Classification, classify
from zhclip.models import Encoder, load_model
from zhclip.search import Hit, Library, Part, Query, RemoteLibrary, Results, search

__all__ = [
    "Classification",
    "Encoder",
    "Hit",
    "Library",
    "Part",
    "Query",
    "RemoteLibrary",
    "Results",
    "ZhclipError",
    "classify",
    "load_model",
    "search",
]
