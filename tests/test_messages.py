"""The catalogue of messages."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import zhclip
from zhclip import messages


def translated_in_the_code() -> set[str]:
    """Every literal that the code gives to ``translate`` or to a page's ``say``."""
    found = set()
    for path in Path(zhclip.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("translate", "say")
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(node.args[0].value)
    return found


def test_every_message_has_its_chinese_and_none_is_left_over() -> None:
    assert translated_in_the_code() == set(messages.CHINESE)


@pytest.mark.parametrize(("english", "chinese"), [*messages.CHINESE.items(), *messages.CHINESE_ERRORS.items()])
def test_both_languages_fill_in_the_same_values(english: str, chinese: str) -> None:
    def values(message: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}

    assert values(english) == values(chinese)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_language_is_the_environments(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert messages.system_language() == language


def test_a_message_without_chinese_stays_english() -> None:
    assert messages.translate("never heard of", "zh") == "never heard of"
    assert messages.translate_error("never heard of", "zh") == "never heard of"
