"""What a click on the page does to a search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zhclip.page.address import MOST_CHARACTERS, MOST_PARTS, Filters, Item, Search, nearest_weight, share
from zhclip.page.markup import readable


def act(search: Search, asked: dict[str, Any]) -> Search:
    """The search after a click.

    Args:
        search: The search before it.
        asked: ``do``, the name of the action, and its values, as the browser sent them: nothing of it is trusted.

    Returns:
        The search after it; unchanged where the action makes no sense.
    """
    text = readable(asked.get("text") or "").strip()[:MOST_CHARACTERS]
    picture = Search.parse(f"p={asked.get('id', '')}").parts
    on = bool(asked.get("to"))
    match asked.get("do"):
        case "example":
            return Search(parts=(Item(text=text),) if text else ())
        case "add" if text and len(search.parts) < MOST_PARTS:
            return replace(search, parts=(*search.parts, Item(text=text)))
        case "without" if text and len(search.exclude) < MOST_PARTS:
            return replace(search, exclude=(*search.exclude, Item(text=text)))
        case "exclude" if picture and len(search.exclude) < MOST_PARTS:
            return replace(search, exclude=(*search.exclude, *picture))
        case "similar" if picture:
            return Search(parts=picture, filters=search.filters)
        case "drop":
            return _dropped(search, str(asked.get("list")), _row(asked))
        case "weight" if 0 <= _row(asked) < len(search.parts):
            parts = list(search.parts)
            parts[_row(asked)] = replace(parts[_row(asked)], weight=nearest_weight(asked.get("to")))
            return replace(search, parts=tuple(parts))
        case "every":
            return replace(search, every=on)
        case "literal":
            return replace(search, literal=on)
        case "anything":
            return replace(search, anything="to" not in asked or on)
        case "filter" if isinstance(asked.get("values"), dict):
            values = asked["values"]
            return replace(search, filters=Filters.of(values), words=share(values.get("words", "0")))
        case "drop-filter":
            given = search.filters.given()
            given.pop(str(asked.get("name")), None)
            return replace(search, filters=Filters.of(given))
        case "unfilter":
            return replace(search, filters=Filters(), words=0.0)
        case "clear":
            return Search()
    return search


def _dropped(search: Search, kind: str, row: int) -> Search:
    if kind == "parts":
        parts = tuple(item for place, item in enumerate(search.parts) if place != row)
        return replace(search, parts=parts, every=search.every and len(parts) > 1)
    exclude = tuple(item for place, item in enumerate(search.exclude) if place != row)
    return replace(search, exclude=exclude) if kind == "exclude" else search


def _row(asked: dict[str, Any]) -> int:
    value = str(asked.get("row", ""))
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else -1
