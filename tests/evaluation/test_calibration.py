"""Calibrations: what is fitted, what the threshold does, and what cannot be fitted."""

import json
from pathlib import Path

import numpy as np
import pytest

from zhclip.errors import DataError, ModelError
from zhclip.evaluation.calibration import Answers, collect_answers, fit_calibration, join_answers, plot_calibration
from zhclip.models.calibration import Calibration, read_calibration


def unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def answers() -> Answers:
    random = np.random.default_rng(0)
    images = unit(random.standard_normal((200, 24)))
    owners = np.arange(600) % 200
    texts = unit(images[owners] + 0.35 * random.standard_normal((600, 24)))
    return collect_answers(images, texts, np.stack([np.arange(600), owners], axis=1), chunk=64)


def test_answers_are_those_of_the_plain_formula() -> None:
    random = np.random.default_rng(1)
    images, texts = unit(random.standard_normal((30, 8))), unit(random.standard_normal((20, 8)))
    pairs = np.array([(text, picture) for text in range(20) for picture in {text, text // 2}])  # several pictures each
    found = collect_answers(images, texts, pairs, chunk=7)
    cosines = texts @ images.T
    right, wrong = [], []
    for text, picture in pairs:
        if (cosines[text] > cosines[text, picture]).sum() < 10:
            right.append(cosines[text, picture])
        own = set(pairs[pairs[:, 0] == text, 1])
        wrong += sorted((cosines[text, other] for other in range(30) if other not in own), reverse=True)[:10]
    np.testing.assert_allclose(np.sort(found.right), np.sort(right), rtol=1e-6)
    np.testing.assert_allclose(np.sort(found.wrong.ravel()), np.sort(wrong), rtol=1e-6)


def test_the_threshold_keeps_what_it_must(answers: Answers) -> None:
    for keep in (80.0, 95.0, 100.0):
        fitted = fit_calibration(answers, keep=keep)
        assert keep - 0.5 <= fitted.kept <= min(100, keep + 1.5)
        right = fitted.calibration.relevance(answers.right)
        assert fitted.kept == pytest.approx(100 * (right >= fitted.calibration.threshold).mean(), abs=1e-6)


def test_relevance_is_the_share_of_right_answers_where_both_are_as_many() -> None:
    # Of two normal curves a deviation apart the true odds are known: log(p / (1 - p)) = d * (x - middle) / s².
    random = np.random.default_rng(2)
    rows = np.arange(40_000) % 1000
    right = random.normal(0.5, 0.1, 40_000).astype(np.float32)
    wrong = random.normal(0.3, 0.1, (40_000, 1)).astype(np.float32)
    fitted = fit_calibration(Answers(right, wrong, rows, rows))
    assert fitted.calibration.slope == pytest.approx(0.2 / 0.01, rel=0.05)
    assert float(fitted.calibration.relevance(0.4)) == pytest.approx(0.5, abs=0.02)
    predicted, measured = fitted.reliability.T
    assert np.abs(predicted - measured).max() < 0.03


def test_right_answers_weigh_as_much_as_wrong_ones_however_few(answers: Answers) -> None:
    many = Answers(answers.right, np.tile(answers.wrong, (9, 1)), answers.right_rows, np.tile(answers.wrong_rows, 9))
    once, often = fit_calibration(answers).calibration, fit_calibration(many).calibration
    assert often.slope == pytest.approx(once.slope, rel=1e-3)
    assert join_answers([answers, answers]).right.shape == (2 * len(answers.right),)


def test_what_says_nothing_cannot_be_fitted(answers: Answers) -> None:
    upside_down = Answers(-answers.right, answers.wrong, answers.right_rows, answers.wrong_rows)
    with pytest.raises(DataError, match="do not score higher"):
        fit_calibration(upside_down)
    few = Answers(answers.right[:5], answers.wrong, answers.right_rows[:5], answers.wrong_rows)
    with pytest.raises(DataError, match="only 5 texts"):
        fit_calibration(few)
    with pytest.raises(DataError, match="two pictures"):
        collect_answers(np.ones((1, 2), np.float32), np.ones((1, 2), np.float32), np.zeros((1, 2), np.int64))


def test_a_calibration_is_read_as_it_was_written(answers: Answers, tmp_path: Path) -> None:
    fitted = fit_calibration(answers)
    assert read_calibration(tmp_path) is None
    fitted.calibration.save(tmp_path)
    assert read_calibration(tmp_path) == fitted.calibration
    plot_calibration(fitted, tmp_path / "plot.png", title="mini")
    assert (tmp_path / "plot.png").stat().st_size > 5000


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"slope": 1}', '{"slope": -1, "offset": 0, "threshold": 0.5}'])
def test_a_damaged_calibration_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "calibration.json").write_text(content)
    with pytest.raises(ModelError, match=r"calibration\.json"):
        read_calibration(tmp_path)


def test_relevance_rises_with_the_cosine() -> None:
    calibration = Calibration(**json.loads('{"slope": 12, "offset": -4, "threshold": 0.2}'))
    values = calibration.relevance(np.linspace(-1, 1, 50, dtype=np.float32))
    assert ((values > 0) & (values < 1)).all() and (np.diff(values) > 0).all()
