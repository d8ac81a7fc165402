"""Questions asked of libraries of many sizes: what is asked, and what the answers are."""

import numpy as np
import pytest

from zhclip.errors import DataError
from zhclip.evaluation.answers import FOUND, REFERENCE, ask, collect_answers
from zhclip.evaluation.questions import RIGHT, UNSURE, WRONG, Questions
from zhclip.models.calibration import FEATURES, query_features


def unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def questions() -> Questions:
    """Twelve kinds of things with a name each, and 200 pictures with a caption each."""
    random = np.random.default_rng(0)
    kinds = unit(random.standard_normal((12, 16)))
    of = np.arange(200) % 12
    pictures = unit(kinds[of] + 0.7 * random.standard_normal((200, 16)))
    texts = np.concatenate([unit(pictures + 0.3 * random.standard_normal((200, 16))), kinds])
    truth = np.full((212, 200), WRONG, dtype=np.int8)
    truth[np.arange(200), np.arange(200)] = RIGHT
    truth[200:] = np.where(of[None] == np.arange(12)[:, None], RIGHT, WRONG)
    truth[205, :30] = UNSURE
    is_name = np.arange(212) >= 200
    return Questions(pictures, texts, np.where(is_name, 1, 9), is_name, np.arange(212), truth)


def test_answers_are_those_of_the_plain_formula(questions: Questions) -> None:
    reference = questions.pictures[:20]
    found = ask(questions, reference)
    cosines = questions.texts @ questions.pictures.T
    for row in range(len(cosines)):
        best = np.argsort(-cosines[row], kind="stable")[:FOUND]
        np.testing.assert_allclose(found.cosines[row], cosines[row, best])
        np.testing.assert_array_equal(found.truth[row], questions.truth[row, best])
    np.testing.assert_allclose(found.features, query_features(questions.texts, questions.tokens, 200, reference))
    assert found.is_held.all() and (found.sizes == 200).all()


def test_a_library_of_few_pictures_has_few_answers(questions: Questions) -> None:
    found = ask(questions.among(np.array([3, 4, 5])), questions.pictures[:20])
    assert (found.truth[:, 3:] == UNSURE).all()
    np.testing.assert_array_equal(np.flatnonzero(found.is_held), [3, 4, 5, 203, 204])


def test_libraries_are_of_many_sizes_and_hold_no_reference(questions: Questions) -> None:
    answers, reference = collect_answers(questions)
    assert len(reference) == min(REFERENCE, 200 // 5)
    assert set(answers.sizes) == {1, 3, 10, 30, 100}
    assert answers.features.shape == (len(answers.kinds), len(FEATURES))
    for size in np.unique(answers.sizes):
        here = answers.of(answers.sizes == size)
        for group in (here.is_name, ~here.is_name):
            assert here.is_held[group].any()  # what is there is asked for, and what is not
            assert not here.is_held[group].all()
    assert set(collect_answers(questions, sizes=(7,))[0].sizes) == {7}


def test_the_lots_follow_the_seed(questions: Questions) -> None:
    first, again, other = (collect_answers(questions, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.cosines, again.cosines)
    assert first.cosines.shape != other.cosines.shape or (first.cosines != other.cosines).any()


def test_one_picture_is_too_few(questions: Questions) -> None:
    with pytest.raises(DataError, match="two pictures"):
        collect_answers(questions.among(np.array([0])))
