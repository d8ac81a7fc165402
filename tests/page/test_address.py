"""A search in the page's address, and what clicks do to it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhclip.errors import QueryError
from zhclip.page.actions import act
from zhclip.page.address import WEIGHTS, Filters, Item, Search
from zhclip.search import Part

IDENTITY = "0123456789abcdef" * 2
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(letters, min_size=1, max_size=30).map(str.strip).filter(bool)
items = st.one_of(
    st.builds(Item, text=texts, weight=st.sampled_from(WEIGHTS)),
    st.builds(Item, picture=st.sampled_from([IDENTITY, "u" + IDENTITY]), weight=st.sampled_from(WEIGHTS)),
)
searches = st.builds(
    Search,
    parts=st.lists(items, max_size=5).map(tuple),
    exclude=st.lists(items, max_size=5).map(tuple),
    every=st.booleans(),
    literal=st.booleans(),
    anything=st.booleans(),
    words=st.integers(0, 10).map(lambda tenths: tenths / 10),
    filters=st.builds(Filters, folder=texts, since=st.just("2024-05-31"), tags=texts),
)


@given(searches)
def test_an_address_gives_the_search_that_it_was_made_of(search: Search) -> None:
    assert Search.parse(search.address()) == search


@given(st.text(max_size=200))
def test_any_address_is_read(address: str) -> None:
    assert isinstance(Search.parse(address).address(), str)


def test_what_makes_no_sense_in_an_address_is_passed_over() -> None:
    search = Search.parse(f"?q=&q=a&w=nan&p=../etc/passwd&p={IDENTITY}&w=7&w=x&words=5&every=2&what=ever")
    assert search == Search(parts=(Item(text="a"), Item(picture=IDENTITY, weight=1.0)))


def test_the_box_replaces_the_first_text_and_the_dropped_pictures() -> None:
    search = Search.parse(f"q=a&q=b&p=u{IDENTITY}&p={IDENTITY}")
    new = "u" + "f" * 32
    sent = search.with_box("c", [new])
    assert [item.text or item.picture for item in sent.parts] == ["c", "b", IDENTITY, new]
    assert search.with_box("", []).text == "b"


def test_a_search_becomes_a_query() -> None:
    search = Search.parse(
        f"q=花&q=蜜蜂&w=2&notp={IDENTITY}&every=1&literal=1&words=0.3&anything=1&folder=/photos&since=2024-05-31"
        "&format=jpeg,PNG&shape=square&width=800&tags=海滩，家人&near=30.25,+120.15&km=5"
    )
    query = search.to_query(lambda key: Path(f"/photos/{key}"))
    assert query.parts == (Part("花"), Part("蜜蜂", 2))
    assert query.exclude == (Part(Path(f"/photos/{IDENTITY}")),)
    assert (query.every, query.negation, query.words, query.min_relevance) == (True, False, 0.3, 0.0)
    where = query.where
    assert where is not None
    assert (where.folder, where.taken_from, where.formats) == (Path("/photos"), date(2024, 5, 31), ("jpeg", "PNG"))
    assert (where.orientation, where.min_width, where.tags) == ("square", 800, ("海滩", "家人"))
    assert (where.near, where.within_km) == ((30.25, 120.15), 5.0)


@pytest.mark.parametrize(
    "filters",
    [
        "since=31.5.2024",
        "near=here",
        "near=1,2,3",
        "width=wide",
        "width=-1",
        "near=1,2&km=x",
        "folder=~nobody-of-this-name/x",
    ],
)
def test_a_filter_that_makes_no_sense_is_a_query_error(filters: str) -> None:
    with pytest.raises(QueryError, match="write"):
        Search.parse(f"q=a&{filters}").to_query(Path)


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ({"do": "example", "text": "雪山"}, "q=雪山"),
        ({"do": "add", "text": "c"}, "q=a&q=b&c&not=x&q=c"),
        ({"do": "without", "text": " y "}, "q=a&q=b&not=x&not=y"),
        ({"do": "exclude", "id": IDENTITY}, f"q=a&q=b&not=x&notp={IDENTITY}"),
        ({"do": "similar", "id": IDENTITY}, f"p={IDENTITY}"),
        ({"do": "drop", "list": "parts", "row": "0"}, "q=b&not=x"),
        ({"do": "drop", "list": "exclude", "row": 0}, "q=a&q=b"),
        ({"do": "weight", "row": "1", "to": "3"}, "q=a&q=b&w=3&not=x"),
        ({"do": "every", "to": "1"}, "q=a&q=b&not=x&every=1"),
        ({"do": "literal", "to": "1"}, "q=a&q=b&not=x&literal=1"),
        ({"do": "anything"}, "q=a&q=b&not=x&anything=1"),
        ({"do": "filter", "values": {"shape": "square", "words": "0.5"}}, "q=a&q=b&not=x&words=0.5&shape=square"),
        ({"do": "clear"}, ""),
        ({"do": "similar", "id": "../x"}, "q=a&q=b&not=x"),
        ({"do": "weight", "row": "9", "to": "3"}, "q=a&q=b&not=x"),
        ({"do": "drop", "list": "parts", "row": "x"}, "q=a&q=b&not=x"),
        ({"do": ["nonsense"], "text": {}}, "q=a&q=b&not=x"),
        ({}, "q=a&q=b&not=x"),
    ],
)
def test_a_click_changes_the_search(asked: dict[str, object], address: str) -> None:
    assert act(Search.parse("q=a&q=b&not=x"), asked) == Search.parse(address)
