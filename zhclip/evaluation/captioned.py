"""A model's recall over captioned pictures, and its answers as Chinese-CLIP's evaluation reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import DataError
from zhclip.evaluation.features import Picture, picture_features, text_features
from zhclip.evaluation.retrieval import Recall, recall, top_k
from zhclip.models import Encoder
from zhclip.models.encoder import Vectors


@dataclass(frozen=True)
class Captions:
    """Texts, and which pictures each belongs to."""

    texts: Sequence[str]
    ids: Sequence[int]
    """What each text is called in predictions."""
    pairs: NDArray[np.int64]
    """``[pairs, 2]``: the row of a text, the row of one of its pictures."""


@dataclass(frozen=True)
class CaptionedPictures:
    """What recall is measured on."""

    pictures: Sequence[Picture]
    ids: Sequence[int]
    """What each picture is called in predictions."""
    captions: Mapping[str, Captions]
    """By language."""


@dataclass(frozen=True)
class CaptionedResult:
    """Recall by language."""

    recalls: dict[str, Recall]
    pictures: int
    """How many were compared."""
    texts: dict[str, int]
    """How many captions there are, by language."""
    failed: dict[str, str]
    """Names of pictures that could not be read, which are no answers to any caption, and the reasons."""


def evaluate_captioned(
    encoder: Encoder, data: CaptionedPictures, *, predictions: Path | None = None
) -> CaptionedResult:
    """Measure recall in each language.

    Args:
        encoder: The model.
        data: Pictures and captions.
        predictions: A folder for the ten best answers to each query as JSONL, in the form
            that Chinese-CLIP's evaluation scripts read.

    Raises:
        DataError: None of the pictures can be read.
    """
    embedded = embed_captioned(encoder, data)
    recalls: dict[str, Recall] = {}
    for language, (texts, pairs) in embedded.texts.items():
        recalls[language] = recall(embedded.images, texts, pairs)
        if predictions is not None:
            ids = [data.ids[row] for row in embedded.rows]
            _write_predictions(predictions, language, embedded.images, ids, texts, data.captions[language])
    return CaptionedResult(
        recalls,
        len(embedded.images),
        {language: len(captions.texts) for language, captions in data.captions.items()},
        embedded.failed,
    )


class EmbeddedPictures(NamedTuple):
    """The vectors of captioned pictures, without those that cannot be read."""

    images: Vectors
    """float32 ``[pictures, dim]``"""
    rows: NDArray[np.int64]
    """``[pictures]``: which of the data's pictures they are."""
    texts: dict[str, tuple[Vectors, NDArray[np.int64]]]
    """By language: float32 ``[texts, dim]``, and the pairs ``[pairs, 2]`` of rows of a text and of a picture."""
    failed: dict[str, str]
    """Names of pictures that could not be read, and the reasons."""


def embed_captioned(encoder: Encoder, data: CaptionedPictures) -> EmbeddedPictures:
    """Embed captioned pictures and their captions.

    Args:
        encoder: The model.
        data: Pictures and captions.

    Raises:
        DataError: None of the pictures can be read, or none of them has a caption.
    """
    features, failed = picture_features(encoder, data.pictures)
    kept = np.array([row for row in range(len(data.pictures)) if row not in failed], dtype=np.int64)
    if not len(kept):
        raise DataError(
            "none of the {count} pictures can be read; the first: {reason}",
            count=len(data.pictures),
            reason=next(iter(failed.values())),
        )
    position = np.full(len(data.pictures), -1)
    position[kept] = np.arange(len(kept))
    texts = {}
    for language, captions in data.captions.items():
        pairs = np.stack([captions.pairs[:, 0], position[captions.pairs[:, 1]]], axis=1)
        pairs = pairs[pairs[:, 1] >= 0]
        if not len(pairs):
            raise DataError(
                "none of the {count} captions in {language} belongs to a picture that can be read; there is nothing "
                "to measure: check that the captions name these pictures",
                count=len(captions.texts),
                language=language,
            )
        texts[language] = text_features(encoder, captions.texts), pairs
    if not texts:
        raise DataError("there is not a single pair of a picture and a caption; there is nothing to measure")
    names = {data.pictures[row].name: reason for row, reason in sorted(failed.items())}
    return EmbeddedPictures(features[kept], kept, texts, names)


def _write_predictions(
    folder: Path, language: str, images: Vectors, image_ids: Sequence[int], texts: Vectors, captions: Captions
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{language}_text_to_image.jsonl").open("w", encoding="utf-8") as file:
        for text_id, rows in zip(captions.ids, top_k(texts, images), strict=True):
            file.write(json.dumps({"text_id": text_id, "image_ids": [image_ids[row] for row in rows]}) + "\n")
    with (folder / f"{language}_image_to_text.jsonl").open("w", encoding="utf-8") as file:
        for image_id, rows in zip(image_ids, top_k(images, texts), strict=True):
            file.write(json.dumps({"image_id": image_id, "text_ids": [captions.ids[row] for row in rows]}) + "\n")
