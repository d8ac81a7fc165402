from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhclip.errors import ConfigError, DataError
from zhclip.models import TextPreparation
from zhclip.training.data import ParallelTexts, TrainingPairs
from zhclip.training.pictures import FilePicture
from zhclip.training.sources import Sample
from zhclip.training.texts import TEXT_BUCKET, TextBuckets, TokenizedTexts

SAMPLES = [
    Sample(
        FilePicture(Path(f"{number}.jpg")),
        {"zh": [f"第{number}张", f"图{number}"], "en": [f"picture {number}"] * (number % 2)},
    )
    for number in range(10)
]


@pytest.fixture(scope="module")
def preparation() -> TextPreparation:
    return TextPreparation()


def make(preparation: TextPreparation, **options: float) -> TrainingPairs:
    return TrainingPairs(SAMPLES, {"zh": 1.0, "en": 1.0}, preparation, **options)  # type: ignore[arg-type]


def as_read(texts: TextBuckets) -> list[list[int]]:
    """The token ids of each text, without padding, in the order in which the texts were asked for."""
    rows = [row[mask.bool()].tolist() for bucket in texts.buckets for row, mask in zip(*bucket, strict=True)]
    return [rows[place] for place in texts.places]


def test_each_pass_sees_each_picture_once(preparation: TextPreparation) -> None:
    pairs = make(preparation)
    drawn = np.concatenate([pairs.draw(step, 5).pictures for step in range(6)])
    for number in range(3):
        assert sorted(drawn[number * 10 : number * 10 + 10]) == list(range(10))


def test_a_batch_may_be_larger_than_the_data(preparation: TextPreparation) -> None:
    counts = np.bincount(make(preparation).draw(0, 25).pictures)
    assert counts.sum() == 25
    assert set(counts) == {2, 3}


@given(step=st.integers(0, 10_000), processes=st.sampled_from([1, 2, 4]), captions=st.sampled_from([1, 2]))
def test_processes_share_one_batch(step: int, processes: int, captions: int) -> None:
    pairs = make(TextPreparation(), mask_tokens=0.3, captions=captions)
    whole = pairs.draw(step, 8)
    parts = [pairs.draw(step, 8, rank=rank, processes=processes) for rank in range(processes)]
    together = sorted((int(p), int(t)) for part in parts for p, t in zip(part.pictures, part.texts, strict=True))
    assert together == sorted((int(p), int(t)) for p, t in zip(whole.pictures, whole.texts, strict=True))


def test_a_picture_may_have_several_captions_in_a_batch(preparation: TextPreparation) -> None:
    pairs = make(preparation, captions=3)
    draws = [pairs.draw(step, 15) for step in range(4)]
    for draw in draws:
        assert (draw.pictures.reshape(5, 3) == draw.pictures[::3, None]).all()
        assert (draw.views.reshape(5, 3) == draw.views[::3, None]).all(), "one view, so that it is computed once"
    drawn = np.concatenate([draw.pictures[::3] for draw in draws])
    assert sorted(drawn[:10]) == sorted(drawn[10:]) == list(range(10))
    assert any(len(set(texts)) > 1 for draw in draws for texts in draw.texts.reshape(5, 3))


def test_texts_are_padded_with_those_of_like_length(preparation: TextPreparation) -> None:
    texts = TokenizedTexts.from_strings(["狗" * (1 + number * 7 % 40) for number in range(600)], preparation)
    rows = np.random.default_rng(0).permutation(600)
    found = texts.buckets(rows)
    assert as_read(found) == [texts.tokens[texts.offsets[row] : texts.offsets[row + 1]].tolist() for row in rows]
    assert [len(bucket.values) for bucket in found.buckets] == [TEXT_BUCKET, TEXT_BUCKET, 600 - 2 * TEXT_BUCKET]
    assert found.buckets[0].values.shape[1] < found.buckets[-1].values.shape[1]


@pytest.mark.parametrize("captions", [1, 3])
def test_texts_belong_to_their_pictures(preparation: TextPreparation, captions: int) -> None:
    pairs = make(preparation, captions=captions)
    captions = [text for sample in SAMPLES for language in ("zh", "en") for text in sample.captions[language]]
    draw = pairs.draw(3, 39)
    for picture, text in zip(draw.pictures, draw.texts, strict=True):
        assert captions[text] in SAMPLES[picture].captions["zh"] + SAMPLES[picture].captions["en"]


def test_languages_are_drawn_at_their_ratio(preparation: TextPreparation) -> None:
    both = [sample for sample in SAMPLES if sample.captions["en"]]
    pairs = TrainingPairs(both, {"zh": 3.0, "en": 1.0}, preparation)
    draws = np.concatenate([pairs.draw(step, 100).texts for step in range(40)])
    english = np.array(
        [language == "en" for sample in both for language in sample.captions for _ in sample.captions[language]]
    )
    assert np.mean(english[draws]) == pytest.approx(0.25, abs=0.03)


