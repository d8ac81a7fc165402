"""What a library says of itself: its model, its collection, its last writer."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from zhclip.errors import LibraryError, ModelMismatchError
from zhclip.models import Encoder

FORMAT = 1
DEFAULT_MODEL = "mini"
COLLECTION_PREFIX = "zhclip_pictures_"
_STATE = {"format": "2"}
"""Since 2 a state notes what is about to be written; one that does not may lack what a killed run wrote."""


@dataclass(frozen=True)
class ModelRecord:
    """The model that a library's vectors are of."""

    name: str
    fingerprint: str
    dim: int
    since: str
    """When the library was made with it, in ISO 8601."""

    @classmethod
    def of(cls, encoder: Encoder) -> Self:
        """The record of an encoder that is used from now on."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(model_name(encoder.name), encoder.fingerprint, encoder.dim, now)


@dataclass(frozen=True)
class Record:
    """A library's record, replaced as a whole: what it says changes all at once."""

    model: ModelRecord
    collection: str = field(default_factory=lambda: COLLECTION_PREFIX + uuid.uuid4().hex[:8])
    library: str = field(default_factory=lambda: uuid.uuid4().hex)
    revision: str = ""
    """Made anew by every writer: a state that names another one is not of this library as it is now."""
    index: str = "FLAT"
    """Milvus's index of the vectors: ``FLAT`` compares with all of them, ``HNSW`` is approximate (servers only)."""
    next_model: ModelRecord | None = None
    """The model that the library is being embedded with anew."""
    next_collection: str | None = None
    format: int = FORMAT

    def to_json(self) -> str:
        """The record as text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, location: str) -> Self:
        """The record of :meth:`to_json`.

        Raises:
            LibraryError: A newer zhclip wrote it.
        """
        values: dict[str, Any] = json.loads(text)
        if values["format"] > FORMAT:
            raise LibraryError(
                "the library {library} was made by a newer zhclip; update zhclip to open it", library=location
            )
        for name in ("model", "next_model"):
            values[name] = values[name] and ModelRecord(**values[name])
        return cls(**values)

    def signed(self) -> Self:
        """The record with a new revision."""
        return replace(self, revision=uuid.uuid4().hex)

    def about(self) -> dict[str, str]:
        """What a state must say to be of this library as it is now."""
        return {"library": self.library, "collection": self.collection, "revision": self.revision, **_STATE}

    def check(self, encoder: Encoder | ModelRecord, location: str) -> None:
        """Make sure that an encoder is the library's.

        Raises:
            ModelMismatchError: It is not.
        """
        name = model_name(encoder.name)
        if self.model.fingerprint == encoder.fingerprint:
            if self.model.dim == encoder.dim:
                return
            raise ModelMismatchError(
                "the library {library} holds vectors of {own} numbers, and those of the model {name} have {dim}: "
                "what says so was changed; index the folders into a new library",
                library=location,
                own=self.model.dim,
                name=name,
                dim=encoder.dim,
            )
        if name == self.model.name:
            raise ModelMismatchError(
                "the model {name} has changed since the library {library} was made with it (on {since}); "
                "embed the pictures anew with: zhclip reindex --model {name}",
                name=name,
                library=location,
                since=self.model.since[:10],
            )
        raise ModelMismatchError(
            "the library {library} was made with the model {own}, not with {name}; leave the model out to use {own}, "
            "or embed the pictures anew with: zhclip reindex --model {name}",
            library=location,
            own=self.model.name,
            name=name,
        )


def model_name(name: str | os.PathLike[str]) -> str:
    """A model's name as a library remembers it: folders and files by their absolute paths."""
    path = Path(name).expanduser()
    return str(path.resolve()) if str(name) != DEFAULT_MODEL and path.exists() else str(name)
