"""What zhclip says to people, in two languages."""

from __future__ import annotations

import ast
import io
import json
import pickle
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import zhclip
from tools.extract_messages import message_argument, messages_of
from zhclip import errors
from zhclip.errors import PictureError, QueryError, StoreError, TextCutWarning, ZhclipError
from zhclip.messages import DOMAIN, LOCALE, Message, preferred_language, system_language, translate

REPOSITORY = Path(zhclip.__file__).parent.parent
FOLDER = LOCALE / "zh" / "LC_MESSAGES"


def catalogue() -> Catalog:
    """The Chinese of every message."""
    with (FOLDER / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale="zh")


def syntax_trees() -> Iterator[tuple[Path, ast.Module]]:
    """All modules that say something to people."""
    for folder in ("zhclip", "train", "demo"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def said() -> set[str]:
    """Every message of the code."""
    return {message for _, tree in syntax_trees() for _, message in messages_of(tree)}


def names(template: str) -> set[str]:
    """The values that a template takes."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_message_has_its_chinese_and_none_is_left_over() -> None:
    chinese = {message.id for message in catalogue() if message.id and message.string and not message.fuzzy}
    assert (sorted(said() - chinese), sorted(chinese - said())) == ([], []), "run: make messages"


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    assert compiled.getvalue() == (FOLDER / f"{DOMAIN}.mo").read_bytes(), "run: make messages"


@pytest.mark.parametrize(
    "message", [message for message in catalogue() if message.id and message.string], ids=lambda m: m.id[:60]
)
def test_both_languages_fill_in_the_same_values(message) -> None:
    assert names(message.string) == names(message.id)


def test_no_message_is_put_together_before_it_is_said() -> None:
    """An f-string, a sum or a joined text cannot be looked up; a template with values can."""
    finished = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for path, tree in syntax_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(message_argument(node), ast.JoinedStr | ast.BinOp | ast.Call)
        and not is_of_another_library(node)
    ]
    assert finished == []


def test_every_message_is_given_the_values_that_it_takes() -> None:
    """A value that is missing would fail where the message is said, which may be seldom."""
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{call.lineno}"
        for path, tree in syntax_trees()
        for call, message in messages_of(tree)
        if getattr(call.func, "id", None) not in ("gettext_noop", "problem")
        and None not in (given := {keyword.arg for keyword in call.keywords} - {"headers"})
        and given != (names(message) if given or not is_plain(message) else set())
    ]
    assert wrong == []


def is_plain(message: str) -> bool:
    """Whether a message is said as it stands, though it holds braces."""
    return not re.search(r"\{\w+[!:}]", message)


def is_of_another_library(call: ast.Call) -> bool:
    """Whether what is said is what an error of another library says, or a message already."""
    inner = message_argument(call)
    name = getattr(getattr(inner, "func", None), "attr", getattr(getattr(inner, "func", None), "id", ""))
    return name in ("str", "format_message", "get", "problem", "_explain", "refusal", "display_type")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "fr:zh"}, "zh"),
        ({"LANGUAGE": "zh_CN", "LC_ALL": "C"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "zhuang"}, "en"),
    ],
)
def test_the_language_is_the_environments(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert system_language() == language


@pytest.mark.parametrize(
    ("accepted", "language"), [("", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en,zh;q=0.5", "en"), ("fr", "en")]
)
def test_the_language_of_a_client_is_what_it_accepts(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language


def test_a_message_without_chinese_stays_english() -> None:
    assert translate("never heard of", "zh") == "never heard of"
    assert translate("", "zh") == ""


def test_the_values_of_an_error_stand_in_its_chinese() -> None:
    error = QueryError("there is no folder {folder}; check the path", folder="/tmp/a; b{0}")
    assert str(error) == "there is no folder /tmp/a; b{0}; check the path"
    assert translate(str(error), "zh") == "没有文件夹 /tmp/a; b{0}；请检查路径"
    assert translate(str(error), "en") == str(error)


def test_an_error_in_an_error_is_translated_with_it() -> None:
    inner = PictureError("no picture at {path}; check the path", path=Path("a.jpg"))
    outer = Message("there is no map of the picture: {error}", error=inner)
    assert outer == "there is no map of the picture: no picture at a.jpg; check the path"
    assert translate(outer, "zh") == "无法给出图片的热力图：没有图片 a.jpg；请检查路径"


def test_a_foreign_error_in_a_message_is_one_line_and_not_endless() -> None:
    assert Message("{error}", error=RuntimeError("two\n  lines")) == "two lines"
    assert Message("{error}", error=PermissionError(13, "Permission denied", "/a")) == "Permission denied"
    assert Message("{error}", error=KeyError()) == "KeyError"
    assert len(Message("{error}", error=ValueError("x" * 10_000))) <= 300


@pytest.mark.parametrize(
    ("error", "chinese"),
    [
        (PermissionError(13, "Permission denied", "/a"), "a 无法读取：没有权限"),
        (json.JSONDecodeError("Expecting value", "{}", 1), "a 无法读取：缺少值（第 1 行第 2 列）"),
        (UnicodeDecodeError("utf-8", b"a\xff", 1, 2, "invalid start byte"), "a 无法读取：第 1 个字节不是 UTF-8"),
        (ValueError(Message("the link leads nowhere")), "a 无法读取：链接指向的文件不存在"),
    ],
)
def test_what_others_say_of_a_failure_is_translated(error: Exception, chinese: str) -> None:
    kept = Message.from_json(str(PictureError("{path} cannot be read: {error}", path="a", error=error)).to_json())
    assert translate(kept, "zh") == chinese


def test_a_message_survives_pickle_and_json() -> None:
    error = StoreError("{path} is damaged: {error}", path="a", error=QueryError("{count:,} files", count=3000))
    for kept in (pickle.loads(pickle.dumps(error)).message, Message.from_json(str(error).to_json())):
        assert kept == "a is damaged: 3,000 files"
        assert translate(kept, "zh") == "a 已损坏：3,000 files"


@pytest.mark.parametrize("text", ["plain", "", "{", "{}", "[1]", "null", '{"template": 1, "values": {}}', "{a} b"])
def test_a_text_that_is_no_message_is_itself(text: str) -> None:
    assert Message.from_json(text) == text
    assert translate(Message.from_json(text), "zh") == text


def test_a_warning_is_translated_as_an_error_is() -> None:
    warning = TextCutWarning("no picture at {path}; check the path", path="a.jpg")
    assert translate(str(warning), "zh") == "没有图片 a.jpg；请检查路径"


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ZhclipError)}
    codes = errors.error_kinds()
    assert set(codes.values()) == kinds
    assert all(code.isidentifier() and code == code.lower() for code in codes)
