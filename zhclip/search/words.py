"""Words as well as looks: two rankings made one by reciprocal rank fusion (Cormack, Clarke and Buettcher 2009)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from zhclip.errors import QueryError
from zhclip.search.query import Query

DEPTH = 500
"""How much of each ranking is looked at, at least: the pages of that many hits are of one order."""
_K = 60
"""Damps the first ranks, as in the paper."""


def fuse(by_looks: Sequence[str], by_words: Sequence[str], share: float) -> list[str]:
    """Make one ranking of two.

    Each thing scores ``(1 - share) / (60 + rank)`` in the first and ``share / (60 + rank)`` in the
    second; one that a ranking does not hold scores nothing there.

    Args:
        by_looks: Best first, without repetition.
        by_words: The same.
        share: How much the second counts, 0 to 1.

    Returns:
        All things that score, best first; of equals, those first that look better.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    for ranking, weight in ((by_looks, 1 - share), (by_words, share)):
        if weight:
            for rank, thing in enumerate(ranking, 1):
                scores[thing] += weight / (_K + rank)
    return sorted(scores, key=scores.__getitem__, reverse=True)


def words_of(query: Query) -> str:
    """The words that a query asks for; pictures have none.

    Raises:
        QueryError: It is to go by words alone, and has none.
    """
    text = " ".join(part.text for part in query.parts if part.text is not None)
    if query.words == 1 and not text:
        raise QueryError("the query is to go by words alone (words 1) and has none; add a text, or lower words")
    return text
