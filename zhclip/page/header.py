"""What stands above the query: the name, the library, the other language, queries to try."""

from __future__ import annotations

from zhclip.messages import Language
from zhclip.page.markup import attributes, close_button, icon, say, sprite, text_html

EXAMPLES = {
    "zh": ("夕阳 大海 沙滩", "没有人的海滩", "雪山", "沙滩上的遮阳伞", "一辆红色的汽车", "a campfire at night"),
    "en": ("a dog running on grass", "a beach without people", "a red car", "a campfire at night", "雪山", "彩虹"),
}

# Known before the page is drawn, so that nothing moves when it is.
HEAD = """<script>
document.documentElement.toggleAttribute('data-asked', /[?&](q|p|not|notp)=/.test(location.search));
</script>"""


def header_html(language: Language) -> str:
    """The name of the page, the library, and the switch to the other language."""
    other, name = ("en", "English") if language == "zh" else ("zh", "中文")
    return (
        f'{sprite()}<template class="zc-close-template">{close_button(language)}</template>'
        f'<header class="zc-header"><a class="zc-name" href="/{language}/">{icon("mark")}zhclip</a>'
        '<nav class="zc-nav">'
        f'<button type="button" class="zc-nav-button" data-sheet="library">{say("Library", language)}</button>'
        f'<a class="zc-nav-button zc-language" href="/{other}/" hreflang="{other}" lang="{other}">{name}</a></nav>'
        "</header>"
        f'<h1 class="zc-title">{say("Find a picture by saying what it shows", language)}</h1>'
    )


def examples_html(language: Language) -> str:
    """Queries to try."""
    buttons = "".join(
        f"<li><button{attributes(type='button', data_do='example', data_text=text)}>{text_html(text)}</button></li>"
        for text in EXAMPLES[language]
    )
    return f'<ul class="zc-examples"{attributes(aria_label=say("Examples", language))}>{buttons}</ul>'
