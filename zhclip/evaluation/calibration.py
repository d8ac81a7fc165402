"""Fitting a model's calibration: what a cosine says of whether a picture fits.

Captions and names are asked of libraries of many sizes, some of which hold the right answer (see
:mod:`zhclip.evaluation.answers`). The curve between right and wrong answers is the relevance: the probability that
a hit is right, where right and wrong ones are as many. For each size, captions and names count the same; of the
wrong answers, half are those beside right ones, and half the first ones where there is no right one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import DataError
from zhclip.evaluation.answers import FOUND, Answers
from zhclip.evaluation.questions import RIGHT, WRONG
from zhclip.models import Calibration
from zhclip.models.calibration import FEATURES

_BINS = 10
_LEAST = 20
_RIDGE = 1e-4


class Shares(NamedTuple):
    """What a threshold does, in percent."""

    kept: float
    """Right answers that it keeps."""
    withheld: float
    """Wrong answers that it withholds, where the library holds a right one."""
    silent: float
    """Searches for what the library does not hold that show nothing."""

    @classmethod
    def measure(cls, answers: Answers, shown: NDArray[np.bool_]) -> Shares:
        """The shares where the answers ``[questions, FOUND]`` are shown, or not."""
        wrong = (answers.truth == WRONG) & answers.is_held[:, None]
        nothing = ~(shown & (answers.truth == WRONG)).any(axis=1)
        parts = (shown[answers.truth == RIGHT], ~shown[wrong], nothing[~answers.is_held])
        return cls(*(100 * float(part.mean()) if part.size else float("nan") for part in parts))


@dataclass(frozen=True)
class FittedCalibration:
    """A calibration, and how well it does on what it was not fitted on."""

    calibration: Calibration
    shares: Mapping[str, Shares]
    """Of ``captions`` and of ``names``: of each half, with what was fitted on the other."""
    curve: NDArray[np.float64]
    """``[thresholds, 4]``: relevance, percent kept, withheld and silent."""
    reliability: NDArray[np.float64]
    """``[bins, 2]``: mean relevance, and share of right answers."""


def fit_calibration(
    answers: Answers, reference: NDArray[np.float32], *, keep: float = 95.0, features: Sequence[str] = FEATURES
) -> FittedCalibration:
    """Fit the curve, and choose the threshold that keeps most right answers.

    How well it does is measured in halves: pictures with their captions, and kinds of things with their names, are
    divided in two, and each half is judged by what was fitted on the other.

    Args:
        answers: What :func:`zhclip.evaluation.answers.collect_answers` gives.
        reference: The vectors of the reference pictures, ``[n, dim]``.
        keep: Right answers that the threshold must keep, in percent; captions and names count the same.
        features: What is weighed beside the cosine, of :data:`zhclip.models.calibration.FEATURES`.

    Raises:
        DataError: There are too few answers, or the model cannot tell right from wrong.
    """
    found = answers.kinds[(answers.truth == RIGHT).any(axis=1)]
    if len(np.unique(found)) < _LEAST:
        raise DataError(
            "only {count} pictures and kinds of things are found among the first {found}; a calibration needs {least}: "
            "give more captioned pictures, or a better model",
            count=len(np.unique(found)),
            found=FOUND,
            least=_LEAST,
        )
    likely, shown = judge_unseen(answers, reference, keep=keep, features=features)
    groups = {"captions": ~answers.is_name, "names": answers.is_name}
    thresholds = np.linspace(0, 1, 101)
    return FittedCalibration(
        _fit(answers, reference, keep, features),
        {name: Shares.measure(answers.of(group), shown[group]) for name, group in groups.items() if group.any()},
        curve=np.array([(least, *Shares.measure(answers, likely >= least)) for least in thresholds]),
        reliability=_reliability(answers, likely),
    )


def judge_unseen(
    answers: Answers, reference: NDArray[np.float32], *, keep: float = 95.0, features: Sequence[str] = FEATURES
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Judge each half of the kinds of things by what is fitted on the other half.

    Args:
        answers: As for :func:`fit_calibration`.
        reference: As for :func:`fit_calibration`.
        keep: As for :func:`fit_calibration`.
        features: As for :func:`fit_calibration`.

    Returns:
        The relevance of each answer, ``[questions, FOUND]``, and whether it is shown.
    """
    found = np.unique(answers.kinds[(answers.truth == RIGHT).any(axis=1)])
    others = np.setdiff1d(answers.kinds, found)
    halves = np.isin(answers.kinds, np.concatenate([found[::2], others[::2]]))
    likely, shown = np.empty(answers.truth.shape), np.empty(answers.truth.shape, dtype=bool)
    for half in (halves, ~halves):
        fitted = _fit(answers.of(~half), reference, keep, features)
        likely[half] = _judge(fitted, answers.of(half))
        shown[half] = likely[half] >= fitted.threshold
    return likely, shown


def _judge(calibration: Calibration, answers: Answers) -> NDArray[np.float64]:
    weights = np.array([calibration.weights.get(name, 0.0) for name in FEATURES])
    return calibration.relevance(answers.cosines + (answers.features @ weights)[:, None] / calibration.slope)


