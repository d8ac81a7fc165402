"""The query below its box: its parts and exclusions as chips, its switches, its filters."""

from __future__ import annotations

from collections.abc import Sequence

from zhclip.messages import Language, gettext_noop
from zhclip.page.address import WEIGHTS, Item, Search
from zhclip.page.markup import attributes, button_html, icon, say, text_html
from zhclip.page.searcher import is_of_library

_FORMATS = ("JPEG", "PNG", "HEIF", "WEBP", "GIF", "TIFF", "AVIF", "BMP")
_FILTER_NAMES = {
    "folder": gettext_noop("Folder"),
    "name": gettext_noop("File name"),
    "since": gettext_noop("From"),
    "until": gettext_noop("Until"),
    "format": gettext_noop("Format"),
    "shape": gettext_noop("Shape"),
    "width": gettext_noop("Width from"),
    "height": gettext_noop("Height from"),
    "tags": gettext_noop("Tags"),
    "near": gettext_noop("Near"),
    "km": gettext_noop("Within km"),
}
SHAPES = {
    "landscape": gettext_noop("Landscape"),
    "portrait": gettext_noop("Portrait"),
    "square": gettext_noop("Square"),
}


def panel_html(search: Search, understood: Sequence[str], language: Language) -> str:
    """The chips and switches of a search.

    Args:
        search: The search.
        understood: What its negations were understood to exclude.
        language: Of the words between.
    """
    address = attributes(data_at=search.address())
    if not (search.parts or search.exclude or search.filters.given()):
        return f'<div class="zc-panel"{address}></div>'
    several = len(search.parts) > 1
    chips = [
        _chip("parts", row, item, language, weighted=several)
        for row, item in enumerate(search.parts)
        if several or item.picture
    ]
    chips += [_chip("exclude", row, item, language, weighted=False) for row, item in enumerate(search.exclude)]
    chips += [_understood_chip(text, language) for text in understood]
    chips += [_filter_chip(name, value, language) for name, value in search.filters.given().items()]
    if search.parts:
        chips += [
            _adder("add", "plus", gettext_noop("and also…"), language),
            _adder("without", "minus", gettext_noop("without…"), language),
        ]
    switches = []
    if several:
        switches.append(_switch("every", gettext_noop("All of these in one picture"), search.every, language))
    if understood or search.literal:
        switches.append(_switch("literal", gettext_noop("Take my words literally"), search.literal, language))
    if search.anything:
        switches.append(_switch("anything", gettext_noop("Show what hardly fits, too"), True, language))
    chips += switches
    clear = (
        f'<li><button type="button" class="zc-clear" data-do="clear">{say("Start over", language)}</button></li>'
        if search.parts
        else ""
    )
    return (
        f'<div class="zc-panel"{address}><ul class="zc-chips"{attributes(aria_label=say("The query", language))}>'
        f"{''.join(chips)}{clear}</ul></div>"
    )


def filters_html(search: Search, folders: Sequence[str], language: Language) -> str:
    """The fold-out of filters.

    Args:
        search: The search, whose filters are filled in.
        folders: Folders of the library, to choose from.
        language: Of the words between.
    """
    filters = search.filters
    known = "".join(f"<option{attributes(value=folder)}></option>" for folder in folders)
    formats = "".join(_option(name, name, filters.format.upper()) for name in _FORMATS)
    shapes = "".join(_option(value, say(name, language), filters.shape) for value, name in SHAPES.items())
    nothing = f'<option value="">{say("Any", language)}</option>'

    def control(name: str, kind: str = "text", **more: str) -> str:
        value = getattr(filters, name)
        return _labelled(name, language, f"<input{attributes(type=kind, name=name, value=value, **more)}>")

    words = attributes(type="range", name="words", min="0", max="1", step="0.1", value=f"{search.words:g}")
    return (
        f'<details class="zc-filters"><summary>{say("Filters", language)}</summary>'
        '<form class="zc-form" data-form="filter">'
        + control("folder", list="zc-folders", placeholder="~/Pictures")
        + control("name")
        + control("since", "date")
        + control("until", "date")
        + _labelled("format", language, f'<select name="format">{nothing}{formats}</select>')
        + _labelled("shape", language, f'<select name="shape">{nothing}{shapes}</select>')
        + control("width", "number", min="0", placeholder="px")
        + control("height", "number", min="0", placeholder="px")
        + control("tags", placeholder=say("beach, family", language))
        + control("near", placeholder="30.25, 120.15", inputmode="text")
        + control("km", "number", min="0", step="any", placeholder="10")
        + f'<label class="zc-words"><span>{say("Captions and names count too", language)}</span><input{words}></label>'
        + f'<datalist id="zc-folders">{known}</datalist>'
        '<p class="zc-refused" role="alert"></p><p class="zc-form-end">'
        + button_html(say("Apply", language), main=True, kind="submit")
        + button_html(say("Take the filters away", language), data_do="unfilter")
        + "</p></form></details>"
    )


