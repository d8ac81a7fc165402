"""Prototypes: what an image classifier knows of its classes, as training data without photos.

The last layer of a classifier holds a direction for each class in the space of the tower's
pooled features. For class c with weights w_c, and S the covariance of pooled features of the
training photos::

    d_c = unit(0.7 w_c / |w_c| + 0.3 S w_c / |S w_c|)

S w_c is how features of photos change when they look more like the class (the pattern of a linear
model: Haufe et al. 2014); w_c alone also cancels what disturbs. A made feature is::

    max(0, mean + a d_c + spread r)

with a drawn uniformly (``strength``) and r the difference of a random training photo's feature from the
mean. Its text is the class's name, or a broader word (a husky is a dog), alone or in a sentence.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from torch import Tensor

from zhclip.errors import ConfigError, DataError
from zhclip.evaluation.prompts import PROMPTS
from zhclip.models.text import TextPreparation
from zhclip.training.data_config import PrototypesConfig
from zhclip.training.sources.jsonl import read_records
from zhclip.training.texts import TextBuckets, Texts, TokenizedTexts

OWN_WEIGHTS = 0.7
"""Share of the classifier's own direction; the rest is the pattern's."""


class PrototypeBatch(NamedTuple):
    """Made features of some classes, and what they are called."""

    features: Tensor
    """float32 ``[n, width]``, in the space of the tower's pooled features."""
    classes: Tensor
    """int64 ``[n]``"""
    text: TextBuckets
    text_rows: Tensor
    """int64 ``[n]``: which texts they are."""


class Names(NamedTuple):
    """Everything that the classes are called, and which classes each text means."""

    texts: list[str]
    means: NDArray[np.bool_]
    """``[texts, classes]``"""
    own: list[list[list[int]]]
    """Rows of the class's own name, alone first, then in sentences, by language and class."""
    broader: list[list[list[list[int]]]]
    """The same of each broader word of a class, by language and class."""


class Prototypes:
    """Made features with their texts, drawn as a function of the seed and the step.

    Args:
        config: Which classes, and how features are made.
        photos: float16 ``[photos, width]``: pooled features of training photos.
        preparation: How the model wants its texts.
        seed: Of everything random.

    Raises:
        ConfigError: The classifier is of another width than the tower, or names and classes are of other counts.
        DataError: A file is missing or cannot be read.
    """

    def __init__(
        self, config: PrototypesConfig, photos: NDArray[np.float16], preparation: TextPreparation, *, seed: int
    ) -> None:
        weights = read_classifier(Path(config.classifier).expanduser(), width=photos.shape[1])
        self.names = read_names(config, classes=len(weights))
        features = photos.astype(np.float32)
        self._mean = features.mean(axis=0)
        self._photos = photos
        self._directions = directions(weights, features - self._mean)
        self._config = config
        self._seed = seed
        self.texts: Texts = TokenizedTexts.from_strings(self.names.texts, preparation)
        shares = np.array(list(config.languages.values()))
        self._languages = np.cumsum(shares / shares.sum())
        self.means = torch.from_numpy(self.names.means)

    def draw(self, step: int, count: int, *, part: int = 0) -> PrototypeBatch:
        """Made features of a part of a step.

        Args:
            step: From 0.
            count: How many.
            part: Which part of the step, over processes and micro-batches.
        """
        rng = np.random.default_rng((self._seed, 4, step, part))
        classes = rng.integers(len(self._directions), size=count)
        strength = rng.uniform(*self._config.strength, size=(count, 1))
        photos = self._photos[rng.integers(len(self._photos), size=count)].astype(np.float32)
        made = self._mean + strength * self._directions[classes] + self._config.spread * (photos - self._mean)
        rows = np.array([self._name(int(row), rng) for row in classes], dtype=np.int64)
        return PrototypeBatch(
            torch.from_numpy(np.maximum(made, 0).astype(np.float32)),
            torch.from_numpy(classes),
            self.texts.buckets(rows),
            torch.from_numpy(rows),
        )

    def _name(self, row: int, rng: np.random.Generator) -> int:
        language = min(int((rng.random() > self._languages).sum()), len(self._languages) - 1)
        forms, broader = self.names.own[language][row], self.names.broader[language][row]
        if broader and rng.random() < self._config.broader_share:
            forms = broader[int(rng.integers(len(broader)))]
        if len(forms) > 1 and rng.random() < self._config.sentence_share:
            return forms[int(rng.integers(1, len(forms)))]
        return forms[0]


