"""Texts of which a model knows nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from zhclip.errors import TextCutWarning, UnknownTextWarning
from zhclip.models.text import TextPreparation, normalize, notes_on


@pytest.fixture(scope="module")
def unigrams(tmp_path_factory: pytest.TempPathFactory) -> TextPreparation:
    """A vocabulary of a few unigrams, with the sign for spaces before words."""
    pieces = [("<pad>", 0.0), ("<unk>", 0.0), ("▁", -3.0), ("狗", -2.0), ("▁dog", -2.0), ("海滩", -2.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=1, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    path = tmp_path_factory.mktemp("vocabulary") / "tokenizer.json"
    tokenizer.save(str(path))
    return TextPreparation(vocabulary=path)


def test_unigrams_tell_what_they_do_not_know(unigrams: TextPreparation) -> None:
    assert unigrams(["🐶", "狗", "مرحبا", "dog", "🐶狗", "🐱🐱 🐱"]).unknown == (0, 2, 5)


def test_word_pieces_tell_what_they_do_not_know() -> None:
    assert TextPreparation()(["🐶", "狗", "a" * 500, "مرحبا", "🐶 dog", "？"]).unknown == (0, 2, 3)


def test_bytes_lack_nothing(tmp_path: Path) -> None:
    letters = {letter: row for row, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(letters, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert TextPreparation(vocabulary=tmp_path / "tokenizer.json")(["🐶"]).unknown == ()


def test_each_text_that_is_unknown_has_a_note() -> None:
    notes = notes_on(TextPreparation(), ["🐶", "狗" * 200, "狗"])
    assert [type(note) for note in notes] == [TextCutWarning, UnknownTextWarning]
    assert "'🐶'" in str(notes[1])
    assert notes_on(TextPreparation(), []) == []


@pytest.mark.parametrize("text", ["海\u200b滩", "\ufeff海滩", "海滩\ufe0f", "海\u00ad滩", "\u202a海滩\u202c"])
def test_invisible_characters_are_not_read(text: str) -> None:
    assert normalize(text) == "海滩"
