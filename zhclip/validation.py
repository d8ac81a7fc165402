"""What Pydantic found wrong with a configuration or a request, as messages that can be translated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from zhclip.messages import Message, gettext_noop

_PROBLEMS = {
    "missing": gettext_noop("is missing"),
    "extra_forbidden": gettext_noop("is not known"),
    "int_type": gettext_noop("should be a whole number"),
    "int_parsing": gettext_noop("should be a whole number"),
    "int_from_float": gettext_noop("should be a whole number"),
    "float_type": gettext_noop("should be a number"),
    "float_parsing": gettext_noop("should be a number"),
    "finite_number": gettext_noop("should be a finite number"),
    "bool_type": gettext_noop("should be true or false"),
    "bool_parsing": gettext_noop("should be true or false"),
    "string_type": gettext_noop("should be a text"),
    "path_type": gettext_noop("should be a path"),
    "list_type": gettext_noop("should be a list"),
    "tuple_type": gettext_noop("should be a list"),
    "dict_type": gettext_noop("should be an object of names and values"),
    "model_type": gettext_noop("should be an object of names and values"),
    "model_attributes_type": gettext_noop("should be an object of names and values"),
    "greater_than": gettext_noop("should be greater than {gt}"),
    "greater_than_equal": gettext_noop("should be greater than or equal to {ge}"),
    "less_than": gettext_noop("should be less than {lt}"),
    "less_than_equal": gettext_noop("should be less than or equal to {le}"),
    "string_too_short": gettext_noop("should have at least {min_length} characters"),
    "string_too_long": gettext_noop("should have at most {max_length} characters"),
    "string_pattern_mismatch": gettext_noop("should match {pattern}"),
    "too_short": gettext_noop("should have at least {min_length} items, not {actual_length}"),
    "too_long": gettext_noop("should have at most {max_length} items"),
    "date_type": gettext_noop("should be a day, as 2024-05-31"),
    "datetime_type": gettext_noop("should be a moment, as 2024-05-31T18:30"),
    "date_parsing": gettext_noop("should be a day, as 2024-05-31"),
    "date_from_datetime_parsing": gettext_noop("should be a day, as 2024-05-31"),
    "datetime_parsing": gettext_noop("should be a moment, as 2024-05-31T18:30"),
    "datetime_from_date_parsing": gettext_noop("should be a moment, as 2024-05-31T18:30"),
    "json_invalid": gettext_noop("is not JSON: {error}"),
}


def problem(detail: Any) -> Message:
    """Say what is wrong with one value.

    Args:
        detail: One of ``ValidationError.errors()``. A ``ValueError`` that a validator raised with a
            :class:`~zhclip.messages.Message` says it.
    """
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        raised = context.get("error")
        return Message.of(raised.args[0]) if raised is not None and raised.args else Message(detail["msg"])
    if kind == "literal_error":
        return Message("should be one of {choices}", choices=context["expected"].replace(" or ", ", "))
    template = _PROBLEMS.get(kind)
    return Message(detail["msg"]) if template is None else Message(template, **context)


def join(messages: Sequence[Message]) -> Message:
    """Join messages, one at least, to one."""
    return reduce(lambda first, second: Message("{first}; {second}", first=first, second=second), messages)