def _chip(kind: str, row: int, item: Item, language: Language, *, weighted: bool) -> str:
    name = item.text or say("picture", language)
    excluded = f'<span class="zc-not">{say("without", language)}</span>' if kind == "exclude" else ""
    shown = (
        f'<span class="zc-chip-text"{attributes(title=item.text)}>{text_html(item.text)}</span>'
        if item.text
        else f'<img class="zc-chip-picture"{attributes(src=f"../{_place(item.picture)}/{item.picture}", alt=name)}>'
    )
    weights = ""
    if weighted:
        place = WEIGHTS.index(item.weight)
        less, more = WEIGHTS[max(place - 1, 0)], WEIGHTS[min(place + 1, len(WEIGHTS) - 1)]
        weights = (
            _small_button("minus", say("{name} counts less", language, name=name), "weight", row, to=f"{less:g}")
            + f'<span class="zc-weight">×{item.weight:g}</span>'
            + _small_button("plus", say("{name} counts more", language, name=name), "weight", row, to=f"{more:g}")
        )
    close = _small_button("close", say("Take {name} away", language, name=name), "drop", row, list=kind)
    return f'<li class="zc-chip zc-{kind}">{excluded}{shown}{weights}{close}</li>'


def _place(picture: str) -> str:
    return "pictures" if is_of_library(picture) else "uploads"


def _understood_chip(text: str, language: Language) -> str:
    hint = attributes(title=say("Understood from your words", language))
    return (
        f'<li class="zc-chip zc-exclude zc-understood"{hint}><span class="zc-not">{say("without", language)}</span>'
        f'<span class="zc-chip-text">{text_html(text)}</span></li>'
    )


def _filter_chip(name: str, value: str, language: Language) -> str:
    label = say(_FILTER_NAMES[name], language)
    shown = say(SHAPES[value], language) if name == "shape" and value in SHAPES else value
    close = _small_button("close", say("Take {name} away", language, name=label), "drop-filter", 0, name=name)
    return (
        f'<li class="zc-chip zc-filter"><span class="zc-not">{label}</span>'
        f'<span class="zc-chip-text"{attributes(title=value)}>{text_html(shown)}</span>{close}</li>'
    )


def _adder(action: str, sign: str, hint: str, language: Language) -> str:
    values = attributes(name="text", placeholder=say(hint, language), aria_label=say(hint, language), maxlength="1000")
    return (
        f'<li class="zc-adder"><form data-form="{action}">{icon(sign)}'
        f'<input id="zc-{action}" type="text" autocomplete="off" size="9"{values}></form></li>'
    )


def _switch(action: str, label: str, on: bool, language: Language) -> str:
    state = attributes(role="switch", aria_checked=str(on).lower(), data_do=action, data_to="" if on else "1")
    return f'<li><button type="button" class="zc-switch"{state}><i></i>{say(label, language)}</button></li>'


def _small_button(sign: str, label: str, action: str, row: int, **values: str) -> str:
    data = {f"data_{name}": value for name, value in values.items()}
    said = attributes(title=label, aria_label=label, data_do=action, data_row=row, **data)
    return f'<button type="button" class="zc-small"{said}>{icon(sign)}</button>'


def _labelled(name: str, language: Language, control: str) -> str:
    return f'<label class="zc-field-{name}"><span>{say(_FILTER_NAMES[name], language)}</span>{control}</label>'


def _option(value: str, name: str, chosen: str) -> str:
    selected = " selected" if value == chosen else ""
    return f"<option{attributes(value=value)}{selected}>{text_html(name)}</option>"
