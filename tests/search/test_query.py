"""How queries are made, and what they refuse."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from zhclip.errors import QueryError
from zhclip.models.text import visible
from zhclip.search import Part, Query, Where

texts = st.text(min_size=1).map(visible).filter(lambda text: bool(text.strip()))
weights = st.floats(min_value=1e-3, max_value=1e3)
contents = texts | st.just(Path("dog.jpg")) | st.binary() | st.just(Image.new("RGB", (2, 2)))
parts = st.builds(Part, contents, weights)
shares = st.floats(0, 1)


@given(
    st.lists(contents | parts, min_size=1, max_size=4),
    st.lists(contents | parts, max_size=3),
    st.booleans(),
    st.booleans(),
    shares,
    st.none() | shares,
)
def test_a_query_says_what_it_was_made_of(
    asked: list[Any], excluded: list[Any], every: bool, negation: bool, words: float, least: float | None
) -> None:
    where = Where(tags=("海",))
    query = Query(
        *asked,
        exclude=excluded,
        every=every,
        where=where,
        negation=negation,
        words=words,
        min_relevance=least,
    )
    assert [part.content for part in query.parts] == [getattr(part, "content", part) for part in asked]
    assert [part.weight for part in query.parts] == [getattr(part, "weight", 1.0) for part in asked]
    assert len(query.exclude) == len(excluded)
    assert (query.every, query.where, query.negation) == (every, where, negation)
    assert (query.words, query.min_relevance) == (words, least)
    assert all(part.text is None or part.text.strip() for part in (*query.parts, *query.exclude))


@given(st.lists(parts, min_size=1, max_size=3), st.lists(parts, max_size=2), st.booleans())
def test_what_is_understood_loses_nothing_and_is_understood_once(
    asked: list[Part], excluded: list[Part], every: bool
) -> None:
    query = Query(*asked, exclude=excluded, every=every, words=0.5)
    read = query.interpreted()
    assert not read.negation
    assert read.interpreted() is read
    assert [part.weight for part in read.parts] == [part.weight for part in query.parts]
    assert read.exclude[: len(excluded)] == query.exclude
    assert (read.every, read.where, read.words) == (query.every, query.where, query.words)
    literal = Query(*asked, exclude=excluded, negation=False)
    assert literal.interpreted() is literal


def test_negation_becomes_an_exclusion() -> None:
    read = Query(Part("没有人的海滩", 2.0), "狗", exclude="船").interpreted()
    assert [(part.text, part.weight) for part in read.parts] == [("海滩", 2.0), ("狗", 1.0)]
    assert [part.text for part in read.exclude] == ["船", "人"]


@given(st.floats().filter(lambda weight: not (math.isfinite(weight) and weight > 0)))
def test_weights_that_are_none_are_refused(weight: float) -> None:
    with pytest.raises(QueryError, match="weight must be above 0"):
        Part("海", weight)


@given(st.text(alphabet=" \t\n\u3000"))
def test_blank_texts_are_refused(blank: str) -> None:
    for make in (lambda: Part(blank), lambda: Query(blank), lambda: Query("海", exclude=blank)):
        with pytest.raises(QueryError, match="query is empty"):
            make()


@given(st.floats().filter(lambda share: not 0 <= share <= 1))
def test_shares_beyond_0_and_1_are_refused(share: float) -> None:
    for name in ("words", "min_relevance"):
        with pytest.raises(QueryError, match=f"{name} must be 0 to 1"):
            Query("海", **{name: share})  # type: ignore[arg-type]


def test_a_query_of_nothing_is_refused() -> None:
    with pytest.raises(QueryError, match="query is empty"):
        Query(exclude="人")
    with pytest.raises(QueryError, match="not of int"):
        Query(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("minus", "-－–−‐‑‒—―﹘﹣")
def test_a_dash_of_any_kind_before_a_word_excludes_it(minus: str) -> None:
    assert Query(f"海滩 {minus}人").interpreted() == Query("海滩", exclude="人", negation=False)
    assert Query(f"a beach {minus}people").interpreted() == Query("a beach", exclude="people", negation=False)


@pytest.mark.parametrize("text", ["海滩——人", "海滩 — 人", "a beach—people", "2010–2015"])
def test_a_dash_that_joins_or_parts_excludes_nothing(text: str) -> None:
    assert Query(text).interpreted() == Query(text, negation=False)


@pytest.mark.parametrize(
    "invisible", ["\u200b", "\u200d", "\ufeff", "\u2060", "\u200e", "\u202e", "\u2066", "\u00ad", "\ufe0f"]
)
def test_what_nobody_sees_changes_no_query(invisible: str) -> None:
    assert Query(f"{invisible}没{invisible}有人的海滩{invisible}").interpreted() == Query("没有人的海滩").interpreted()
    with pytest.raises(QueryError, match="empty"):
        Query(invisible * 3)
