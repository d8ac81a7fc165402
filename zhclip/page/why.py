"""Why a picture was found: the words of the query that carried it, and the places in the picture."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from PIL import Image

from zhclip.messages import Language
from zhclip.models import open_image
from zhclip.page.markup import attributes, say, text_html

if TYPE_CHECKING:
    from pathlib import Path

    from zhclip.search.explanation import Explanation

_LONGEST = 900


def why_html(explanation: Explanation, file: bytes, path: Path, language: Language) -> str:
    """What a sheet says of a hit.

    Args:
        explanation: Why it was found.
        file: The picture, as a file.
        path: Where it is.
        language: Of the words between.
    """
    parts = []
    if explanation.heat is not None:
        picture = open_image(file, shrink_to=_LONGEST)
        picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
        plain, heat = _data(picture), _data(explanation.overlay(picture))
        seen = say("The picture, with warm colours where it fits the query", language)
        legend = say("Warm colours: where the picture fits the query. Press on it to see it plain.", language)
        parts.append(
            f'<figure class="zc-heat"><img{attributes(src=heat, alt=seen)}>'
            f'<img class="zc-plain"{attributes(src=plain, alt="")}><figcaption>{legend}</figcaption></figure>'
        )
    if explanation.words:
        parts.append(f"<h3>{say('What each word did', language)}</h3>{_words_html(explanation, language)}")
    return f'<div class="zc-why">{"".join(parts)}</div><p class="zc-path">{text_html(path)}</p>'


def _words_html(explanation: Explanation, language: Language) -> str:
    words, asked = explanation.words, len(explanation.query.parts)
    most = max((abs(word.contribution) for word in words), default=0.0) or 1.0
    rows = []
    for word in words:
        meaning = say("spoke for this picture" if word.contribution >= 0 else "spoke against it", language)
        kind = "zc-for" if word.contribution >= 0 else "zc-against"
        bar = attributes(style=f"--part:{abs(word.contribution) / most:.3f}", title=meaning)
        excluded = f'<span class="zc-not">{say("without", language)} </span>' if word.part >= asked else ""
        rows.append(
            f"<tr><th scope='row'>{excluded}{text_html(word.text)}</th>"
            f'<td><span class="zc-bar {kind}"{bar}></span></td><td>{word.contribution:+.3f}</td></tr>'
        )
    return f'<table class="zc-words-table"><tbody>{"".join(rows)}</tbody></table>'


def _data(picture: Image.Image) -> str:
    content = io.BytesIO()
    picture.convert("RGB").save(content, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()
