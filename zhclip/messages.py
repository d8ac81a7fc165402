"""Messages for people, in English and in Chinese.

Code holds the English text, a literal with ``{names}`` where values go; the catalogue under ``locale/`` gives the
Chinese for it (``make messages`` brings it up to date). :func:`translate` puts one into a language.
"""

from __future__ import annotations

import gettext
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Literal, Self

Language = Literal["en", "zh"]

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "zhclip"
_LONGEST = 300
_PLAIN = (str, int, float, bool, type(None))


class Message(str):
    """A text in English that remembers what it was made of, so that it can be put into another language.

    ``str()`` of a :class:`zhclip.errors.ZhclipError` or ``ZhclipWarning`` is one, so that a message that was kept
    (in a ledger of failures, among the notes of a search) is translated where somebody reads it.

    Args:
        template: The text with ``{names}`` where values go: a literal, by which the catalogue knows it.
        values: The values by name; without any, the template is the text as it stands. Errors are taken as
            what they say, on one line and not without end; those of zhclip are translated with it.
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str = "", /, **values: object) -> Self:  # noqa: D102
        values = {name: _said(value) for name, value in values.items()}
        message = super().__new__(cls, template.format(**values) if values else template)
        message.template = template
        message.values = values
        return message

    @classmethod
    def of(cls, text: str) -> Message:
        """A text as a message, which one of ours is already."""
        return text if isinstance(text, Message) else Message(text)

    def to_json(self) -> str:
        """The message as JSON: an object of ``template`` and ``values``."""
        return json.dumps(_parts(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Message:
        """The message that :meth:`to_json` wrote; any other text is a message of itself."""
        try:
            return _joined(json.loads(text))
        except (ValueError, TypeError, LookupError, AttributeError):
            return Message(text)


def gettext_noop(message: str) -> str:
    """Mark a literal for the catalogue that is translated elsewhere; it comes back as it is."""
    return message


def system_language() -> Language:
    """The language that the environment asks for (``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES``, ``LANG``, as gettext
    reads them); English where it names neither of the two."""
    wanted = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    if wanted.partition(".")[0] not in ("C", "POSIX"):
        wanted = os.environ.get("LANGUAGE") or wanted
    found = re.search(r"(?:^|:)(zh|en)(?![a-z])", wanted.lower())
    return "zh" if found and found[1] == "zh" else "en"


def preferred_language(accepted: str) -> Language:
    """The language that a client of HTTP asks for; English where it does not prefer Chinese.

    Args:
        accepted: Its ``Accept-Language`` header, which names languages with weights.
    """
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        if match := re.fullmatch(r"\s*(zh|en)\b[\w-]*(?:\s*;\s*q=(\d(?:\.\d+)?))?\s*", part):
            weights.setdefault(match[1], float(match[2] or 1))
    return "zh" if weights.get("zh", 0) > weights.get("en", 0) else "en"


def translate(message: str, language: Language | None = None, /, **values: object) -> str:
    """Put a message into a language.

    Args:
        message: A literal of the catalogue; or a :class:`Message`, which brings its own values.
        language: The system's by default.
        values: The values of its ``{names}``; messages and errors among them are translated, too.

    Returns:
        The text; the English where there is no Chinese for it.
    """
    language = language or system_language()
    template = message
    if isinstance(message, Message):
        template, values = message.template, {**message.values, **values}
    text = _chinese().gettext(template) if language == "zh" and template else template
    return text.format(**{name: _translated(value, language) for name, value in values.items()}) if values else text


def translate_gettext() -> None:
    """Let what other libraries say with gettext (Typer, argparse) come from the catalogue; for main entry points."""
    if system_language() == "zh":
        gettext.bindtextdomain(DOMAIN, str(LOCALE))
        gettext.textdomain(DOMAIN)


@cache
def _chinese() -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, ["zh"])


def _said(value: object) -> object:
    """A value as it stands in a message: an error is what it says."""
    if not isinstance(value, BaseException):
        return value
    if isinstance(value, OSError) and value.strerror:
        return Message(value.strerror)
    if isinstance(value, json.JSONDecodeError):
        return Message(
            "{problem} (line {line}, column {column})",
            problem=Message(value.msg),
            line=value.lineno,
            column=value.colno,
        )
    if isinstance(value, UnicodeDecodeError):
        return Message("byte {position} is not {encoding}", position=value.start, encoding=value.encoding.upper())
    if value.args and isinstance(value.args[0], Message):
        return value.args[0]
    return Message(" ".join(str(value).split())[:_LONGEST] or type(value).__name__)


def _translated(value: object, language: Language) -> object:
    value = _said(value)
    return translate(value, language) if isinstance(value, Message) else value


def _parts(message: Message) -> dict[str, object]:
    values = {
        name: _parts(value) if isinstance(value, Message) else value if isinstance(value, _PLAIN) else str(value)
        for name, value in message.values.items()
    }
    return {"template": message.template, "values": values}


def _joined(parts: dict[str, object]) -> Message:
    template, values = parts["template"], parts["values"]
    if not (isinstance(template, str) and isinstance(values, dict)):
        raise TypeError
    return Message(
        template, **{name: _joined(value) if isinstance(value, dict) else value for name, value in values.items()}
    )
