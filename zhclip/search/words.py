"""Words as well as looks: two rankings made one by reciprocal rank fusion (Cormack, Clarke and Buettcher 2009)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from zhclip.errors import QueryError
from zhclip.library.picture import Picture
from zhclip.library.wording import to_words, words_about
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


def without_excluded(pictures: list[Picture], query: Query) -> list[Picture]:
    """Those of some pictures about which nothing is said that a query excludes: no text of it, word for word."""
    excluded = [_cut(to_words(part.text)) for part in query.exclude if part.text is not None]
    excluded = [words for words in excluded if words]
    if not excluded:
        return pictures
    said = [_cut(words_about(str(picture.path), picture.caption or "", picture.tags)) for picture in pictures]
    return [
        picture
        for picture, words in zip(pictures, said, strict=True)
        if not any(words.issuperset(unwanted) for unwanted in excluded)
    ]


def _cut(words: str) -> set[str]:
    # Cutting Chinese takes jieba, which takes a second to load.
    from zhclip.models.segmentation import cut_words

    return {word for word in cut_words(words) if word != " "}