def test_equal_texts_share_an_identity(preparation: TextPreparation) -> None:
    samples = [
        Sample(FilePicture(Path(f"{n}")), {"zh": [text]})
        for n, text in enumerate(["一只狗", " 一只狗 ", "一隻狗", "一只猫"])
    ]
    identities = TrainingPairs(samples, {"zh": 1.0}, preparation).texts.identities
    assert list(identities) == [0, 0, 0, 1]


def test_masking_spares_the_ends(preparation: TextPreparation) -> None:
    pairs = make(preparation, mask_tokens=0.99)
    draw = pairs.draw(0, 10)
    mask_id = preparation.tokenizer.token_to_id("[MASK]")
    for ids, mask in pairs.texts.buckets(draw.texts, draw.masking).buckets:
        lengths = mask.sum(1)
        for row, length in zip(ids, lengths, strict=True):
            assert row[0] == preparation.tokenizer.token_to_id("[CLS]")
            assert row[length - 1] == preparation.tokenizer.token_to_id("[SEP]")
            assert (row[1 : length - 1] == mask_id).float().mean() > 0.5
            assert (row[length:] == 0).all()


def test_pieces_are_drawn_in_their_captions_place(preparation: TextPreparation) -> None:
    samples = [Sample(FilePicture(f"{n}.jpg"), {"en": [f"a dog {n} runs over the grass"]}) for n in range(8)]
    pairs = TrainingPairs(samples, {"en": 1.0}, preparation, pieces=0.5)
    draw = pairs.draw(0, 400)
    drawn = [pairs.captions[row] for row in draw.texts]
    whole = [samples[picture].captions["en"][0] for picture in draw.pictures]
    assert all(f" {text} " in f" {caption} " for text, caption in zip(drawn, whole, strict=True))
    cut = [text for text, caption in zip(drawn, whole, strict=True) if text != caption]
    assert 120 < len(cut) < 280
    assert len(set(pairs.captions)) == len(pairs.captions), "a piece that several captions have stands once"


def test_masking_needs_a_vocabulary_with_a_mask(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[UNK]\n[CLS]\n[SEP]\n狗\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"neither \[MASK\] nor <mask>"):
        make(TextPreparation(vocabulary=tmp_path / "vocab.txt"), mask_tokens=0.1)


def test_parallel_texts_stay_together(preparation: TextPreparation) -> None:
    texts = ParallelTexts([("狗", "dog"), ("落日", "setting sun"), ("一片海", "a sea")], preparation)
    rows = texts.draw(5, 64)
    assert set(rows) == {0, 1, 2}
    assert np.array_equal(texts.draw(5, 64), rows)


def test_sources_weigh_how_often_a_pass_sees_them(preparation: TextPreparation) -> None:
    weights = [0.5] * 4 + [1.0] * 4 + [2.5] * 2
    samples = [Sample(sample.picture, sample.captions, weight) for sample, weight in zip(SAMPLES, weights, strict=True)]
    pairs = TrainingPairs(samples, {"zh": 1.0}, preparation)
    assert pairs.pass_length == 2 + 4 + 5
    drawn = np.concatenate([pairs.draw(step, 11).pictures for step in range(40)]).reshape(40, 11)
    for one_pass in drawn:
        counts = np.bincount(one_pass, minlength=10)
        assert counts[:4].sum() == 2 and set(counts[4:8]) == {1} and sorted(counts[8:]) == [2, 3]
    assert (np.bincount(drawn.ravel(), minlength=10)[:4] > 0).all()


def test_a_batch_can_be_of_one_source(preparation: TextPreparation) -> None:
    sources = [0] * 5 + [1] * 5
    samples = [Sample(one.picture, one.captions, 1.0, source) for one, source in zip(SAMPLES, sources, strict=True)]
    pairs = TrainingPairs(samples, {"zh": 1.0, "en": 1.0}, preparation, captions=2, apart=2)
    assert pairs.pass_length == 10
    seen = [np.unique(pairs.draw(step, 4).pictures) for step in range(5)]
    assert sorted(np.concatenate(seen)) == list(range(10)), "a pass sees every picture"
    assert sorted(len({sources[row] for row in rows}) for rows in seen) == [1, 1, 1, 1, 2], "what is left is mixed"
    mixed = TrainingPairs(samples, {"zh": 1.0, "en": 1.0}, preparation, captions=2)
    assert any(len({sources[row] for row in mixed.draw(step, 4).pictures}) == 2 for step in range(4))
    few = TrainingPairs(samples, {"zh": 1.0}, preparation, apart=64)
    assert set(few.draw(0, 64).pictures) == set(range(10)), "a batch of more pictures than there are"


def test_weights_that_leave_nothing_are_refused(preparation: TextPreparation) -> None:
    samples = [Sample(sample.picture, sample.captions, 0.01) for sample in SAMPLES]
    with pytest.raises(DataError, match="leave no picture"):
        TrainingPairs(samples, {"zh": 1.0}, preparation)
