"""Fitting a model's calibration: what a cosine says of whether a picture fits.

Two questions make the data, asked of each caption: what is the cosine of its own picture,
where a search finds it, and what are those of the first hits in a library without that
picture? The curve between the two kinds of answers is the relevance: the probability that
a hit of a cosine is right, where right and wrong ones are as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import DataError
from zhclip.models import Calibration

FOUND = 10
"""A picture is found where it is among the first so many."""

_BINS = 10
_LEAST = 20


@dataclass(frozen=True)
class Answers:
    """Cosines of right and wrong answers to the same queries."""

    right: NDArray[np.float32]
    """``[found]``: of the queries' own pictures, where they are among the first ten."""
    wrong: NDArray[np.float32]
    """``[queries, hits]``: of the first ten hits where the own picture is not in the library, best first."""
    right_rows: NDArray[np.int64]
    """``[found]``: the pictures of ``right``."""
    wrong_rows: NDArray[np.int64]
    """``[queries]``: the own pictures of the queries of ``wrong``."""

    def of(self, chosen: NDArray[np.bool_]) -> Answers:
        """The answers to queries about some of the pictures, bool ``[pictures]``."""
        right, wrong = chosen[self.right_rows], chosen[self.wrong_rows]
        return Answers(self.right[right], self.wrong[wrong], self.right_rows[right], self.wrong_rows[wrong])


@dataclass(frozen=True)
class FittedCalibration:
    """A calibration, and how well it does."""

    calibration: Calibration
    kept: float
    """Right answers that the threshold keeps, in percent."""
    withheld: float
    """Wrong answers that it withholds, in percent."""
    silent: float
    """Searches for what the library does not hold that show nothing, in percent."""
    curve: NDArray[np.float64]
    """``[thresholds, 4]``: relevance, percent kept, withheld and silent."""
    reliability: NDArray[np.float64]
    """``[bins, 2]``: mean relevance, and share of right answers, of answers that were not fitted on."""


def collect_answers(
    images: NDArray[np.float32], texts: NDArray[np.float32], pairs: NDArray[np.int64], *, chunk: int = 1024
) -> Answers:
    """Ask each text of the pictures, with and without its own.

    Args:
        images: float32 ``[pictures, dim]``, unit length.
        texts: float32 ``[texts, dim]``, unit length.
        pairs: int64 ``[pairs, 2]``: the rows of a text and of its picture. A text in several pairs is asked
            for each of its pictures, none of which counts as wrong.
        chunk: Texts that are compared at once.

    Raises:
        DataError: There are fewer than two pictures.
    """
    if len(images) < 2:
        raise DataError("a calibration needs captions of two pictures at least")
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    own, wrong = np.empty(len(pairs), np.float32), np.empty((len(pairs), min(FOUND, len(images) - 1)), np.float32)
    found = np.empty(len(pairs), bool)
    for start in range(0, len(texts), chunk):
        rows = slice(*np.searchsorted(pairs[:, 0], [start, start + chunk]))
        row, column = pairs[rows, 0] - start, pairs[rows, 1]
        cosines = texts[start : start + chunk] @ images.T
        own[rows] = cosines[row, column]
        found[rows] = (cosines[row] > own[rows, None]).sum(axis=1) < FOUND
        cosines[row, column] = -np.inf
        first = -np.sort(np.partition(-cosines, wrong.shape[1] - 1, axis=1)[:, : wrong.shape[1]], axis=1)
        wrong[rows] = first[row]
    return Answers(own[found], wrong, pairs[found, 1], pairs[:, 1])


def join_answers(several: Sequence[Answers]) -> Answers:
    """The answers of several languages together."""
    return Answers(
        np.concatenate([answers.right for answers in several]),
        np.concatenate([answers.wrong for answers in several]),
        np.concatenate([answers.right_rows for answers in several]),
        np.concatenate([answers.wrong_rows for answers in several]),
    )


def fit_calibration(answers: Answers, *, keep: float = 95.0) -> FittedCalibration:
    """Fit the curve, and choose the threshold that keeps most right answers.

    Reliability is measured on every other picture with a curve that was fitted on the rest.

    Args:
        answers: What :func:`collect_answers` gives, of one language or of several together.
        keep: Right answers that the threshold must keep, in percent.

    Raises:
        DataError: There are too few answers, or the model cannot tell right from wrong.
    """
    if len(answers.right) < _LEAST:
        raise DataError(
            "only {count} texts find their picture among the first {found}; a calibration needs "
            "{least}: give more captioned pictures, or a better model",
            count=len(answers.right),
            found=FOUND,
            least=_LEAST,
        )
    slope, offset = _fit_logistic(answers)
    curve = Calibration(slope, offset, 0.0)
    limit = float(np.percentile(answers.right, 100 - keep))
    calibration = Calibration(slope, offset, float(curve.relevance(limit)))
    right, wrong = curve.relevance(answers.right), curve.relevance(answers.wrong)
    thresholds = np.linspace(0, 1, 101)
    return FittedCalibration(
        calibration,
        kept=100 * float((right >= calibration.threshold).mean()),
        withheld=100 * float((wrong < calibration.threshold).mean()),
        silent=100 * float((wrong[:, 0] < calibration.threshold).mean()),
        curve=np.array(
            [(t, *(100 * part.mean() for part in (right >= t, wrong < t, wrong[:, 0] < t))) for t in thresholds]
        ),
        reliability=_reliability(answers),
    )


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


def _reliability(answers: Answers) -> NDArray[np.float64]:
    even = np.arange(int(answers.wrong_rows.max()) + 1) % 2 == 0
    curve = Calibration(*_fit_logistic(answers.of(even)), threshold=0.0)
    others = answers.of(~even)
    relevance = curve.relevance(np.concatenate([others.right, others.wrong.ravel()]))
    is_right = np.repeat([1.0, 0.0], [others.right.size, others.wrong.size])
    weights = _even_odds(others)
    edges = np.quantile(relevance, np.linspace(0, 1, _BINS + 1)[1:-1])
    bins = np.searchsorted(edges, relevance)
    totals = np.bincount(bins, weights, minlength=_BINS)
    sums = [np.bincount(bins, weights * values, minlength=_BINS) for values in (relevance, is_right)]
    filled = totals > 0
    return np.stack([total[filled] / totals[filled] for total in sums], axis=1)


def _fit_logistic(answers: Answers) -> tuple[float, float]:
    """Slope and offset by Newton's method; right and wrong answers weigh the same as a whole."""
    cosines = np.concatenate([answers.right, answers.wrong.ravel()]).astype(np.float64)
    is_right = np.repeat([1.0, 0.0], [answers.right.size, answers.wrong.size])
    weights = _even_odds(answers)
    mean, deviation = cosines.mean(), cosines.std() or 1.0
    design = np.stack([(cosines - mean) / deviation, np.ones_like(cosines)], axis=1)
    found = np.zeros(2)
    for _ in range(50):
        probability = 1 / (1 + np.exp(-design @ found))
        gradient = design.T @ (weights * (is_right - probability)) - 1e-6 * found
        hessian = (design * (weights * probability * (1 - probability))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        found += np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    slope = found[0] / deviation
    if slope <= 0:
        raise DataError(
            "right answers do not score higher than wrong ones: either the captions belong to other pictures, "
            "or the model has learned nothing"
        )
    return float(slope), float(found[1] - slope * mean)


def _even_odds(answers: Answers) -> NDArray[np.float64]:
    sizes = (answers.right.size, answers.wrong.size)
    return np.repeat([0.5 / max(1, size) for size in sizes], sizes)
