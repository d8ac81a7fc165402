"""From what was found to HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zhclip.messages import Language, gettext_noop, translate
from zhclip.page.markup import attributes, button_html, icon_button, in_language, message_html, readable, say, text_html

if TYPE_CHECKING:
    from zhclip.library import Picture
    from zhclip.page.searcher import Found
    from zhclip.search import Hit

_NARROWEST, _WIDEST = 0.75, 2.2
"""Of a tile's sides; pictures beyond are cropped."""


def results_html(found: Found, language: Language) -> str:
    """The pictures that were found, best first; where there are none, what to do."""
    notes = "".join(
        f'<p class="zc-note" role="status">{text_html(translate(note, language))}</p>' for note in found.notes
    )
    if not found.hits:
        return notes + _nothing_html(found, language)
    return (
        f'{notes}<h2 class="zc-sr">{say("Results", language)}</h2>'
        f'<ol class="zc-grid" id="zc-grid"{attributes(data_next=found.next)}>{hits_html(found.hits, language)}</ol>'
        + more_button(found, language)
    )


def hits_html(hits: Sequence[Hit], language: Language) -> str:
    """The tiles of some hits."""
    return "".join(_hit_html(hit, language) for hit in hits)


def more_button(found: Found, language: Language) -> str:
    """The button that loads what comes after, or what hardly fits; empty where nothing does."""
    if found.more:
        button = button_html(say("Show more", language), data_more="")
    elif found.hidden:
        button = button_html(say("Show what hardly fits, too", language), data_more="anything")
    else:
        return ""
    return f'<p class="zc-more">{button}</p>'


def welcome_html(pictures: Sequence[Picture], language: Language) -> str:
    """Some of the library's pictures, to begin with."""
    tiles = "".join(
        _tile_html(
            picture.id,
            picture.caption or picture.path.name,
            picture.width / max(picture.height, 1),
            language,
            title=str(picture.path),
            line="",
        )
        for picture in pictures
    )
    return f'<h2 class="zc-heading">{say("In your library", language)}</h2><ol class="zc-grid zc-quiet">{tiles}</ol>'


def _nothing_html(found: Found, language: Language) -> str:
    if found.hidden:
        return message_html(
            say("Nothing fits well", language),
            say("No picture is likely to show this. Try other words, or look at what comes nearest.", language),
            more=button_html(say("Show the nearest anyway", language), data_do="anything"),
        )
    if found.filtered:
        return message_html(
            say("Nothing fits", language),
            say("No picture passes the filters.", language),
            more=button_html(say("Take the filters away", language), data_do="unfilter"),
        )
    return message_html(say("Nothing fits", language), say("Try other words, or fewer of them.", language))


def _hit_html(hit: Hit, language: Language) -> str:
    identity = hit.metadata["id"]
    exact = f"{say('cosine', language)} {hit.score:.3f}"
    if hit.relevance is None:
        score = f"{hit.score:.2f}"
    else:
        score, exact = f"{hit.relevance:.0%}", f"{say('relevance', language)} {hit.relevance:.1%}, {exact}"
    buttons = "".join(
        icon_button(name, say(label, language), **{f"data_{kind}": value, "data_id": identity})
        for name, label, kind, value in (
            ("similar", gettext_noop("More like this"), "do", "similar"),
            ("exclude", gettext_noop("Nothing like this"), "do", "exclude"),
            ("why", gettext_noop("Why this picture"), "sheet", "why"),
            ("folder", gettext_noop("Open folder"), "sheet", "folder"),
        )
    )
    return _tile_html(
        identity,
        hit.caption or hit.path.name,
        hit.metadata["width"] / max(hit.metadata["height"], 1),
        language,
        title=str(hit.path),
        line=f'<span class="zc-score"{attributes(title=exact)}>{score}</span><span class="zc-actions">{buttons}</span>',
    )


def _tile_html(identity: str, caption: str, ratio: float, language: Language, *, title: str, line: str) -> str:
    caption = readable(in_language(caption, language))
    ratio = min(max(ratio, _NARROWEST), _WIDEST)
    return (
        f'<li class="zc-hit"{attributes(data_id=identity)} style="--ratio:{ratio:.3f}">'
        f'<a class="zc-picture" target="_blank" rel="noopener"{attributes(href=f"../pictures/{identity}/original")}>'
        f'<img loading="lazy" decoding="async"{attributes(src=f"../pictures/{identity}", alt=caption)}></a>'
        f'<p class="zc-caption"{attributes(title=title)}>{text_html(caption)}</p>'
        f'{f"""<p class="zc-line">{line}</p>""" if line else ""}</li>'
    )
