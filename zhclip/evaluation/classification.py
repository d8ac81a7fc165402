"""Zero-shot classification: which of some labels fits a picture, without training for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import DataError, QueryError
from zhclip.evaluation.prompts import EVERYDAY, PROMPTS
from zhclip.models import Encoder, ImageSource, load_model
from zhclip.models.encoder import Vectors
from zhclip.text_file import read_text

NEAREST = 5
"""So many of the everyday words are averaged, the nearest to the picture, for what no label fits."""

_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Guess:
    """A label for a picture."""

    label: str
    probability: float
    """0..1, with the model's temperature, over all labels and "none of these"."""
    score: float
    """Cosine."""


@dataclass(frozen=True)
class Classification:
    """What a picture shows."""

    guesses: list[Guess]
    """The most probable labels, best first."""
    none_probability: float
    """That none of the labels fits, 0..1."""

    @property
    def label(self) -> str | None:
        """The best label; ``None`` where none of them fits."""
        best = self.guesses[0]
        return best.label if best.probability >= self.none_probability else None


class Classifier:
    """A model with a set of labels.

    Args:
        encoder: The model.
        labels: Names of what pictures may show, in Chinese, English or both.
        ensemble: Put each label into all of :data:`PROMPTS` and average the vectors; else use it as it is.

    Raises:
        QueryError: There are no labels, or one is empty.
    """

    def __init__(self, encoder: Encoder, labels: Sequence[str], *, ensemble: bool = True) -> None:
        self.encoder = encoder
        self.labels = _distinct(labels)
        self.ensemble = ensemble

    @cached_property
    def vectors(self) -> Vectors:
        """float32 ``[labels, dim]``, unit length."""
        prompts = [PROMPTS[_language(label)][: None if self.ensemble else 1] for label in self.labels]
        texts = [prompt.format(label) for label, own in zip(self.labels, prompts, strict=True) for prompt in own]
        return _means(self.encoder.encode_text(texts), [len(own) for own in prompts])

    @cached_property
    def _everyday(self) -> Vectors:
        languages = sorted({_language(label) for label in self.labels})
        return self.encoder.encode_text([word for language in languages for word in EVERYDAY[language]])

    def __call__(self, pictures: ImageSource | Sequence[ImageSource], *, top_k: int = 5) -> list[Classification]:
        """Classify pictures.

        Args:
            pictures: One or several: paths, bytes of files, or PIL images.
            top_k: How many labels each is given.

        Raises:
            PictureError: A picture cannot be read.
        """
        return self.of_vectors(self.encoder.encode_image(pictures), top_k=top_k)

    def of_vectors(self, vectors: Vectors, *, top_k: int = 5) -> list[Classification]:
        """Classify pictures by their vectors ``[n, dim]``."""
        everyday = np.sort(vectors @ self._everyday.T, axis=1)[:, -NEAREST:].mean(
            axis=1, keepdims=True, dtype=np.float32
        )
        cosines = np.concatenate([vectors @ self.vectors.T, everyday], axis=1)
        probabilities = _softmax(self.encoder.logit_scale * cosines)
        best = np.argsort(-cosines[:, :-1], axis=1, kind="stable")[:, :top_k]
        return [
            Classification(
                [Guess(self.labels[row], float(own[row]), float(scores[row])) for row in rows], float(own[-1])
            )
            for rows, own, scores in zip(best, probabilities, cosines, strict=True)
        ]


def classify(
    pictures: ImageSource | Sequence[ImageSource],
    labels: Sequence[str],
    *,
    model: str | Encoder = "mini",
    top_k: int = 5,
    ensemble: bool = True,
) -> list[Classification]:
    """Say which of some labels fits each picture best, or that none does.

    Args:
        pictures: One or several: paths, bytes of files, or PIL images.
        labels: Names of what the pictures may show, in Chinese, English or both.
        model: What :func:`zhclip.load_model` takes, or an encoder.
        top_k: How many labels each picture is given.
        ensemble: Average over several sentences with each label; better, and slower once for each label.

    Returns:
        A :class:`Classification` for each picture, in order.

    Raises:
        QueryError: There are no labels, or one is empty.
        PictureError: A picture cannot be read.
        ModelError: The model cannot be loaded.
    """
    names = _distinct(labels)  # before the model is loaded, which takes longer
    encoder = model if isinstance(model, Encoder) else load_model(model)
    return Classifier(encoder, names, ensemble=ensemble)(pictures, top_k=top_k)


def read_labels(path: Path) -> list[str]:
    """Read labels from a text file, one a line; blank lines are left out.

    Raises:
        DataError: The file is missing, not UTF-8, or holds no label.
    """
    if not path.exists():
        raise DataError("no label file at {path}; check the path", path=path)
    lines = read_text(path).splitlines()
    labels = [line.strip() for line in lines if line.strip()]
    if not labels:
        raise DataError("{path} holds no labels; write one a line", path=path)
    return labels


@dataclass(frozen=True)
class ClassResult:
    """How well one class was recognised."""

    label: str
    pictures: int
    top_1: float
    """Percent."""
    mistaken_for: str | None
    """The label that it was most often given wrongly."""


@dataclass(frozen=True)
class ZeroShotResult:
    """Accuracy over labelled pictures."""

    top_1: float
    """Percent of the pictures."""
    top_5: float
    class_mean: float
    """Mean of the classes' accuracies, in percent: small classes count as much as large ones."""
    classes: list[ClassResult]


def zero_shot(classifier: Classifier, vectors: Vectors, truth: NDArray[np.int64]) -> ZeroShotResult:
    """Measure a classifier on labelled pictures; all of them have one of its labels.

    Args:
        classifier: Of which labels are to be chosen from.
        vectors: float32 ``[pictures, dim]``, unit length.
        truth: int64 ``[pictures]``: the row of each picture's label.
    """
    best = np.argsort(-(vectors @ classifier.vectors.T), axis=1, kind="stable")[:, :5]
    right = best[:, 0] == truth
    classes: list[ClassResult] = []
    for row, label in enumerate(classifier.labels):
        own = truth == row
        if own.any():
            wrong = np.bincount(best[own & ~right, 0], minlength=1)
            mistaken = classifier.labels[int(wrong.argmax())] if wrong.any() else None
            classes.append(ClassResult(label, int(own.sum()), 100 * float(right[own].mean()), mistaken))
    return ZeroShotResult(
        100 * float(right.mean()),
        100 * float((best == truth[:, None]).any(axis=1).mean()),
        float(np.mean([one.top_1 for one in classes])),
        classes,
    )


def _distinct(labels: Sequence[str]) -> list[str]:
    if isinstance(labels, str) or not labels:
        raise QueryError("there are no labels to choose from; give a list of at least one name")
    for row, label in enumerate(labels, start=1):
        if not label.strip():
            raise QueryError(
                "label {row} of {count} is empty; take it out or give it a name", row=row, count=len(labels)
            )
    return list(dict.fromkeys(label.strip() for label in labels))


def _language(label: str) -> str:
    return "zh" if _CHINESE.search(label) else "en"


def _means(vectors: Vectors, counts: Sequence[int]) -> Vectors:
    starts = np.cumsum([0, *counts[:-1]])
    sums = np.add.reduceat(vectors, starts, axis=0)
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), dtype=np.float32)


def _softmax(logits: NDArray[Any]) -> NDArray[np.float32]:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), dtype=np.float32)
