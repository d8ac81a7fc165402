"""Captioned pictures for ``zhclip eval``, from any format that training reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zhclip.evaluation.captioned import CaptionedPictures, Captions
from zhclip.training.data_config import SourceConfig
from zhclip.training.sources import Sample, read_sources
from zhclip.training.sources.captions import language_of
from zhclip.training.sources.chinese_clip import is_chinese_clip, read_chinese_clip
from zhclip.training.sources.chinese_clip_lmdb import is_lmdb, read_lmdb
from zhclip.training.sources.sample import Entry


def read_captioned(path: Path, languages: Sequence[str]) -> CaptionedPictures:
    """Read captioned pictures for evaluation.

    Of Chinese-CLIP's own formats a text stays one text with all its pictures, and predictions
    name its ids; of others each caption is a text of one picture, and ids are numbers of rows.

    Args:
        path: A file or folder as ``data.validation`` of a training configuration takes it.
        languages: Caption fields to measure, each by itself.

    Raises:
        DataError: The data is missing or broken, or has no captions in these languages.
    """
    if is_chinese_clip(path):
        return _with_ids(read_chinese_clip(path), languages)
    if path.is_dir() and is_lmdb(path):
        return _with_ids(read_lmdb(path), languages)
    return _numbered(read_sources([SourceConfig(path=str(path))], languages), languages)


def _numbered(samples: Sequence[Sample], languages: Sequence[str]) -> CaptionedPictures:
    captions: dict[str, Captions] = {}
    for language in languages:
        texts = [(text, row) for row, sample in enumerate(samples) for text in sample.captions.get(language, ())]
        if texts:
            pairs = np.array([(number, row) for number, (_, row) in enumerate(texts)], dtype=np.int64)
            captions[language] = Captions([text for text, _ in texts], range(len(texts)), pairs)
    return CaptionedPictures([sample.picture for sample in samples], range(len(samples)), captions)


def _with_ids(entries: Iterable[Entry], languages: Sequence[str]) -> CaptionedPictures:
    pictures: dict[str, tuple[int, Any]] = {}
    texts: dict[str, dict[Any, tuple[int, str]]] = {language: {} for language in languages}
    pairs: dict[str, list[tuple[int, int]]] = {language: [] for language in languages}
    for entry in entries:
        picture, _ = pictures.setdefault(entry.name, (len(pictures), entry.picture))
        text = str(entry.fields.get("text", ""))
        language = language_of(text)
        if not text.strip() or language not in texts:
            continue
        identity = entry.fields.get("text_id")
        known = texts[language]
        row, _ = known.setdefault(entry.place if identity is None else identity, (len(known), text))
        pairs[language].append((row, picture))
    ids = [int(name) if name.isdigit() else row for name, (row, _) in pictures.items()]
    captions = {
        language: Captions(
            [text for _, text in known.values()],
            [identity if isinstance(identity, int) else row for identity, (row, _) in known.items()],
            np.array(pairs[language], dtype=np.int64),
        )
        for language, known in texts.items()
        if known
    }
    return CaptionedPictures([picture for _, picture in pictures.values()], ids, captions)
