from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhclip.search.negation import Negation, split_negation

SENTENCES = [
    json.loads(line) for line in (Path(__file__).parent / "negation.jsonl").read_text(encoding="utf-8").splitlines()
]
PIECES = re.split(
    "[ \n]",
    "没有 没 不 无 非 未 除了 以外 不要 不是 而是 但 和 、 ， 的 在 人 海滩\n"
    "猫 戴眼镜 红色 坐在 上 沒有 無人 空无一人 有没有 不错\n"
    "a the no not without except for but with and or people beach red in background nobody treeless car-free isn't\n"
    "- , . ' ’ 🙂 \t \u3000 ｎｏ É ß ﬁ İ 5 \0 -人",
)


def letters(*texts: str) -> Counter[str]:
    return Counter(letter for text in texts for letter in text if letter.isalnum())


@pytest.mark.parametrize("sentence", SENTENCES, ids=[sentence["text"] for sentence in SENTENCES])
def test_sentence(sentence: dict[str, str | list[str]]) -> None:
    found = split_negation(str(sentence["text"]))
    assert (found.text, list(found.exclude)) == (sentence["rest"], sentence["exclude"])


def test_there_are_enough_sentences_and_traps() -> None:
    traps = [sentence for sentence in SENTENCES if not sentence["exclude"]]
    assert len(SENTENCES) >= 60 and len(traps) >= len(SENTENCES) / 3


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from(["", " "]))
def test_no_letter_is_lost(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    found = split_negation(text)
    if found.exclude:
        gone = letters(text) - letters(found.text, *found.markers)
        assert set(gone) <= set("".join(found.exclude)), found  # what is excluded twice is named once
        assert found.text.strip() == found.text != ""
        assert all(excluded.strip() for excluded in found.exclude)
    else:
        assert found == Negation(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    found = split_negation(text)
    assert found.exclude or found.text == text


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["海滩", "日落", "一只猫", "a", "dog", "on", "2023", "🙂", "，", "!", "红色的车"]), min_size=1
    ).map(" ".join)
)
def test_a_text_without_negation_stays_as_it_is(text: str) -> None:
    assert split_negation(text) == Negation(text)


def test_a_long_text_takes_no_time() -> None:
    text = "没有红色的在" * 2000
    assert len(text) > 10_000
    split_negation(text)
    split_negation("no a and " * 2000)


def test_what_negates_is_named() -> None:
    assert split_negation("没有人的海滩") == Negation("海滩", ("人",), ("没有", "的"))
    assert split_negation("a treeless hill, but no dog") == Negation("a hill", ("tree", "dog"), ("less", "but", "no"))
