"""What a model answers to questions in libraries of many sizes, where the right answer is there and where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import DataError
from zhclip.evaluation.questions import RIGHT, UNSURE, Questions
from zhclip.models.calibration import query_features

FOUND = 10
"""What counts as found: the first so many answers."""
REFERENCE = 256
"""So many pictures become the reference of a calibration, or a fifth of all where that is less."""
SIZES = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
"""Pictures of the libraries that are asked."""

_TEXTS = 200


@dataclass(frozen=True)
class Answers:
    """The first answers to questions, one question a row."""

    cosines: NDArray[np.float32]
    """``[questions, FOUND]``, best first; 0 where a library holds no more."""
    truth: NDArray[np.int8]
    """``[questions, FOUND]``: of each answer; ``UNSURE`` where a library holds no more."""
    features: NDArray[np.float64]
    """``[questions, features]``, see :func:`zhclip.models.calibration.query_features`."""
    is_held: NDArray[np.bool_]
    """``[questions]``: the library holds a right answer, found or not."""
    is_name: NDArray[np.bool_]
    """``[questions]``: a name is asked for; else a caption."""
    kinds: NDArray[np.int64]
    """``[questions]``: as of :class:`Questions`."""
    sizes: NDArray[np.int64]
    """``[questions]``: how many pictures the library holds."""

    def of(self, chosen: NDArray[np.bool_]) -> Self:
        """Some of the questions, bool ``[questions]``."""
        return type(self)(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})

    @classmethod
    def join(cls, several: list[Self]) -> Self:
        """The questions of several together."""
        return cls(**{one.name: np.concatenate([getattr(a, one.name) for a in several]) for one in fields(cls)})


def ask(questions: Questions, reference: NDArray[np.float32]) -> Answers:
    """Ask all questions of one library.

    Args:
        questions: What is asked, of which pictures.
        reference: Vectors of the reference pictures, ``[m, dim]``.
    """
    cosines = questions.texts @ questions.pictures.T
    first = np.argsort(-cosines, axis=1, kind="stable")[:, :FOUND]
    missing = ((0, 0), (0, FOUND - first.shape[1]))
    truth = np.take_along_axis(questions.truth, first, axis=1)
    return Answers(
        np.pad(np.take_along_axis(cosines, first, axis=1), missing),
        np.pad(truth, missing, constant_values=UNSURE),
        query_features(questions.texts, questions.tokens, len(questions.pictures), reference),
        (questions.truth == RIGHT).any(axis=1),
        questions.is_name,
        questions.kinds,
        np.full(len(cosines), len(questions.pictures)),
    )


def collect_answers(
    questions: Questions, *, sizes: Sequence[int] = SIZES, seed: int = 0
) -> tuple[Answers, NDArray[np.float32]]:
    """Ask questions of libraries of many sizes, which are drawn from their pictures.

    Half of the libraries are drawn from all pictures, half from the pictures of a few kinds of things. Each is
    asked for what it holds, and for what it does not.

    Args:
        questions: What can be asked.
        sizes: Pictures of the libraries; those that there are not pictures enough for are left out.
        seed: Of the lots.

    Returns:
        The answers, and the vectors of the reference pictures ``[n, dim]``, which are in no library.

    Raises:
        DataError: There are too few pictures.
    """
    rng = np.random.default_rng(seed)
    total = len(questions.pictures)
    if total < 2:
        raise DataError("a calibration needs captions of two pictures at least")
    drawn = rng.permutation(total)
    reference, pool = np.split(drawn, [min(REFERENCE, max(1, total // 5))])
    # What only the reference shows would teach that what is shown there is in no library.
    askable = questions.about((questions.truth[:, pool] == RIGHT).any(axis=1)).among(pool)
    vectors = questions.pictures[reference]
    several = []
    for size in [size for size in sizes if size <= max(1, 3 * len(pool) // 4)]:
        for turn in range(max(4, min(60, 2000 // size))):
            library = _by_kind(askable, size, rng) if turn % 2 else rng.choice(len(pool), size, replace=False)
            asked = askable.about(_choose(askable, library, rng)).among(library)
            several.append(ask(asked, vectors))
    return Answers.join(several), vectors


def _by_kind(questions: Questions, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Pictures of as few kinds of things as there are enough pictures of, in an order by lot."""
    chosen = np.zeros(len(questions.pictures), dtype=bool)
    for row in rng.permutation(np.flatnonzero(questions.is_name)):
        chosen |= questions.truth[row] == RIGHT
        if chosen.sum() >= size:
            break
    rows = rng.permutation(np.flatnonzero(chosen))[:size]
    others = rng.permutation(np.flatnonzero(~chosen))[: size - len(rows)]
    return rng.permutation(np.concatenate([rows, others]))


def _choose(questions: Questions, library: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Captions and names, as many that the library holds as such that it does not, as far as there are."""
    held = (questions.truth[:, library] == RIGHT).any(axis=1)
    chosen = np.zeros(len(held), dtype=bool)
    for is_name in (True, False):
        for is_held in (True, False):
            rows = np.flatnonzero((questions.is_name == is_name) & (held == is_held))
            chosen[rng.permutation(rows)[:_TEXTS]] = True
    return chosen
