"""A library that answers queries, and the one that is used when none is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zhclip.errors import QueryError, StoreError
from zhclip.library import Catalogue, Match, Where
from zhclip.search.query import Hit, Query, to_query

if TYPE_CHECKING:
    from PIL import Image

    from zhclip.models import Encoder

MOST_HITS = 1000


def default_location() -> str:
    """Where the default library is: ``$ZHCLIP_LIBRARY``, else ``zhclip/photos.db`` in the user's data folder."""
    named = os.environ.get("ZHCLIP_LIBRARY")
    if named:
        return named
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return str(data / "zhclip" / "photos.db")


class Library(Catalogue):
    """A photo library: add folders to it, search it.

    >>> with Library("photos.db") as library:
    ...     library.add("~/Pictures")
    ...     hits = library.search("夕阳 大海 沙滩", top_k=10)

    Args:
        location: As for :class:`zhclip.library.Catalogue`; :func:`default_location` by default.
        model: The model's name or an encoder; the one that the library was made with by default.
        token: ``user:password`` or an API key, for a Milvus server that asks for one.
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | None = None,
        *,
        model: str | os.PathLike[str] | Encoder | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(default_location() if location is None else location, model=model, token=token)

    def search(
        self, query: str | Path | Image.Image | Query, *, top_k: int = 10, offset: int = 0, where: Where | None = None
    ) -> list[Hit]:
        """Find pictures.

        Args:
            query: A text; a picture as a ``Path`` or PIL image; or a :class:`Query`. A string is always a text.
            top_k: The most hits, 1 to 1000.
            offset: Leave out this many of the best, for the next page of results.
            where: What the pictures must be like, for example ``Where(folder="~/Pictures/2024")``.

        Returns:
            Hits, best first; files of the same content are one hit.

        Raises:
            QueryError: The query is empty, or a number is out of range.
            PictureError: The query's picture cannot be read.
            LibraryNotFoundError: There is no library yet.
            ModelMismatchError: The library was made with another model.

        Warns:
            TextCutWarning: The text is longer than the model reads.
        """
        _check_range(top_k, offset)
        query = to_query(query)
        self.require()
        try:
            matches = self._matches(query, top_k, offset, where)
        except StoreError:
            if not self.refresh():
                raise
            matches = self._matches(query, top_k, offset, where)  # it was embedded anew by another process
        return [_to_hit(match, rank) for rank, match in enumerate(matches, offset + 1)]

    def similar(self, identity: str, *, top_k: int = 10, offset: int = 0, where: Where | None = None) -> list[Hit]:
        """Find pictures like one of the library, which is not among them.

        Args:
            identity: Its id, as in ``hit.metadata["id"]``.
            top_k: The most hits, 1 to 1000.
            offset: Leave out this many of the best.
            where: What the pictures must be like.

        Returns:
            Hits, best first, with the cosine of the two pictures as score.

        Raises:
            QueryError: The library holds no such picture, or a number is out of range.
            LibraryNotFoundError: There is no library yet.
        """
        _check_range(top_k, offset)
        found = self.vector_of(identity)
        if found is None:
            raise QueryError(f"the library holds no picture of the id {identity!r}; search again")
        picture, vector = found
        matches = self.nearest(vector, limit=offset + top_k + 1, where=where)
        others = [match for match in matches if match.picture.content != picture.content]
        return [_to_hit(match, rank) for rank, match in enumerate(others[offset : offset + top_k], offset + 1)]

    def _matches(self, query: Query, top_k: int, offset: int, where: Where | None) -> list[Match]:
        vector = np.zeros(self.encoder.dim, dtype=np.float32)
        for part in query.parts:
            if isinstance(part.content, str):
                vector += part.weight * self.encoder.encode_text(part.content)[0]
            else:
                vector += part.weight * self.encoder.encode_image(part.content)[0]
        return self.nearest(vector, limit=top_k, offset=offset, where=where or query.where)


def search(
    query: str | Path | Image.Image | Query, *, top_k: int = 10, library: str | os.PathLike[str] | None = None
) -> list[Hit]:
    """Search a library that is opened for this one query.

    For more than one query, open a :class:`Library` and keep it: the model is then loaded once.

    Args:
        query: As for :meth:`Library.search`.
        top_k: The most hits.
        library: Where the library is; :func:`default_location` by default.

    Returns:
        Hits, best first.
    """
    with Library(library) as opened:
        return opened.search(query, top_k=top_k)


def _check_range(top_k: int, offset: int) -> None:
    if not 1 <= top_k <= MOST_HITS or not 0 <= offset <= 10 * MOST_HITS:
        raise QueryError(f"top_k must be 1 to {MOST_HITS} and offset 0 to {10 * MOST_HITS}, not {top_k} and {offset}")


def _to_hit(match: Match, rank: int) -> Hit:
    picture = match.picture
    return Hit(
        path=picture.path,
        score=match.cosine,
        rank=rank,
        caption=picture.caption,
        metadata={
            "id": picture.id,
            "paths": list(match.paths),
            "format": picture.format,
            "width": picture.width,
            "height": picture.height,
            "bytes": picture.bytes,
            "taken": picture.taken,
            "camera": picture.camera,
            "latitude": picture.latitude,
            "longitude": picture.longitude,
            "tags": list(picture.tags),
        },
    )
