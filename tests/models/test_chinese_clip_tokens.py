"""Chinese-CLIP's texts become the ids that cn_clip gives them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cn_clip.clip import tokenize
from hypothesis import given, settings
from hypothesis import strategies as st

from zhclip.models.text import _FULL_WIDTH, _UNKNOWN_PUNCTUATION, TextPreparation

MAPPED = {ord(character) for character in _UNKNOWN_PUNCTUATION} | _FULL_WIDTH.keys()
preparation = TextPreparation(simplify=False)


def ours(texts: list[str]) -> list[list[int]]:
    tokens = preparation(texts)
    return [ids[mask == 1].tolist() for ids, mask in zip(tokens.input_ids, tokens.attention_mask, strict=True)]


def theirs(texts: list[str]) -> list[list[int]]:
    return [[token for token in row if token] for row in tokenize(texts).tolist()]


EVERYDAY = [
    "一只狗在草地上奔跑",
    "A Dog runs, across the grass.",
    "一张 beach 的照片，拍于 2019 年",
    "夕阳、大海！沙滩？（真美）~ #1 50% [好] {a}/b\\c @me <tag> 《书》【注】·",
    "我爱🐶和🍜，很好吃😋🇨🇳👨‍👩‍👧❤️",
    "café naïve ｶﾀｶﾅ ひらがな 한국어 русский ñ",
    "tab\there\nand   spaces　there",
    "很" * 49,
    "很" * 50,
    "很" * 51,
    "很" * 200,
    "pneumono" * 20,
    "w" * 201,
    "a " * 100,
    "[CLS] [SEP] [MASK] [UNK] [PAD]",
    "繁體中文的句子",
]


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_texts(text: str) -> None:
    assert ours([text]) == theirs([text])


LATIN_TO_HEBREW = st.characters(min_codepoint=0x20, max_codepoint=0x5FF, exclude_categories=("Cc", "Cn", "Co"))
CHINESE = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
MARKS = st.sampled_from("，。！？、；：（）《》·~ -'\"ab1😀👍🏽❤️　")


@given(st.text(LATIN_TO_HEBREW | CHINESE | MARKS, max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_of_letters_and_marks(text: str) -> None:
    assert ours([text]) == theirs([text])


def test_what_cn_clip_does_not_know_is_mapped() -> None:
    unknown = 100
    for character in _UNKNOWN_PUNCTUATION:
        assert unknown in theirs([f"狗{character}猫"])[0]
        assert unknown not in ours([f"狗{character}猫"])[0]


@pytest.mark.data
def test_real_captions(data_folder: Path) -> None:
    with (data_folder / "flickr8k-cn" / "val.jsonl").open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    texts = [text for record in records for language in ("zh", "en", "zh_mt") for text in record[language]]
    same = [text for text in texts if not MAPPED & {ord(character) for character in text}]
    assert len(same) > 0.95 * len(texts)
    assert ours(same) == theirs(same)
