"""Which field of an entry is a caption, and in which language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zhclip.errors import DataError

UNLABELLED = ("caption", "captions", "text", "texts", "title", "txt")
"""Fields that hold captions and do not say in which language; the first that has any counts."""

_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_WORD = re.compile(r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")


def language_of(text: str) -> str:
    """``zh`` where a text has at least as many Chinese characters as words of other scripts, else ``en``."""
    chinese = len(_CHINESE.findall(text))
    return "zh" if chinese and chinese >= len(_WORD.findall(text)) else "en"


def captions_of(fields: Mapping[str, Any], columns: Mapping[str, str], place: str) -> dict[str, list[str]]:
    """The captions of an entry by language, as they stand, blank ones included.

    A text whose field does not name its language goes by its script, where the entry has
    no text of its own in that language.

    Args:
        fields: The entry's fields.
        columns: For each language that is wanted, the field that holds it.
        place: Where the entry stands, for messages.

    Raises:
        DataError: A caption is neither a text nor a list of texts.
    """
    captions = {language: _texts(fields.get(column), column, place) for language, column in columns.items()}
    labelled = {language for language, texts in captions.items() if any(text.strip() for text in texts)}
    for column in UNLABELLED:
        if column in columns.values() or not (texts := _texts(fields.get(column), column, place)):
            continue
        for text in texts:
            language = language_of(text)
            if language in captions and language not in labelled:
                captions[language].append(text)
        break
    return captions


def _texts(value: Any, column: str, place: str) -> list[str]:
    if value is None:
        return []
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        return [encodable(text) for text in texts]
    raise DataError(
        "{place}: {column!r} is {value!r}, neither a text nor a list of texts", place=place, column=column, value=value
    )


def encodable(text: str) -> str:
    """The text with ``?`` for halves of surrogate pairs, which JSON may hold and nothing can encode."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
