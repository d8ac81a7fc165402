"""What stands above the query: the name, the library, the other language, queries to try."""

from __future__ import annotations

from zhclip.messages import Language, gettext_noop
from zhclip.page.markup import attributes, close_button, icon, message_html, say, sprite, text_html

EXAMPLES = {
    "zh": ("夕阳 大海 沙滩", "没有人的海滩", "雪山", "沙滩上的遮阳伞", "一辆红色的汽车", "a campfire at night"),
    "en": ("a dog running on grass", "a beach without people", "a red car", "a campfire at night", "雪山", "彩虹"),
}

_OF_A_FORM = 20_000
"""Bytes beside the files."""
_FAILURES = {
    "busy": gettext_noop("There is a lot to do at the moment; try again in a moment."),
    "too_large": gettext_noop("That is too large to send; choose smaller pictures, or fewer."),
    "away": gettext_noop("zhclip does not answer; it may have been stopped. Start it again, and reload the page."),
    "failed": gettext_noop("Something went wrong in zhclip; its log says what."),
}
# Known before the page is drawn, so that nothing moves when it is.
HEAD = """<script>
document.documentElement.toggleAttribute('data-asked', /[?&](q|p|not|notp)=/.test(location.search));
</script>"""


def header_html(language: Language, *, max_upload: int) -> str:
    """The name of the page, the library, and the switch to the other language.

    Args:
        language: Of the words.
        max_upload: The most bytes that may be sent at once.
    """
    other, name = ("en", "English") if language == "zh" else ("zh", "中文")
    return (
        f'{sprite()}<template class="zc-close-template">{close_button(language)}</template>{_failures_html(language)}'
        f'<header class="zc-header"{_for_the_script(language, max_upload)}>'
        f'<a class="zc-name" href="./">{icon("mark")}zhclip</a>'
        '<nav class="zc-nav">'
        f'<button type="button" class="zc-nav-button" data-sheet="library">{say("Library", language)}</button>'
        f'<a class="zc-nav-button zc-language" href="../{other}/" hreflang="{other}" lang="{other}">{name}</a></nav>'
        "</header>"
        f'<h1 class="zc-title">{say("Find a picture by saying what it shows", language)}</h1>'
    )


def _for_the_script(language: Language, max_upload: int) -> str:
    return attributes(data_language=language, data_most=max_upload - _OF_A_FORM)


def _failures_html(language: Language) -> str:
    """What the script shows where no answer comes from the service."""
    cards = "".join(
        f"<div{attributes(data_code=code)}>"
        + message_html(say("That did not work", language), say(text, language), error=True)
        + "</div>"
        for code, text in _FAILURES.items()
    )
    return f'<template class="zc-failures-template">{cards}</template>'


def examples_html(language: Language) -> str:
    """Queries to try."""
    buttons = "".join(
        f"<li><button{attributes(type='button', data_do='example', data_text=text)}>{text_html(text)}</button></li>"
        for text in EXAMPLES[language]
    )
    return f'<ul class="zc-examples"{attributes(aria_label=say("Examples", language))}>{buttons}</ul>'
