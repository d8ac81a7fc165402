"""Pieces of HTML that every part of the page is made of."""

from __future__ import annotations

import re
from html import escape

from zhclip.messages import Language, translate

_ICONS = {
    "mark": '<rect width="24" height="24" rx="6.5" fill="#0f766e"/><circle cx="10.6" cy="10.6" r="4.9" stroke="#fff" '
    'stroke-width="2.3"/><path d="m14.3 14.3 4.5 4.5" stroke="#fff" stroke-width="2.3"/>',
    "similar": '<rect x="3.5" y="7.5" width="13" height="13" rx="2.5"/><path d="M8 3.5h10a2.5 2.5 0 0 1 2.5 2.5v10"/>',
    "exclude": '<circle cx="12" cy="12" r="8.5"/><path d="M8 12h8"/>',
    "why": '<circle cx="12" cy="12" r="8.5"/><path d="M9.6 9.6a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.9-1.1 1.8M12 16.6v.1"/>',
    "folder": '<path d="M3.5 7.5a2 2 0 0 1 2-2h3.6l2 2.5h7.4a2 2 0 0 1 2 2v6.5a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2z"/>',
    "close": '<path d="m6.5 6.5 11 11m0-11-11 11"/>',
    "plus": '<path d="M12 5.5v13M5.5 12h13"/>',
    "minus": '<path d="M5.5 12h13"/>',
}


def sprite() -> str:
    """The icons, once for the whole page."""
    symbols = "".join(
        f'<symbol id="zc-{name}" viewBox="0 0 24 24" fill="none" stroke-linecap="round" stroke-linejoin="round">'
        f"{shape}</symbol>"
        for name, shape in _ICONS.items()
    )
    return f'<svg class="zc-sprite" aria-hidden="true">{symbols}</svg>'


def icon(name: str) -> str:
    """An icon of the sprite; what it stands for is said beside it."""
    return f'<svg class="zc-icon" aria-hidden="true"><use href="#zc-{name}"/></svg>'


def favicon() -> str:
    """The mark as a picture of its own."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none">{_ICONS["mark"]}</svg>'


def attributes(**values: object) -> str:
    """Attributes of an element, escaped; ``data_id`` stands for ``data-id``."""
    return "".join(f' {name.replace("_", "-")}="{escape(readable(value))}"' for name, value in values.items())


def icon_button(name: str, label: str, **values: object) -> str:
    """A round button of an icon, with its meaning for the pointer and for screen readers."""
    return (
        f'<button type="button" class="zc-icon-button"{attributes(title=label, aria_label=label, **values)}>'
        f"{icon(name)}</button>"
    )


def button_html(label: str, *, main: bool = False, kind: str = "button", **values: object) -> str:
    """A button of words; the main one of its place stands out."""
    looks = "zc-button zc-main" if main else "zc-button"
    return f'<button type="{kind}" class="{looks}"{attributes(**values)}>{text_html(label)}</button>'


def close_button(language: Language) -> str:
    """The button that closes a sheet."""
    label = say("Close", language)
    return (
        f'<button type="button" class="zc-icon-button zc-close" data-close{attributes(title=label, aria_label=label)}>'
        f"{icon('close')}</button>"
    )


def message_html(title: str, text: str, *, more: str = "", error: bool = False) -> str:
    """A card that says something: what is the matter, and what to do.

    Args:
        title: The matter.
        text: What to do.
        more: HTML below: a command, a button.
        error: Something failed.
    """
    kind, role = ("zc-message zc-error", "alert") if error else ("zc-message", "status")
    return f'<div class="{kind}" role="{role}"><h2>{text_html(title)}</h2><p>{text_html(text)}</p>{more}</div>'


def command_html(command: str) -> str:
    """A command to type."""
    return f"<pre><code>{text_html(command)}</code></pre>"


def text_html(text: object) -> str:
    """Text, escaped."""
    return escape(readable(text))


def readable(text: object) -> str:
    """Text without the surrogates of file names that are not valid UTF-8, which no page can carry."""
    return str(text).encode("utf-8", "replace").decode("utf-8")


def in_language(caption: str, language: Language) -> str:
    """The half in a language of a caption that says the same in Chinese and English, as ``雪山 · A snow mountain``."""
    halves = caption.split(" · ")
    chinese = [bool(re.search("[㐀-鿿]", half)) for half in halves]
    if sorted(chinese) != [False, True]:
        return caption
    return halves[chinese.index(language == "zh")]


def say(message: str, language: Language, **values: object) -> str:
    """A message in a language, filled."""
    return translate(message, language, **values)
