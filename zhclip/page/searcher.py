"""Searches for the page: one at a time, with their warnings."""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zhclip.errors import QueryError, ZhclipWarning
from zhclip.library.picture import picture_id
from zhclip.page.uploads import Uploads
from zhclip.server.originals import read_original

if TYPE_CHECKING:
    from PIL import Image

    from zhclip.library import Picture
    from zhclip.page.address import Search
    from zhclip.page.library_view import Adding
    from zhclip.search import Hit, Library, Query

TOP_K = 24
_FOLDERS = 200


@dataclass(frozen=True)
class Found:
    """What a search gave.

    Args:
        hits: Best first.
        next: The offset of those that come after them.
        more: Whether there are any.
        notes: The warnings that came with them.
        understood: What negations in the words were understood to exclude.
        hidden: Hits that hardly fit were left out.
        filtered: Filters were given.
    """

    hits: list[Hit]
    next: int = 0
    more: bool = False
    notes: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()
    hidden: bool = False
    filtered: bool = False


class Searcher:
    """Searches a library for several browser tabs at once.

    Args:
        library: An open library.
        uploads: The pictures that were dropped on the page.
    """

    def __init__(self, library: Library, uploads: Uploads) -> None:
        self.library = library
        self.uploads = uploads
        self.adding: Adding | None = None
        """The folder that was added last, or is being added."""
        # Warnings are caught for the whole process, so two searches must not overlap.
        self._lock = threading.Lock()
        self._known: tuple[int, list[str], list[str]] = (-1, [], [])

    def __len__(self) -> int:
        return len(self.library)

    def search(self, search: Search, *, offset: int = 0) -> Found:
        """Search.

        Args:
            search: What for.
            offset: Leave out this many of the best.

        Raises:
            ZhclipError: The query or the library is at fault.
        """
        query = self.query(search)
        understood = query.interpreted()
        alone = len(search.parts) == 1 and not search.exclude and not search.words and not search.anything
        with self._lock, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ZhclipWarning)
            if alone and is_of_library(search.parts[0].picture):
                raw = self.library.similar(search.parts[0].picture, top_k=TOP_K, offset=offset, where=query.where)
            else:
                raw = self.library.search(query, top_k=TOP_K, offset=offset)
        asked_about = {item.picture for item in (*search.parts, *search.exclude)}
        words = all(item.text for item in search.parts)
        return Found(
            hits=[hit for hit in raw if hit.metadata["id"] not in asked_about],
            next=offset + TOP_K,
            more=len(raw) == TOP_K,
            notes=tuple(
                dict.fromkeys(str(item.message) for item in caught if issubclass(item.category, ZhclipWarning))
            ),
            understood=tuple(part.text for part in understood.exclude[len(search.exclude) :] if part.text),
            hidden=words and not search.anything and self.library.encoder.calibration is not None,
            filtered=query.where is not None,
        )

    def query(self, search: Search) -> Query:
        """The query of a search, with its pictures.

        Raises:
            ZhclipError: It makes no sense, or a picture is gone.
        """
        return search.to_query(self.picture)

    def picture(self, key: str) -> bytes | Image.Image:
        """The picture of a key: one that was dropped, or one of the library.

        Raises:
            PictureError: The one that was dropped is gone, or the library's file is not the one that was indexed.
            QueryError: The library holds no such picture.
        """
        if not is_of_library(key):
            return self.uploads.get(key)
        picture = self.library.get_by_id(key)
        if picture is None:
            raise QueryError("the library no longer holds this picture; search again")
        return read_original(picture)

    def newest(self) -> list[Picture]:
        """The pictures whose files are newest, one for each content."""
        pictures = (self.library.get_by_id(identity) for identity in self._of_files()[1])
        return [picture for picture in pictures if picture is not None]

    def folders(self) -> list[str]:
        """The library's folders, those with most pictures first."""
        return self._of_files()[2]

    def _of_files(self) -> tuple[int, list[str], list[str]]:
        count = len(self.library)
        if count != self._known[0]:
            newest: dict[str, str] = {}
            folders: Counter[str] = Counter()
            if count:
                with self.library.reader() as state:
                    files = [file for file in state.files().values() if file.content]
                for file in sorted(files, key=lambda file: (-file.mtime_ns, file.path)):
                    folders[str(Path(file.path).parent)] += 1
                    if len(newest) < TOP_K and file.content:
                        newest.setdefault(file.content, picture_id(file.path))
            self._known = (count, list(newest.values()), [folder for folder, _ in folders.most_common(_FOLDERS)])
        return self._known


def is_of_library(key: str) -> bool:
    """Whether a picture's key is an id of the library, and not of one that was dropped."""
    return bool(key) and not key.startswith("u")
