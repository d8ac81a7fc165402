"""Reads all data of a run once and says what is wrong with it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from zhclip.errors import PictureError
from zhclip.messages import translate
from zhclip.models.image import open_image
from zhclip.models.text import TextPreparation, normalize
from zhclip.training.config import RunConfig
from zhclip.training.data_config import SourceConfig
from zhclip.training.filters import FilterCounts, apply_filters
from zhclip.training.parallel import read_parallel
from zhclip.training.pictures import Picture, map_pictures
from zhclip.training.sources import Sample, drop_blank, read_raw

_TEXTS_AT_ONCE = 4096
_UNKNOWN = "[UNK]"


class Unreadable(NamedTuple):
    """A picture that cannot be read."""

    name: str
    reason: str


@dataclass
class CaptionReport:
    """The captions of one language."""

    captions: int = 0
    """That are not blank."""
    blank: int = 0
    over_long: int = 0
    """That have more tokens than the model reads; the end is lost."""
    repeated: int = 0
    """That stand there again, as normalized: captions less distinct captions."""
    tokens: int = 0
    unknown_tokens: int = 0
    """Tokens that the vocabulary does not have: the model reads each as [UNK]."""
    most_unknown: dict[str, int] = field(default_factory=dict)
    """The ten most frequent pieces of text behind them."""

    @property
    def unknown_rate(self) -> float:
        """Share of unknown tokens, 0..1."""
        return self.unknown_tokens / self.tokens if self.tokens else 0.0


@dataclass
class SplitReport:
    """The training or the validation data."""

    pictures: int
    without_caption: int
    """That have none in any of the languages."""
    unreadable: list[Unreadable]
    repeated_pictures: list[str]
    """Names of pictures of the very bytes of an earlier one."""
    captions: dict[str, CaptionReport]
    usable: int
    """Pictures that are left when all that cannot be used, and all that the filters leave out, is gone."""


@dataclass
class DataReport:
    """What was found."""

    train: SplitReport
    validation: SplitReport
    in_both: list[str]
    """Names of validation pictures whose very bytes are in the training data, too."""
    filters: FilterCounts
    """What the filters leave out of the training data."""
    sentence_pairs: int
    """In the files of ``data.parallel``."""

    @property
    def loses_data(self) -> bool:
        """Whether a picture cannot be read, or nothing at all can be used."""
        splits = (self.train, self.validation)
        return any(split.unreadable for split in splits) or not all(split.usable for split in splits)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        content = asdict(self)
        for name, split in (("train", self.train), ("validation", self.validation)):
            content[name]["unreadable"] = [bad._asdict() for bad in split.unreadable]
            for language, captions in split.captions.items():
                content[name]["captions"][language]["unknown_rate"] = captions.unknown_rate
        return content | {"filters": self.filters._asdict(), "loses_data": self.loses_data}


def check_data(config: RunConfig, preparation: TextPreparation) -> DataReport:
    """Read every caption and decode every picture of a run.

    Args:
        config: The run.
        preparation: How its model wants texts.

    Raises:
        DataError: A source is missing, cannot be read, or has no captions in the run's languages; or a file of
            parallel texts is.
    """
    sentence_pairs = len(read_parallel(config.data.parallel))
    train = _read(config.data.train, list(config.data.languages), "train", preparation)
    validation = _read(config.data.validation, config.data.validation_languages, "validation", preparation)
    kept, counts = apply_filters(train.usable, config.data.filters)
    train.report.usable = len(kept)
    seen = set(train.digests.values())
    in_both = [picture.name for picture, digest in validation.digests.items() if digest in seen]
    return DataReport(train.report, validation.report, in_both, counts, sentence_pairs)


class _Split(NamedTuple):
    report: SplitReport
    digests: dict[Picture, bytes]
    """Of the pictures that can be read."""
    usable: list[Sample]


def _read(sources: Sequence[SourceConfig], languages: Sequence[str], name: str, preparation: TextPreparation) -> _Split:
    samples = read_raw(sources, languages)
    captions = {
        language: _check_captions([text for sample in samples for text in sample.captions[language]], preparation)
        for language in languages
    }
    captioned = drop_blank(samples)
    digests: dict[Picture, bytes] = {}
    unreadable: list[Unreadable] = []
    pictures = [sample.picture for sample in samples]
    for picture, result in zip(pictures, map_pictures(_decode, pictures, f"decoding {name}"), strict=True):
        if isinstance(result, PictureError):
            unreadable.append(Unreadable(picture.name, str(result)))
        else:
            digests[picture] = result
    usable = [sample for sample in captioned if sample.picture in digests]
    report = SplitReport(
        pictures=len(samples),
        without_caption=len(samples) - len(captioned),
        unreadable=unreadable,
        repeated_pictures=_repeated(digests),
        captions=captions,
        usable=len(usable),
    )
    return _Split(report, digests, usable)


def _repeated(digests: dict[Picture, bytes]) -> list[str]:
    seen: set[bytes] = set()
    repeated = []
    for picture, digest in digests.items():
        if digest in seen:
            repeated.append(picture.name)
        seen.add(digest)
    return repeated


def _decode(picture: Picture) -> bytes | PictureError:
    """The digest of a picture's bytes, or why it cannot be read."""
    try:
        source = picture.read()
        image = open_image(source)
        content = source if isinstance(source, bytes) else _bytes(source) or image.tobytes()
        return hashlib.blake2b(content, digest_size=16).digest()
    except PictureError as error:
        return error


def _bytes(source: object) -> bytes | None:
    return Path(source).read_bytes() if isinstance(source, str | Path) else None


def _check_captions(texts: Sequence[str], preparation: TextPreparation) -> CaptionReport:
    report = CaptionReport()
    distinct: set[int] = set()
    unknown: Counter[str] = Counter()
    for part in _parts(texts):
        normal = [text for text in (normalize(text, simplify=preparation.simplify) for text in part) if text]
        report.captions += len(normal)
        report.blank += len(part) - len(normal)
        distinct.update(map(hash, normal))
        for text, encoding in zip(normal, preparation.tokenizer.encode_batch(normal), strict=True):
            report.over_long += bool(encoding.overflowing)
            for piece in (encoding, *encoding.overflowing):
                report.tokens += len(piece.ids) - 2  # less [CLS] and [SEP]
                if _UNKNOWN in piece.tokens:
                    unknown.update(
                        text[start:end]
                        for token, (start, end) in zip(piece.tokens, piece.offsets, strict=True)
                        if token == _UNKNOWN
                    )
    report.repeated = report.captions - len(distinct)
    report.unknown_tokens = unknown.total()
    report.most_unknown = dict(unknown.most_common(10))
    return report


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    with tqdm(total=len(texts), desc=translate("reading captions"), delay=2, disable=None) as bar:
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = texts[start : start + _TEXTS_AT_ONCE]
            yield part
            bar.update(len(part))
