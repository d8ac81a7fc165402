"""Labelled pictures: a folder for each class, or JSONL with a label a line."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import DataError
from zhclip.evaluation.classification import Classifier, ZeroShotResult, zero_shot
from zhclip.evaluation.features import picture_features
from zhclip.file_names import find_file
from zhclip.models import Encoder
from zhclip.models.image import PICTURE_SUFFIXES
from zhclip.text_file import read_lines

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class PictureFile:
    """A picture in a file of its own."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def read(self) -> Path:
        """The path."""
        return self.path


@dataclass(frozen=True)
class LabelledPictures:
    """Pictures and their labels in one language."""

    pictures: list[PictureFile]
    labels: list[str]
    """Each once, in the order of the data."""
    truth: NDArray[np.int64]
    """``[pictures]``: the row of each picture's label."""


def read_labelled(path: Path, *, split: str | None = None) -> dict[str, LabelledPictures]:
    """Read labelled pictures.

    Args:
        path: A folder with a folder for each class, whose name is the label; or a JSONL file (or a
            folder that holds one) of lines with ``image`` and ``zh``, ``en``, or both; or ``label``.
        split: Only the lines whose ``split`` is this.

    Returns:
        By language, ``zh`` and ``en`` or one of the two; ``labels`` where it is not said.

    Raises:
        DataError: The data is missing or broken, or has no labelled picture.
    """
    if not path.exists():
        raise DataError("no data at {path}; check the path (it is relative to {folder})", path=path, folder=Path.cwd())
    file = path
    if path.is_dir():
        tables = sorted(child for child in path.iterdir() if child.suffix.lower() == ".jsonl")
        if len(tables) > 1:
            raise DataError(
                "{path} holds {names}; give the path of one of them",
                path=path,
                names=", ".join(table.name for table in tables),
            )
        if not tables:
            return {"labels": _collect(_folders(path), path)}
        file = tables[0]
    records = [record for record in _records(file) if split is None or record.get("split") == split]
    found: dict[str, LabelledPictures] = {}
    for name, field in (*((language, language) for language in LANGUAGES), ("labels", "label")):
        pairs = [
            (Path(find_file(file.parent, record["image"])), record[field]) for record in records if record.get(field)
        ]
        if pairs:
            found[name] = _collect(iter(pairs), file)
    if not found:
        if split:
            raise DataError(
                '{file} has no line with split {split!r} like {{"image": "a.jpg", "zh": "猫", "en": "cat"}}',
                file=file,
                split=split,
            )
        raise DataError('{file} has no line like {{"image": "a.jpg", "zh": "猫", "en": "cat"}}', file=file)
    return found


@dataclass(frozen=True)
class LabelledResult:
    """Accuracy with the labels of one language."""

    language: str
    ways: int
    """How many labels there were to choose from."""
    pictures: int
    """How many could be read."""
    ensembled: ZeroShotResult
    """With the vectors of several sentences averaged for each label."""
    plain: ZeroShotResult
    """With the label alone."""


def evaluate_labelled(
    encoder: Encoder, data: Mapping[str, LabelledPictures]
) -> tuple[list[LabelledResult], dict[str, str]]:
    """Measure zero-shot classification in each language, with and without averaging over prompts.

    Args:
        encoder: The model.
        data: As :func:`read_labelled` gives it.

    Returns:
        The results, and the names of pictures that could not be read, with the reasons.

    Raises:
        DataError: None of the pictures of a language can be read.
    """
    # Languages share pictures, and each is embedded once.
    pictures = list(dict.fromkeys(picture for labelled in data.values() for picture in labelled.pictures))
    vectors, failed = picture_features(encoder, pictures)
    rows = {picture: row for row, picture in enumerate(pictures)}
    results: list[LabelledResult] = []
    for language, labelled in data.items():
        own = np.array([rows[picture] for picture in labelled.pictures])
        good = np.array([row not in failed for row in own])
        if not good.any():
            raise DataError(
                "none of the {count} pictures can be read; the first: {reason}",
                count=len(own),
                reason=next(iter(failed.values())),
            )
        ensembled, plain = (
            zero_shot(Classifier(encoder, labelled.labels, ensemble=several), vectors[own[good]], labelled.truth[good])
            for several in (True, False)
        )
        results.append(LabelledResult(language, len(labelled.labels), int(good.sum()), ensembled, plain))
    return results, {pictures[row].name: reason for row, reason in sorted(failed.items())}


def _folders(path: Path) -> Iterator[tuple[Path, str]]:
    for folder in sorted(child for child in path.iterdir() if child.is_dir()):
        for picture in sorted(folder.rglob("*")):
            if picture.suffix.lower() in PICTURE_SUFFIXES:
                yield picture, folder.name


def _collect(pairs: Iterator[tuple[Path, str]], source: Path) -> LabelledPictures:
    pictures: list[PictureFile] = []
    rows: dict[str, int] = {}
    truth: list[int] = []
    for picture, label in pairs:
        pictures.append(PictureFile(picture))
        truth.append(rows.setdefault(unicodedata.normalize("NFC", label.strip()), len(rows)))
    if not pictures:
        raise DataError("{source} has no pictures in folders that are named after what they show", source=source)
    return LabelledPictures(pictures, list(rows), np.array(truth, dtype=np.int64))


def _records(path: Path) -> Iterator[dict[str, str]]:
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(
                "{path}, line {number} is not JSON: {error}", path=path, number=number, error=error
            ) from None
        if not isinstance(record, dict) or not isinstance(record.get("image"), str):
            raise DataError("{path}, line {number} names no image", path=path, number=number)
        for field in (*LANGUAGES, "label"):
            if not isinstance(record.get(field) or "", str):
                raise DataError(
                    "{path}, line {number}: {field} is {value!r}, not a text",
                    path=path,
                    number=number,
                    field=field,
                    value=record[field],
                )
        yield record
