"""Arguments as people type them, and what is said of those that are wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from zhclip.cli.main import app
from zhclip.cli.usage import refusal
from zhclip.messages import translate

GBK = "海滩".encode("gbk")


def said(*arguments: str) -> str:
    """What Typer refuses arguments with, in Chinese."""
    with pytest.raises(typer.TyperException) as refused:
        app(list(arguments), prog_name="zhclip", standalone_mode=False)
    return translate(refusal(refused.value), "zh")


@pytest.mark.parametrize(
    ("arguments", "chinese"),
    [
        (("serch", "x"), "是否指 'search', 'serve'？"),
        (("search", "x", "--top", "3"), "没有选项 --top（相近的有：--tag, --token, --top-k）"),
        (("search", "x", "--zzz"), "没有选项 --zzz"),
        (("search", "x", "--top-k", "0"), "'--top-k' / '-k' 的值无效：应大于或等于 1"),
        (("search", "x", "--top-k", "many"), "'--top-k' / '-k' 的值无效：应为整数"),
        (("search", "x", "--orientation", "round"), "应为其中之一：'landscape', 'portrait', 'square'"),
        (("search", "x", "--folder"), "选项 '--folder' 需要一个值"),
        (("index",), "缺少参数 'folders'"),
        (("migrate",), "缺少选项 '--to'"),
        (("status", "a", "b"), "多余的参数：a b"),
    ],
)
def test_a_refusal_of_arguments_is_chinese(
    arguments: tuple[str, ...], chinese: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert chinese in said(*arguments)


def test_help_is_chinese_where_the_system_is(zhclip) -> None:
    shown = zhclip("search", "--help", language="zh_CN.UTF-8").stdout + zhclip("--help", language="zh_CN.UTF-8").stdout
    for english in ("Usage", "Options", "Arguments", "default", "env var", "Show this", "completion for", "[OPTIONS]"):
        assert english not in shown
    for chinese in ("用法：", "选项", "参数", "默认：", "环境变量：", "显示此帮助并退出"):
        assert chinese in shown


@pytest.mark.parametrize("excluded", ["-人", "-people", "-animals", "–人"])
def test_a_word_with_a_minus_is_excluded_without_quotes(zhclip, library: Path, excluded: str) -> None:
    result = zhclip("search", "海滩", excluded, "-k", "2", library=library)
    assert result.returncode == 0, result.stderr
    assert f"understood: 海滩, without {excluded[1:]}" in result.stderr


def test_options_are_options_beside_words_with_a_minus(zhclip, library: Path) -> None:
    result = zhclip("search", "-k2", "--exclude", "-人", "海滩", "-x人", "--json", library=library)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count('"rank"') == 2
    assert "No such option: --top" in zhclip("search", "海滩", "-人", "--top", "3", library=library).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [b"search", GBK],
        [b"search", b"x", b"--folder", GBK],
        [b"search", b"x", b"--library", b"/tmp/" + GBK],
        [b"classify", b"a.jpg", b"--labels", GBK],
        [b"index", b"/tmp/\xff"],
        [b"status", b"--" + GBK],
        [GBK],
    ],
)
def test_what_is_not_utf_8_is_named(arguments: list[bytes]) -> None:
    command = [os.fsencode(Path(sys.executable).with_name("zhclip")), *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 2
    assert "is not UTF-8" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    if GBK in arguments:
        assert "海滩" in result.stderr


def test_a_variable_that_is_not_utf_8_is_named() -> None:
    command = [str(Path(sys.executable).with_name("zhclip")), "status"]
    environment = {**os.environb, b"LC_ALL": b"C.UTF-8", b"ZHCLIP_LIBRARY": GBK}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 2
    assert "is not UTF-8" in result.stderr
