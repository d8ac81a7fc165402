from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zhclip.training.pieces import MOST_WORDS, cut_pieces, pieces_of


def test_chinese_pieces_end_at_the_borders_of_words() -> None:
    words = {"小孩", "在", "公园", "里", "放风筝"}
    found = {piece for seed in range(50) for piece in cut_pieces("小孩在公园里放风筝。", np.random.default_rng(seed))}
    assert "公园" in found
    assert "公" not in found and not any(piece.endswith("。") for piece in found)
    assert all(any(piece.startswith(word) for word in words) for piece in found)


def test_english_pieces_are_one_to_four_words_in_a_row() -> None:
    caption = "Two dogs , one brown , run over the grass ."
    lengths = set()
    for seed in range(100):
        for piece in cut_pieces(caption, np.random.default_rng(seed)):
            assert f" {piece} " in " Two dogs one brown run over the grass "
            lengths.add(len(piece.split()))
    assert lengths == set(range(1, MOST_WORDS + 1))


@given(st.text(max_size=30))
def test_any_text_gives_pieces(text: str) -> None:
    pieces = cut_pieces(text, np.random.default_rng(0), count=3)
    assert len(pieces) == 3
    assert all(pieces) or not text


def test_the_same_seed_cuts_the_same_pieces() -> None:
    texts = ["一只狗在草地上奔跑", "a dog runs over the grass"] * 5
    assert pieces_of(texts, 1) == pieces_of(texts, 1) != pieces_of(texts, 2)
