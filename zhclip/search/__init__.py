"""Searching a photo library: queries in, hits out.

Importing this package loads neither torch nor pymilvus: a search does, when it needs them.
"""

from zhclip.library import Where
from zhclip.search.describing import Caption
from zhclip.search.explanation import Explanation, Word
from zhclip.search.library import Library, default_location, search
from zhclip.search.query import Hit, Part, Query, Results
from zhclip.search.remote import RemoteLibrary

__all__ = [
    "Caption",
    "Explanation",
    "Hit",
    "Library",
    "Part",
    "Query",
    "RemoteLibrary",
    "Results",
    "Where",
    "Word",
    "default_location",
    "search",
]
