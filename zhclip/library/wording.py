"""What is said about a picture, as the words of an index: its caption, its tags and its file's name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zhclip.models.text import normalize, to_simplified

ANALYZER: dict[str, Any] = {
    "tokenizer": "jieba",
    "filter": [
        "lowercase",
        {"type": "stop", "stop_words": [" ", *"的了着是在和与", "a", "an", "the", "of", "and", "is", "are"]},
        {"type": "stemmer", "language": "english"},
    ],
}
"""How Milvus cuts a text into words: Chinese by jieba, English by its stems (dogs are found by dog)."""

MOST_LETTERS = 16_000
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def to_words(text: str) -> str:
    """A text as it is indexed and asked for: its words, with one space between them.

    Letters and digits come apart (``IMG_sunset-2023`` is three words), traditional characters
    become simplified ones, and full-width letters half-width ones.

    Args:
        text: Anything, at most :data:`MOST_LETTERS` of which are read.

    Returns:
        Words and spaces alone; ``""`` where there is no word.
    """
    spaced = _CAMEL.sub(" ", text[:MOST_LETTERS])
    return to_simplified(" ".join(_WORD.findall(normalize(spaced, simplify=False))))[:MOST_LETTERS]


def words_about(path: str, caption: str, tags: Iterable[str]) -> str:
    """The words about a picture file: of its name, its tags and its caption."""
    return to_words(" ".join((Path(path).stem, *tags, caption)))
