"""What a picture's row and a model's record can be, as rules for what comes from elsewhere."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from zhclip.library.picture import NOWHERE, fold, picture_id
from zhclip.messages import Message
from zhclip.models.picture_file import MAX_PIXELS, MAX_SIDE, PICTURE_FORMATS

MOST_DIM = 32_768
"""The most numbers of a vector that Milvus takes."""

MOST_TAGS = 4_000
"""The most tags of a picture: those of sidecars have 16,000 characters with what stands between them."""

MOST_BYTES = {
    "id": 32, "content": 32, "path": 4_096, "name": 4_096, "format": 16, "camera": 1_024,
    "caption": 64_000, "tags": 64_000,
}  # fmt: skip
"""The most bytes of a text in a row, UTF-8; of ``tags`` all together."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MOST = 2**63 - 1
_FIRST, _LAST = (int((day - datetime(1970, 1, 1)).total_seconds()) for day in (datetime.min, datetime.max))


def _of_one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError(Message("holds a control character"))
    return text


def _absolute(path: str) -> str:
    if not path.startswith("/") or os.path.normpath(path) != path or path in ("/", "//") or "\0" in path:
        raise ValueError(Message("should be the absolute path of a file, without . and .."))
    return path


def _known_format(text: str) -> str:
    if text not in PICTURE_FORMATS:
        raise ValueError(Message("should be one of {choices}", choices=", ".join(PICTURE_FORMATS)))
    return text


def _iso(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(Message("should be a moment, as 2024-05-31T18:30")) from None
    return text


_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
_Line = Annotated[str, AfterValidator(_of_one_line)]
_Side = Annotated[int, Field(ge=1, le=MAX_SIDE)]


class Row(BaseModel):
    """A picture's row beside its vector, as a table holds it."""

    model_config = ConfigDict(strict=True)

    id: _Hash
    content: _Hash
    path: Annotated[str, AfterValidator(_absolute)]
    name: str
    format: Annotated[str, AfterValidator(_known_format)]
    width: _Side
    height: _Side
    bytes: Annotated[int, Field(ge=1, le=_MOST)]
    taken: Annotated[int, Field(ge=_FIRST, le=_LAST)]
    camera: _Line
    latitude: float
    longitude: float
    caption: _Line
    tags: list[Annotated[str, Field(min_length=1), AfterValidator(_of_one_line)]]
    mtime_ns: Annotated[int, Field(ge=-_MOST, le=_MOST)]
    sidecars: Annotated[int, Field(ge=0, le=_MOST)]

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Check what follows from the path, and what two values say together."""
        if self.id != picture_id(self.path):
            raise ValueError(Message("id is not that of the path {path}", path=self.path))
        if self.name != fold(Path(self.path).name):
            raise ValueError(Message("name is not that of the path {path}", path=self.path))
        if self.width * self.height > MAX_PIXELS:
            raise ValueError(
                Message(
                    "{width} x {height} is over the limit of {limit} million pixels",
                    width=self.width,
                    height=self.height,
                    limit=MAX_PIXELS // 1_000_000,
                )
            )
        nowhere = self.latitude == self.longitude == NOWHERE
        if not nowhere and not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise ValueError(
                Message(
                    "latitude and longitude are {latitude} and {longitude}, which is no place",
                    latitude=self.latitude,
                    longitude=self.longitude,
                )
            )
        return self


class ModelNote(BaseModel):
    """A model's record, as a table holds it."""

    model_config = ConfigDict(strict=True)

    name: Annotated[str, Field(min_length=1, max_length=4_096), AfterValidator(_of_one_line)]
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    dim: Annotated[int, Field(ge=1, le=MOST_DIM)]
    since: Annotated[str, Field(max_length=64), AfterValidator(_iso)]