def _fit(answers: Answers, reference: NDArray[np.float32], keep: float, features: Sequence[str]) -> Calibration:
    sure = answers.truth >= WRONG
    weighed = answers.features[:, [FEATURES.index(name) for name in features]]
    columns = np.broadcast_to(weighed[:, None], (*sure.shape, len(features)))[sure]
    design = np.column_stack([answers.cosines[sure], columns]).astype(np.float64)
    is_right, masses = answers.truth[sure] == RIGHT, _masses(answers)[sure]
    slope, *weights, offset = _fit_logistic(design[masses > 0], is_right[masses > 0], masses[masses > 0])
    if slope <= 0:
        raise DataError(
            "right answers do not score higher than wrong ones: either the captions belong to other pictures, "
            "or the model has learned nothing"
        )
    curve = Calibration(slope, offset, 0.0, dict(zip(features, weights, strict=True)), reference)
    likely = _judge(curve, answers)[sure][is_right]
    order = np.argsort(likely)
    reached = np.cumsum(masses[is_right][order]) / masses[is_right].sum()
    return replace(curve, threshold=float(likely[order][np.searchsorted(reached, 1 - keep / 100)]))


def _masses(answers: Answers) -> NDArray[np.float64]:
    """How much each answer counts, ``[questions, FOUND]``."""
    masses = np.zeros(answers.truth.shape)
    wrong = answers.truth == WRONG
    beside = wrong & answers.is_held[:, None]
    instead = wrong & ~answers.is_held[:, None] & (np.arange(FOUND) == 0)
    for size in np.unique(answers.sizes):
        for is_name in (False, True):
            group = ((answers.sizes == size) & (answers.is_name == is_name))[:, None]
            for part, share in ((answers.truth == RIGHT, 0.5), (beside, 0.25), (instead, 0.25)):
                chosen = part & group
                masses[chosen] = share / max(1, chosen.sum())
    return np.asarray(masses / masses.sum())


def _fit_logistic(design: NDArray[np.float64], is_right: NDArray[np.bool_], masses: NDArray[np.float64]) -> list[float]:
    """A weight for each column, and the offset, by Newton's method."""
    mean, deviation = design.mean(axis=0), design.std(axis=0)
    deviation = np.where(deviation > 1e-9, deviation, np.inf)  # what does not vary says nothing
    scaled = np.column_stack([(design - mean) / deviation, np.ones(len(design))])
    penalty = np.append(np.full(design.shape[1], _RIDGE), 0.0)
    found = np.zeros(scaled.shape[1])
    for _ in range(100):
        probability = 1 / (1 + np.exp(-np.clip(scaled @ found, -30, 30)))
        gradient = scaled.T @ (masses * (is_right - probability)) - penalty * found
        curvature = (scaled * (masses * probability * (1 - probability))[:, None]).T @ scaled
        step = np.clip(np.linalg.solve(curvature + np.diag(penalty + 1e-9), gradient), -1, 1)
        found += step
        if np.abs(step).max() < 1e-9:
            break
    weights = found[:-1] / deviation
    return [*weights.tolist(), float(found[-1] - weights @ mean)]


def plot_calibration(fitted: FittedCalibration, picture: Path, *, title: str = "") -> None:
    """Draw the reliability diagram, and what each threshold keeps and withholds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    reliability, trade = figure.subplots(1, 2)
    reliability.plot([0, 1], [0, 1], color="0.7", linestyle="--", label="perfect")
    reliability.plot(*fitted.reliability.T, marker="o", color="#0d9488", label="measured")
    reliability.set(xlabel="relevance", ylabel="share of right answers", title="Reliability", xlim=(0, 1), ylim=(0, 1))
    reliability.legend(frameon=False)
    thresholds, kept, withheld, silent = fitted.curve.T
    trade.plot(thresholds, kept, color="#0d9488", label="right answers kept")
    trade.plot(thresholds, withheld, color="#b45309", label="wrong answers withheld")
    trade.plot(thresholds, silent, color="#b45309", linestyle="--", label="searches in vain that show nothing")
    threshold = fitted.calibration.threshold
    trade.axvline(threshold, color="0.4", linestyle=":", label=f"threshold {threshold:.2f}")
    trade.set(xlabel="least relevance", ylabel="%", title="What a threshold keeps", xlim=(0, 1), ylim=(0, 101))
    # Curves cross the whole square, so their names stand below it.
    trade.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    figure.suptitle(title)
    figure.savefig(picture, dpi=120)


def _reliability(answers: Answers, likely: NDArray[np.float64]) -> NDArray[np.float64]:
    masses = _masses(answers)
    counted = masses > 0
    relevance, weights, is_right = likely[counted], masses[counted], answers.truth[counted] == RIGHT
    edges = np.quantile(relevance, np.linspace(0, 1, _BINS + 1)[1:-1])
    bins = np.searchsorted(edges, relevance)
    totals = np.bincount(bins, weights, minlength=_BINS)
    sums = [np.bincount(bins, weights * values, minlength=_BINS) for values in (relevance, is_right)]
    filled = totals > 0
    return np.stack([total[filled] / totals[filled] for total in sums], axis=1)
