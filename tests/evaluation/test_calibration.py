"""Fitting calibrations: what is fitted, what the threshold does, and what cannot be fitted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zhclip.errors import DataError
from zhclip.evaluation.answers import FOUND, Answers
from zhclip.evaluation.calibration import Shares, fit_calibration, judge_unseen, plot_calibration
from zhclip.evaluation.questions import RIGHT, UNSURE, WRONG
from zhclip.models.calibration import FEATURES

REFERENCE = np.eye(4, dtype=np.float32)


def make_answers(count: int, *, shift: float = 0.0, seed: int = 0) -> Answers:
    """Answers whose cosines are those of two normal curves a deviation apart, moved by a feature of the query."""
    random = np.random.default_rng(seed)
    held = np.arange(count) % 2 == 0
    truth = np.full((count, FOUND), WRONG, dtype=np.int8)
    truth[held, 0] = RIGHT
    middle = random.normal(0, 1, count)
    cosines = random.normal(0.3, 0.1, truth.shape) + np.where(truth == RIGHT, 0.2, 0.0) + shift * middle[:, None]
    features = np.zeros((count, len(FEATURES)))
    features[:, FEATURES.index("spread")] = middle
    names = np.arange(count) % 4 < 2
    return Answers(cosines.astype(np.float32), truth, features, held, names, np.arange(count) // 2, np.full(count, 100))


def test_relevance_is_the_share_of_right_answers_where_both_are_as_many() -> None:
    # Of two normal curves the true odds are known: log(p / (1 - p)) = d * (x - middle) / s².
    fitted = fit_calibration(make_answers(40_000), REFERENCE)
    assert fitted.calibration.slope == pytest.approx(0.2 / 0.01, rel=0.05)
    curve = replace(fitted.calibration, weights={}, reference=None)
    assert float(curve.relevance(0.4)) == pytest.approx(0.5, abs=0.03)
    predicted, measured = fitted.reliability.T
    assert np.abs(predicted - measured).max() < 0.04


def test_what_is_known_of_a_query_moves_its_curve() -> None:
    answers = make_answers(20_000, shift=0.3)
    fitted = fit_calibration(answers, REFERENCE)
    # The cosines of a query are all higher by 0.3 times the feature: that much is taken off again.
    assert fitted.calibration.weights["spread"] == pytest.approx(-0.3 * fitted.calibration.slope, rel=0.05)
    assert fitted.calibration.weights["tokens"] == pytest.approx(0, abs=1e-6)  # it does not vary
    plain = fit_calibration(answers, REFERENCE, features=())
    assert plain.calibration.weights == {}
    for kind in ("captions", "names"):
        assert fitted.shares[kind].withheld > plain.shares[kind].withheld + 20


def test_the_threshold_keeps_what_it_must() -> None:
    answers = make_answers(20_000)
    for keep in (80.0, 95.0, 100.0):
        fitted = fit_calibration(answers, REFERENCE, keep=keep)
        for shares in fitted.shares.values():
            assert shares.kept == pytest.approx(keep, abs=1.5)


def test_each_half_is_judged_by_the_other() -> None:
    answers = make_answers(4000)
    before, _ = judge_unseen(answers, REFERENCE)
    # Better answers of the even kinds change how odd ones are judged, and not how their own wrong ones are.
    even = answers.kinds % 2 == 0
    right = even[:, None] & (answers.truth == RIGHT)
    after, _ = judge_unseen(replace(answers, cosines=answers.cosines + 0.1 * right), REFERENCE)
    wrong = even[:, None] & (answers.truth == WRONG)
    np.testing.assert_allclose(after[wrong], before[wrong], rtol=1e-5)
    assert np.abs(after[~even] - before[~even]).max() > 0.05


def test_right_answers_weigh_as_much_as_wrong_ones_however_few() -> None:
    answers = make_answers(32_000)
    rare = answers.of(np.where(answers.is_held, np.arange(32_000) % 20 < 4, True))
    often, seldom = (fit_calibration(one, REFERENCE).calibration for one in (answers, rare))
    assert seldom.slope == pytest.approx(often.slope, rel=0.1)
    assert seldom.offset == pytest.approx(often.offset, rel=0.1)


def test_shares_count_what_is_shown() -> None:
    truth = np.full((3, FOUND), UNSURE, dtype=np.int8)
    truth[0, :3] = RIGHT, WRONG, WRONG
    truth[1, :2] = RIGHT, RIGHT
    truth[2, :2] = WRONG, WRONG
    shown = np.zeros(truth.shape, dtype=bool)
    shown[0, :2] = shown[1, 0] = True
    held = np.array([True, True, False])
    answers = Answers(
        np.zeros(truth.shape, np.float32), truth, np.zeros((3, len(FEATURES))), held, ~held, np.arange(3), np.ones(3)
    )
    shares = Shares.measure(answers, shown)
    assert shares == pytest.approx((200 / 3, 50.0, 100.0))


def test_what_says_nothing_cannot_be_fitted() -> None:
    answers = make_answers(2000)
    with pytest.raises(DataError, match="do not score higher"):
        fit_calibration(replace(answers, cosines=-answers.cosines), REFERENCE)
    with pytest.raises(DataError, match="only 5 pictures and kinds of things"):
        fit_calibration(answers.of(np.arange(2000) < 10), REFERENCE)


def test_the_plot_is_drawn(tmp_path: Path) -> None:
    plot_calibration(fit_calibration(make_answers(2000), REFERENCE), tmp_path / "plot.png", title="mini")
    assert (tmp_path / "plot.png").stat().st_size > 5000
