"""Pieces of captions: a few words in a row, as people type them into a search box."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from zhclip.models.segmentation import cut_words

PIECES = 2
"""Pieces that are cut from each caption."""
MOST_WORDS = 4
"""Words of a piece, at most."""

_WORD = re.compile(r"\w")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def cut_pieces(text: str, rng: np.random.Generator, count: int = PIECES) -> list[str]:
    """Cut pieces of one to four words from a text, at the borders of words (jieba's in Chinese).

    Args:
        text: A caption.
        rng: Which pieces.
        count: How many.

    Returns:
        Pieces, some of them perhaps alike; the text itself where it has no words.
    """
    chinese = bool(_CHINESE.search(text))
    words = [word for word in (cut_words(text) if chinese else text.split()) if _WORD.search(word)]
    if not words:
        return [text] * count
    pieces = []
    for _ in range(count):
        length = int(rng.integers(1, min(MOST_WORDS, len(words)) + 1))
        first = int(rng.integers(len(words) - length + 1))
        pieces.append(("" if chinese else " ").join(words[first : first + length]))
    return pieces


def pieces_of(texts: Sequence[str], seed: int) -> list[list[str]]:
    """The pieces of each of some texts; the same ones for the same seed."""
    rng = np.random.default_rng((seed, 3))
    return [cut_pieces(text, rng) for text in texts]