def directions(weights: NDArray[np.float32], differences: NDArray[np.float32]) -> NDArray[np.float32]:
    """The direction of each class, unit length ``[classes, width]``.

    Args:
        weights: The classifier's, ``[classes, width]``.
        differences: Photos' pooled features less their mean, ``[photos, width]``.
    """
    # S w without S: the covariance of a thousand numbers is a million.
    pattern = (weights @ differences.T) @ differences
    return _unit(np.average([_unit(weights), _unit(pattern)], axis=0, weights=[OWN_WEIGHTS, 1 - OWN_WEIGHTS]))


def read_classifier(path: Path, *, width: int) -> NDArray[np.float32]:
    """The weights of a classifier, ``[classes, width]``.

    Raises:
        ConfigError: It is of another width than the tower's pooled features.
        DataError: The file is missing or damaged, or holds no such weights.
    """
    try:
        weights = load_file(path)["weight"].astype(np.float32)
    except FileNotFoundError:
        raise DataError("no classifier at {path}; check data.prototypes.classifier", path=path) from None
    except KeyError:
        raise DataError("{path} holds no weights named 'weight'; it is no classifier's last layer", path=path) from None
    except (OSError, SafetensorError) as error:
        raise DataError("{path} cannot be read ({reason}); get it again", path=path, reason=str(error)) from None
    if weights.ndim != 2 or weights.shape[1] != width:
        raise ConfigError(
            "the classifier {path} takes {found} numbers, but the image tower pools {width}; take the last layer of "
            "the classifier that the tower was pretrained with",
            path=path,
            found=weights.shape[-1] if weights.ndim else 0,
            width=width,
        )
    return weights


def read_names(config: PrototypesConfig, *, classes: int) -> Names:
    """What the classes are called, in each language: their names and broader words, alone and in sentences.

    Raises:
        ConfigError: There are names of another count than classes, a class has no name, or a broader word names
            a class that is not there.
        DataError: A file is missing or cannot be read.
    """
    path = Path(config.classes).expanduser()
    records = list(read_records(path))
    if len(records) != classes:
        raise ConfigError(
            "{path} names {found} classes, but the classifier {classifier} has {classes}; give the names of its "
            "classes, one a line, in its order",
            path=path,
            found=len(records),
            classifier=config.classifier,
            classes=classes,
        )
    texts: dict[str, int] = {}
    means: dict[int, set[int]] = {}

    def forms(name: str, language: str, meant: Sequence[int]) -> list[int]:
        # No sentence of other languages than these two is known.
        rows = [texts.setdefault(text.format(name), len(texts)) for text in PROMPTS.get(language, ("{}",))]
        for row in rows:
            means.setdefault(row, set()).update(meant)
        return rows

    own, broader = [], []
    words = _read_broader(config, classes)
    for language in config.languages:
        named = []
        for row, (place, record) in enumerate(records):
            name = record.get(language)
            if not isinstance(name, str) or not name.strip():
                raise ConfigError(
                    "{place} has no name in {language}; add it, or leave the language out of data.prototypes.languages",
                    place=place,
                    language=language,
                )
            named.append(forms(name.strip(), language, [row]))
        wider: list[list[list[int]]] = [[] for _ in records]
        for word, meant in words.get(language, []):
            rows = forms(word, language, meant)
            for row in meant:
                wider[row].append(rows)
        own.append(named)
        broader.append(wider)
    table = np.zeros((len(texts), classes), dtype=bool)
    for text_row, class_rows in means.items():
        table[text_row, list(class_rows)] = True
    return Names(list(texts), table, own, broader)


def _read_broader(config: PrototypesConfig, classes: int) -> dict[str, list[tuple[str, list[int]]]]:
    """By language, broader words and the classes that each means."""
    found: dict[str, list[tuple[str, list[int]]]] = {language: [] for language in config.languages}
    if config.broader is None:
        return found
    path = Path(config.broader).expanduser()
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file, delimiter="\t"))
    except FileNotFoundError:
        raise DataError("no broader words at {path}; check data.prototypes.broader", path=path) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError("{path} cannot be read as a UTF-8 table: {reason}", path=path, reason=str(error)) from None
    for number, line in enumerate(lines, start=2):
        rows = _class_rows(line.get("classes") or "", classes, f"{path}, line {number}")
        for language in found:
            found[language] += [(word.strip(), rows) for word in (line.get(language) or "").split(",") if word.strip()]
    return found


def _class_rows(text: str, classes: int, place: str) -> list[int]:
    """The rows that ``151-268,275`` means."""
    rows: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()) or int(last or first) >= classes:
            raise ConfigError(
                "{place}: {part!r} names no classes from 0 to {most}; write 151-268,275", place=place, part=part,
                most=classes - 1,
            )  # fmt: skip
        rows += range(int(first), int(last or first) + 1)
    return rows


def _unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), dtype=np.float32)
