"""The catalogue of messages."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import zhclip
from zhclip import messages


def syntax_trees() -> list[ast.Module]:
    """All modules of the package."""
    return [ast.parse(path.read_text(encoding="utf-8")) for path in Path(zhclip.__file__).parent.rglob("*.py")]


def without_names(template: str) -> str:
    """A template whose values have no names."""
    return re.sub(r"\{\w+\}", "{}", template)


def translated_in_the_code() -> set[str]:
    """Every literal that the code gives to ``translate`` or to a page's ``say``."""
    found = set()
    for tree in syntax_trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", None)) in ("translate", "say")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(node.args[0].value)
    return found


def literals_of_the_code() -> set[str]:
    """Every string in the code but for the catalogue's own."""
    return {
        node.value
        for path in Path(zhclip.__file__).parent.rglob("*.py")
        if path != Path(messages.__file__)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_message_has_its_chinese_and_none_is_left_over() -> None:
    assert translated_in_the_code() <= set(messages.CHINESE)
    assert set(messages.CHINESE) <= literals_of_the_code()  # labels reach say() by way of tables


def test_every_chinese_error_is_one_that_the_code_gives() -> None:
    given = set()
    for tree in syntax_trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                given.add("".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values))
            elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                given.add(node.args[0].value)
    assert {without_names(english) for english in messages.CHINESE_ERRORS} <= given


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


def test_the_values_of_an_error_stand_in_its_chinese() -> None:
    english = "there is no folder /tmp/a; b{0}; check the path"
    assert messages.translate_error(english, "zh") == "没有文件夹 /tmp/a; b{0}；请检查路径"
    assert messages.translate_error(english, "en") == english
