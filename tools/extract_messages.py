"""Finds for Babel what zhclip says to people: ``make messages`` and the tests of the catalogue use it.

A message is a literal, or one of two: the first argument of ``translate``, ``say``, ``gettext_noop``, ``Message``, of
every error and warning of zhclip and of what refuses in the service, and the third of ``Refusal``. Babel's own reader
of Python does not look into f-strings before Python 3.12, nor at both sides of a condition.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import IO, Any

from zhclip.errors import ZhclipWarning, error_kinds

ERRORS = {kind.__name__ for kind in error_kinds().values()}
ERRORS |= {ZhclipWarning.__name__, *(kind.__name__ for kind in ZhclipWarning.__subclasses__())}
PLACES = dict.fromkeys(("translate", "say", "gettext_noop", "Message", "not_found", "_refusal", *ERRORS), 0) | {
    "Refusal": 2
}
"""Which argument of a call is a message."""


def extract_messages(
    file: IO[bytes], keywords: Iterable[str], comment_tags: Iterable[str], options: dict[str, Any]
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Extract the messages of a Python file, as Babel calls its extractors."""
    for call, message in messages_of(ast.parse(file.read())):
        yield call.lineno, None, message, []


def messages_of(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """The messages of a syntax tree, and the calls that they are given to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (argument := message_argument(node)) is not None:
            for literal in (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,):
                if isinstance(literal, ast.Constant) and isinstance(literal.value, str) and literal.value:
                    yield node, literal.value


def message_argument(call: ast.Call) -> ast.expr | None:
    """The argument of a call that is a message, if one is."""
    name = getattr(call.func, "id", getattr(call.func, "attr", None))
    place = PLACES.get(name) if isinstance(name, str) else None
    return call.args[place] if place is not None and len(call.args) > place else None
