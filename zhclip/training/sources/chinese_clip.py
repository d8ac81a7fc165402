"""Chinese-CLIP's files: ``{split}_imgs.tsv`` (id, tab, base64) and ``{split}_texts.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from zhclip.errors import DataError
from zhclip.text_file import require_regular
from zhclip.training.pictures import AbsentPicture, Base64Picture, Picture
from zhclip.training.sources.captions import encodable
from zhclip.training.sources.jsonl import read_records
from zhclip.training.sources.sample import Entry

TEXTS = "_texts.jsonl"
IMAGES = "_imgs.tsv"


def is_chinese_clip(path: Path) -> bool:
    """Whether a path is one of the two files, or a folder of them."""
    if path.is_dir():
        return any(path.glob(f"*{TEXTS}")) and any(path.glob(f"*{IMAGES}"))
    return path.name.endswith((TEXTS, IMAGES)) and all(file.is_file() for file in _pair(path))


def read_chinese_clip(path: Path) -> Iterator[Entry]:
    """Read the pictures of a split, then its texts.

    The pictures stay where they are: only the place of each is kept.

    Args:
        path: Either file of the split, or a folder that holds one split.

    Raises:
        DataError: A file is missing or broken, or the folder holds several splits.
    """
    images, texts = _pair(_split(path) if path.is_dir() else path)
    require_regular(images)
    require_regular(texts)
    pictures: dict[str, Picture] = {}
    for number, (name, picture) in enumerate(_index(images), start=1):
        pictures[name] = picture
        yield Entry(name, picture, {}, f"{images}, line {number}")
    for place, record in read_records(texts):
        ids = record.get("image_ids")
        if not isinstance(ids, list) or not isinstance(record.get("text"), str):
            raise DataError('{place} should be {{"text_id": 1, "text": "...", "image_ids": [2]}}', place=place)
        for name in (encodable(str(number)) for number in ids):
            fields = {"text": record["text"], "text_id": record.get("text_id")}
            yield Entry(name, pictures.get(name) or AbsentPicture(str(images), name), fields, place)


def _split(folder: Path) -> Path:
    splits = sorted(folder.glob(f"*{TEXTS}"))
    if len(splits) != 1:
        names = ", ".join(path.name for path in splits)
        if not names:
            raise DataError("{folder} holds no *{texts}; give the path of the file to read", folder=folder, texts=TEXTS)
        raise DataError("{folder} holds {names}; give the path of the one file to read", folder=folder, names=names)
    return splits[0]


def _pair(path: Path) -> tuple[Path, Path]:
    split = path.name.removesuffix(TEXTS).removesuffix(IMAGES)
    return path.with_name(split + IMAGES), path.with_name(split + TEXTS)


def _index(path: Path) -> Iterator[tuple[str, Base64Picture]]:
    offset = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    offset += len(line)
                    continue
                name, tab, encoded = line.rstrip(b"\r\n").partition(b"\t")
                if not tab or not name:
                    raise DataError(
                        "{path}, line {number} is not a picture's id, a tab and its base64", path=path, number=number
                    )
                key = name.decode(errors="replace")
                yield key, Base64Picture(str(path), offset + len(name) + 1, len(encoded), key)
                offset += len(line)
    except OSError as error:
        raise DataError("{path} cannot be read: {error}", path=path, error=error) from None
