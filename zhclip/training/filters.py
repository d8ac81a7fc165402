"""Noise filters after ALIGN's (Jia et al. 2021, section 3): what is left out of the training data, counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from PIL import Image

from zhclip.errors import PictureError
from zhclip.models.picture_file import PICTURE_SUFFIXES, open_picture_file
from zhclip.training.data_config import FilterConfig
from zhclip.training.pictures import Picture, map_pictures
from zhclip.training.sources import Sample
from zhclip.training.sources.captions import language_of

_SUFFIX = re.compile(rf"(?:{'|'.join(re.escape(suffix) for suffix in sorted(PICTURE_SUFFIXES))})$", re.IGNORECASE)
_MADE_BY_MACHINE = re.compile(
    r"""
    [\W_]*
    (?:  # what cameras, phones and programs begin with
        dscn?f?|dcim|img|imag|image|picture|pic|photo|pxl|mvimg|pano|gopr|dji|sam|cimg|hpim|p(?=\d{6})|scan|frame
        |untitled|unnamed|download|wx|mmexport|wechatimg|screen[ _-]?shot
        |微信图片|微信截图|屏幕截图|截屏|截图|图片|照片|未命名|未标题|下载
    )?
    (?:[\W_]*(?:
        [0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}    # a UUID
        |(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}+    # a hash
        |\d++|at|am|pm|上午|下午    # numbers, dates and times
        |wa|mp|x|hdr|burst|edited|copy|副本
    ))*
    [\W_]*
    """,
    re.IGNORECASE | re.VERBOSE,
)


class FilterCounts(NamedTuple):
    """What the filters left out; each counts what the ones before it left."""

    min_text_length: int = 0
    """Captions that were too short."""
    file_names: int = 0
    """Captions that were file names."""
    max_pictures_per_text: int = 0
    """Captions that too many pictures share."""
    without_captions: int = 0
    """Pictures that these filters left without a caption."""
    min_side: int = 0
    """Pictures that were too small."""
    max_aspect: int = 0
    """Pictures that were too long or too wide."""
    unreadable: int = 0
    """Pictures whose size could not be read; looked for where a filter needs the size."""

    def describe(self) -> str:
        """The counts that are not 0, as in ``min_side 3, file_names 1``."""
        return ", ".join(f"{name} {count}" for name, count in self._asdict().items() if count)


def apply_filters(samples: Sequence[Sample], filters: FilterConfig) -> tuple[list[Sample], FilterCounts]:
    """Leave out noise.

    Texts are looked at first, then the pictures that still have one. Only the headers of
    pictures are opened, and only where a filter needs their size.

    Args:
        samples: Not changed.
        filters: What to leave out.

    Returns:
        The samples that are left, in order, and how many of what each filter left out.
    """
    counts: Counter[str] = Counter()
    kept = list(samples)
    if filters.min_text_length > 1:
        kept = _texts_where(kept, lambda text: text_length(text) >= filters.min_text_length, "min_text_length", counts)
    if filters.file_names:
        kept = _texts_where(kept, lambda text: not is_file_name(text), "file_names", counts)
    if filters.max_pictures_per_text:
        shared = _pictures_per_text(kept)
        limit = filters.max_pictures_per_text
        kept = _texts_where(kept, lambda text: shared[_key(text)] <= limit, "max_pictures_per_text", counts)
    captioned = [sample for sample in kept if any(sample.captions.values())]
    counts["without_captions"] = len(kept) - len(captioned)
    if filters.min_side or filters.max_aspect:
        captioned = _pictures_where(captioned, filters, counts)
    return captioned, FilterCounts(**counts)


def text_length(text: str) -> int:
    """Characters of a Chinese text, words of others; white space does not count."""
    words = text.split()
    return sum(map(len, words)) if language_of(text) == "zh" else len(words)


def is_file_name(text: str) -> bool:
    """Whether a text looks like a file name that a machine made, such as ``DSC_0042.JPG``."""
    stem, suffixes = _SUFFIX.subn("", re.split(r"[\\/]", text.strip())[-1])
    # "photo" and "..." alone are poor captions, but no file names.
    return bool(suffixes or re.search(r"\d", stem)) and _MADE_BY_MACHINE.fullmatch(stem) is not None


def picture_size(picture: Picture) -> tuple[int, int] | None:
    """Width and height in pixels as the header says; None where it cannot be read."""
    try:
        source = picture.read()
        if isinstance(source, Image.Image):
            return source.size
        with open_picture_file(source) as image:
            return image.size
    except PictureError:
        return None


def _texts_where(samples: list[Sample], keep: Callable[[str], bool], name: str, counts: Counter[str]) -> list[Sample]:
    kept = []
    for sample in samples:
        captions = {language: [text for text in texts if keep(text)] for language, texts in sample.captions.items()}
        dropped = _size(sample.captions) - _size(captions)
        counts[name] += dropped
        kept.append(replace(sample, captions=captions) if dropped else sample)
    return kept


def _size(captions: dict[str, list[str]]) -> int:
    return sum(map(len, captions.values()))


def _pictures_per_text(samples: list[Sample]) -> Counter[int]:
    return Counter(
        key for sample in samples for key in {_key(text) for texts in sample.captions.values() for text in texts}
    )


def _key(text: str) -> int:
    # Millions of texts are counted: a hash takes a fraction of their memory, and 64 bits do not collide by chance.
    return hash(" ".join(text.split()).lower())


def _pictures_where(samples: list[Sample], filters: FilterConfig, counts: Counter[str]) -> list[Sample]:
    kept = []
    sizes = map_pictures(picture_size, [sample.picture for sample in samples], "reading picture sizes")
    for sample, size in zip(samples, sizes, strict=True):
        if size is None:
            counts["unreadable"] += 1
        elif min(size) < filters.min_side:
            counts["min_side"] += 1
        elif filters.max_aspect and max(size) > filters.max_aspect * min(size):
            counts["max_aspect"] += 1
        else:
            kept.append(sample)
    return kept
