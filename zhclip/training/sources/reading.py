"""From sources of any format to samples."""

from __future__ import annotations

import glob
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path

from tqdm import tqdm

from zhclip.errors import DataError
from zhclip.messages import Message, translate
from zhclip.models.image import PICTURE_SUFFIXES
from zhclip.text_file import require_regular
from zhclip.training.data_config import SourceConfig
from zhclip.training.pictures import Picture
from zhclip.training.sources.captions import captions_of
from zhclip.training.sources.chinese_clip import is_chinese_clip, read_chinese_clip
from zhclip.training.sources.chinese_clip_lmdb import is_lmdb, read_lmdb
from zhclip.training.sources.folder import read_folder
from zhclip.training.sources.jsonl import read_jsonl
from zhclip.training.sources.sample import Entry, Sample
from zhclip.training.sources.table import read_table
from zhclip.training.sources.webdataset import read_webdataset

_BY_SUFFIX = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".tar": "webdataset"}


def read_sources(sources: Sequence[SourceConfig], languages: Sequence[str]) -> list[Sample]:
    """All pictures of the sources that have a caption in one of the languages.

    A picture that several lines or sources speak of is one sample with all its captions.

    Args:
        sources: Where to read from, in order.
        languages: Languages that are wanted.

    Raises:
        DataError: A source is missing, cannot be read, or has no captions in these languages.
    """
    return drop_blank(read_raw(sources, languages))


def read_raw(sources: Sequence[SourceConfig], languages: Sequence[str]) -> list[Sample]:
    """As :func:`read_sources`, with pictures that have no caption and captions that are blank.

    Args:
        sources: Where to read from, in order.
        languages: Languages that are wanted.

    Raises:
        DataError: A source is missing, cannot be read, or has no captions in these languages.
    """
    samples: dict[Picture, Sample] = {}
    for number, source in enumerate(sources):
        _read(source, number, languages, samples)
    return list(samples.values())


def drop_blank(samples: Iterable[Sample]) -> list[Sample]:
    """Drop blank captions, in place, and the samples that have no others."""
    for sample in samples:
        for texts in sample.captions.values():
            texts[:] = [text for text in texts if text.strip()]
    return [sample for sample in samples if any(sample.captions.values())]


def _read(source: SourceConfig, number: int, languages: Sequence[str], samples: dict[Picture, Sample]) -> None:
    columns = {language: source.languages.get(language, language) for language in languages}
    pictures = texts = 0
    fields: set[str] = set()
    for entry in tqdm(
        _entries(source, columns.values()), desc=translate("reading {path}", path=source.path), delay=2, disable=None
    ):
        if not entry.name.startswith(source.prefix or "") or not _has(entry, source.only):
            continue
        captions = captions_of(entry.fields, columns, entry.place)
        pictures += 1
        texts += any(text.strip() for texts_of_language in captions.values() for text in texts_of_language)
        if not texts:
            fields.update(entry.fields)
        sample = samples.setdefault(entry.picture, Sample(entry.picture, captions, source.weight, number))
        if sample.captions is not captions:
            for language, more in captions.items():
                sample.captions[language].extend(more)
    if not pictures:
        values = ", ".join(f"{name} {value!r}" for name, value in source.only.items())
        raise DataError(
            "{path} has no pictures{named}{valued}; nothing to use",
            path=source.path,
            named=Message(" whose name begins with {prefix!r}", prefix=source.prefix) if source.prefix else "",
            valued=Message(" with {values}", values=values) if values else "",
        )
    if not texts and fields:
        raise DataError(
            "{path} has no picture with a caption in {languages}; its fields are {fields}; name the one that holds "
            "captions under languages: {{{language}: FIELD}}",
            path=source.path,
            languages=reduce(_either, languages),
            fields=", ".join(sorted(fields)),
            language=languages[0],
        )
    if not texts:
        raise DataError(
            "{path} has no picture with a caption in {languages}; no texts belong to its pictures, such as dog.txt "
            "to dog.jpg",
            path=source.path,
            languages=reduce(_either, languages),
        )


def _either(first: str, second: str) -> Message:
    return Message("{first} or {second}", first=first, second=second)


def _has(entry: Entry, values: Mapping[str, str]) -> bool:
    return all(str(entry.fields.get(name)) == value for name, value in values.items())


def _entries(source: SourceConfig, columns: Collection[str]) -> Iterator[Entry]:
    path = Path(source.path).expanduser()
    kind = _recognise(path) if source.format == "auto" else source.format
    if kind == "webdataset":
        return read_webdataset(str(path))
    if not path.exists():
        raise DataError("no data at {path}; check the path (it is relative to {folder})", path=path, folder=Path.cwd())
    require_regular(path)
    if kind == "folder":
        return read_folder(path, columns)
    if kind == "lmdb":
        return read_lmdb(path)
    if kind == "chinese-clip":
        return read_chinese_clip(path)
    pictures = Path(source.pictures).expanduser() if source.pictures else path.parent
    return read_table(path, pictures, columns) if kind == "csv" else read_jsonl(path, pictures)


def _recognise(path: Path) -> str:
    if path.is_dir():
        if is_lmdb(path):
            return "lmdb"
        if is_chinese_clip(path):
            return "chinese-clip"
        suffixes = {child.suffix.lower() for child in path.iterdir()}
        return "webdataset" if ".tar" in suffixes and not suffixes & PICTURE_SUFFIXES else "folder"
    if not path.exists() and (glob.has_magic(str(path)) or "{" in str(path)):
        return "webdataset"
    if is_chinese_clip(path):
        return "chinese-clip"
    if {".tar", ".tgz"} & {suffix.lower() for suffix in path.suffixes}:
        return "webdataset"
    if path.exists() and path.suffix.lower() not in _BY_SUFFIX:
        raise DataError(
            "{path} ends in none of {names}; say what it is with format", path=path, names=", ".join(_BY_SUFFIX)
        )
    return _BY_SUFFIX.get(path.suffix.lower(), "jsonl")
