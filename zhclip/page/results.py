"""From hits to HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from zhclip.messages import Language, translate

if TYPE_CHECKING:
    from zhclip.search import Hit


def results_html(hits: Sequence[Hit], language: Language, *, notes: Sequence[str] = ()) -> str:
    """A grid of pictures, best first.

    Args:
        hits: What was found.
        language: Of the words between them.
        notes: Warnings, shown above.

    Returns:
        HTML, with every value from outside escaped.
    """
    above = "".join(f'<p class="zc-note" role="status">{escape(note)}</p>' for note in notes)
    if not hits:
        return above + message_html(
            translate("Nothing fits", language), translate("Try other words, or fewer of them.", language)
        )
    return above + f'<ol class="zc-grid">{"".join(_tile(hit, language) for hit in hits)}</ol>'


def message_html(title: str, text: str, *, command: str | None = None, error: bool = False) -> str:
    """A card that says something instead of results: what is the matter, and what to do."""
    shown = f"<pre><code>{escape(command)}</code></pre>" if command else ""
    kind, role = ("zc-message zc-error", "alert") if error else ("zc-message", "status")
    return f'<div class="{kind}" role="{role}"><h2>{escape(title)}</h2><p>{escape(text)}</p>{shown}</div>'


def similar_html(identity: str, language: Language) -> str:
    """A line that says which picture the ones below it are like."""
    return (
        f'<p class="zc-like"><img src="/pictures/{identity}" alt="">{translate("Pictures like this one", language)}</p>'
    )


def _tile(hit: Hit, language: Language) -> str:
    identity = escape(hit.metadata["id"])
    caption = hit.caption or _readable(hit.path)
    label = escape(caption, quote=True)
    exact = f"{translate('cosine', language)} {hit.score:.3f}"
    score = f"{hit.relevance:.0%}" if hit.relevance is not None else f"{hit.score:.2f}"
    similar = escape(translate("Find similar", language))
    return (
        '<li class="zc-hit">'
        f'<a class="zc-picture" href="/pictures/{identity}?size=large" target="_blank" rel="noopener" title="{label}">'
        f'<img src="/pictures/{identity}" alt="{label}" loading="lazy" decoding="async"></a>'
        f'<p class="zc-caption" title="{escape(str(hit.path), quote=True)}">{escape(caption)}</p>'
        f'<p class="zc-line"><span class="zc-score" title="{escape(exact, quote=True)}">{score}</span>'
        f'<button type="button" class="zc-similar" data-id="{identity}">{similar}</button></p>'
        "</li>"
    )


def _readable(path: Path) -> str:
    # Names that are not valid UTF-8 hold surrogates, which no page can carry.
    return path.name.encode("utf-8", "replace").decode("utf-8")
