"""Training data as people have it: from a file or a folder to pictures with their captions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhclip.errors import DataError
from zhclip.training.config import SourceConfig
from zhclip.training.pictures import FilePicture, Picture


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture and its captions by language."""

    picture: Picture
    captions: dict[str, list[str]]


def read_sources(sources: Sequence[SourceConfig], languages: Sequence[str]) -> list[Sample]:
    """All pictures of the sources that have a caption in one of the languages.

    Args:
        sources: Where to read from, in order.
        languages: Caption fields that are wanted.

    Raises:
        DataError: A source is missing, cannot be read, or has no captions in these languages.
    """
    samples: list[Sample] = []
    for source in sources:
        found = [sample for sample in _read(source, languages) if any(sample.captions.values())]
        if not found:
            raise DataError(f"{source.path} has no picture with a caption in {', '.join(languages)}; nothing to use")
        samples.extend(found)
    return samples


def _read(source: SourceConfig, languages: Sequence[str]) -> Iterator[Sample]:
    path = Path(source.path).expanduser()
    if not path.exists():
        raise DataError(f"no data at {path}; check the path (it is relative to {Path.cwd()})")
    yield from _read_jsonl(path, source, languages)


def _read_jsonl(path: Path, source: SourceConfig, languages: Sequence[str]) -> Iterator[Sample]:
    folder = Path(source.pictures).expanduser() if source.pictures else path.parent
    for number, line in enumerate(_lines(path), start=1):
        try:
            record: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{path}, line {number} is not JSON: {error}") from None
        captions = {language: _texts(record.get(language)) for language in languages}
        yield Sample(FilePicture(folder / record["image"]), captions)


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from (line for line in file if line.strip())
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 (GBK, perhaps?); convert it: iconv -f gbk -t utf-8") from None


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else list(value or [])
    return [text for text in texts if text.strip()]
