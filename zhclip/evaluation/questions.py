"""Questions with known answers, for calibrations: captions and names, and which pictures are their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from zhclip.evaluation.captioned import CaptionedPictures, Captions, EmbeddedPictures, embed_captioned
from zhclip.evaluation.features import picture_features, text_features
from zhclip.evaluation.labelled import LabelledPictures, PictureFile
from zhclip.models import Encoder
from zhclip.models.encoder import Vectors

MOST_CAPTIONS = 2000
"""So many captions of a language are asked, drawn by lot where there are more."""

RIGHT, WRONG, UNSURE = 1, 0, -1


@dataclass(frozen=True)
class Questions:
    """Texts, pictures, and which of them are right answers."""

    pictures: Vectors
    """float32 ``[pictures, dim]``, unit length."""
    texts: Vectors
    """float32 ``[texts, dim]``, unit length."""
    tokens: NDArray[np.int64]
    """``[texts]``: how many tokens of each the model knows."""
    is_name: NDArray[np.bool_]
    """``[texts]``: the name of a kind of thing; else a caption."""
    kinds: NDArray[np.int64]
    """``[texts]``: texts of one picture, or names of one kind of thing, have one number."""
    truth: NDArray[np.int8]
    """``[texts, pictures]``: :data:`RIGHT`, :data:`WRONG`, or :data:`UNSURE`, which is no answer."""

    def about(self, chosen: NDArray[np.bool_]) -> Self:
        """Some of the texts, bool ``[texts]``, and all pictures."""
        return replace(
            self,
            texts=self.texts[chosen],
            tokens=self.tokens[chosen],
            is_name=self.is_name[chosen],
            kinds=self.kinds[chosen],
            truth=self.truth[chosen],
        )

    def among(self, pictures: NDArray[np.int64]) -> Self:
        """All texts, asked of some of the pictures, ``[n]``."""
        return replace(self, pictures=self.pictures[pictures], truth=self.truth[:, pictures])


class _Named(NamedTuple):
    """Labelled pictures of several sources as one."""

    pictures: list[PictureFile]
    labels: dict[str, NDArray[np.str_]]
    """By language, of each picture; ``""`` for none."""


def collect_questions(
    encoder: Encoder,
    captioned: CaptionedPictures,
    labelled: Sequence[Mapping[str, LabelledPictures]] = (),
    *,
    seed: int = 0,
) -> Questions:
    """Embed captions and names, and all their pictures.

    A caption is right for its own pictures. A name is right for the pictures that are labelled so; of a captioned
    picture whose captions hold the name nothing is sure, nor of one that has no label in the name's language.

    Args:
        encoder: The model.
        captioned: Captioned pictures that the model was not trained on.
        labelled: Labelled pictures, each by language, as :func:`zhclip.evaluation.labelled.read_labelled` gives them.
        seed: Of the lots.

    Raises:
        DataError: None of the captioned pictures can be read.
    """
    rng = np.random.default_rng(seed)
    said = _said(captioned)
    some = {language: _draw(captions, rng) for language, captions in captioned.captions.items()}
    embedded = embed_captioned(encoder, replace(captioned, captions=some))
    questions = _of_captions(encoder, some, embedded)
    return _with_names(encoder, questions, _join(labelled), [said[row] for row in embedded.rows])


def _said(captioned: CaptionedPictures) -> list[str]:
    said: list[list[str]] = [[] for _ in captioned.pictures]
    for captions in captioned.captions.values():
        for text, picture in captions.pairs:
            said[picture].append(captions.texts[text].casefold())
    return [" ".join(texts) for texts in said]


def _draw(captions: Captions, rng: np.random.Generator) -> Captions:
    if len(captions.texts) <= MOST_CAPTIONS:
        return captions
    drawn = np.sort(rng.choice(len(captions.texts), MOST_CAPTIONS, replace=False))
    rows = np.full(len(captions.texts), -1)
    rows[drawn] = np.arange(MOST_CAPTIONS)
    pairs = np.stack([rows[captions.pairs[:, 0]], captions.pairs[:, 1]], axis=1)
    return Captions(
        [captions.texts[row] for row in drawn], [captions.ids[row] for row in drawn], pairs[pairs[:, 0] >= 0]
    )


def _of_captions(encoder: Encoder, captions: Mapping[str, Captions], embedded: EmbeddedPictures) -> Questions:
    texts = [text for language in embedded.texts for text in captions[language].texts]
    truth = np.full((len(texts), len(embedded.images)), WRONG, dtype=np.int8)
    kinds = np.full(len(texts), -1)
    start = 0
    for vectors, pairs in embedded.texts.values():
        truth[start + pairs[:, 0], pairs[:, 1]] = RIGHT
        kinds[start + pairs[:, 0]] = pairs[:, 1]
        start += len(vectors)
    all_vectors = np.concatenate([vectors for vectors, _ in embedded.texts.values()])
    names = np.zeros(len(texts), dtype=bool)
    questions = Questions(embedded.images, all_vectors, np.array(encoder.text(texts).known), names, kinds, truth)
    return questions.about(kinds >= 0)  # the pictures of the others cannot be read


def _join(labelled: Sequence[Mapping[str, LabelledPictures]]) -> _Named:
    """One table of the pictures of several sources."""
    rows: dict[Path, int] = {}
    labels: dict[str, dict[int, str]] = {}
    for source in labelled:
        for language, data in source.items():
            for picture, label in zip(data.pictures, data.truth, strict=True):
                row = rows.setdefault(picture.path, len(rows))
                labels.setdefault(language, {})[row] = data.labels[label]
    tables = {language: np.array([of.get(row, "") for row in rows.values()]) for language, of in labels.items()}
    return _Named([PictureFile(path) for path in rows], tables)


def _with_names(encoder: Encoder, asked: Questions, named: _Named, said: Sequence[str]) -> Questions:
    """Questions by caption, and by name; all are asked of the captioned and the labelled pictures."""
    vectors, failed = picture_features(encoder, named.pictures)
    kept = np.array([row for row in range(len(named.pictures)) if row not in failed], dtype=np.int64)
    before, total = len(asked.pictures), len(asked.pictures) + len(kept)
    truth = [np.pad(asked.truth, ((0, 0), (0, len(kept))), constant_values=WRONG)]
    names: list[str] = []
    kinds: list[int] = []
    for labels in named.labels.values():
        for name in dict.fromkeys(labels[kept]):
            if not name:
                continue
            row = np.full(total, WRONG, dtype=np.int8)
            row[:before] = [UNSURE if name.casefold() in text else WRONG for text in said]
            row[before:] = np.where(labels[kept] == name, RIGHT, np.where(labels[kept] == "", UNSURE, WRONG))
            truth.append(row[None])
            names.append(str(name))
            kinds.append(before + int(np.flatnonzero(labels[kept] == name)[0]))
    if not names:
        return asked
    return Questions(
        np.concatenate([asked.pictures, vectors[kept]]),
        np.concatenate([asked.texts, text_features(encoder, names)]),
        np.concatenate([asked.tokens, np.array(encoder.text(names).known)]),
        np.concatenate([asked.is_name, np.ones(len(names), dtype=bool)]),
        np.concatenate([asked.kinds, np.array(kinds, dtype=np.int64)]),
        np.concatenate(truth),
    )
