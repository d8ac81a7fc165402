"""Searches for the page."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zhclip.errors import QueryError
from zhclip.file_names import is_there
from zhclip.library.picture import picture_id
from zhclip.page.adding import Adding
from zhclip.server.originals import read_original

if TYPE_CHECKING:
    from PIL import Image

    from zhclip.library import Picture
    from zhclip.page.address import Search
    from zhclip.page.uploads import Uploads
    from zhclip.search import Hit, Library, Query

TOP_K = 24
MOST_HITS = 960
"""Of one answer: a page that is gone back to has as many as it had."""
_FOLDERS = 200
_LOOKED_AT = 5_000
"""Of the newest files, to find some that are there."""


@dataclass(frozen=True)
class Found:
    """What a search gave.

    Args:
        hits: Best first.
        next: The offset of those that come after them.
        more: Whether there are any.
        notes: What there is to say of it.
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
    """Searches a library for several visitors at once.

    Args:
        library: An open library.
        uploads: The pictures that visitors dropped on the page.
    """

    def __init__(self, library: Library, uploads: Uploads) -> None:
        self.library = library
        self.uploads = uploads
        self.adding: Adding | None = None
        """The folder that was added last, or is being added."""
        self._lock = threading.Lock()
        self._known: tuple[int, list[str], list[str]] = (-1, [], [])

    def __len__(self) -> int:
        return len(self.library)

    def search(self, search: Search, visitor: str, *, offset: int = 0, count: int = TOP_K) -> Found:
        """Search.

        Args:
            search: What for.
            visitor: Whose uploads it may use.
            offset: Leave out this many of the best.
            count: The most hits.

        Raises:
            ZhclipError: The query or the library is at fault.
        """
        query = self.query(search, visitor)
        wanted = min(max(count, TOP_K), MOST_HITS)
        alone = len(search.parts) == 1 and not search.exclude and not search.words and not search.anything
        notes: tuple[str, ...] = ()
        understood: tuple[str, ...] = ()
        if alone and is_of_library(search.parts[0].picture):
            raw = self.library.similar(search.parts[0].picture, top_k=wanted, offset=offset, where=query.where)
        else:
            raw = results = self.library.search(query, top_k=wanted, offset=offset, warn=False)
            notes = tuple(map(str, results.notes))
            understood = tuple(part.text for part in results.understood.exclude[len(search.exclude) :] if part.text)
        asked_about = {item.picture for item in (*search.parts, *search.exclude)}
        words = all(item.text for item in search.parts)
        return Found(
            hits=[hit for hit in raw if hit.metadata["id"] not in asked_about],
            next=offset + len(raw),
            more=len(raw) == wanted,
            notes=notes,
            understood=understood,
            hidden=words and not search.anything and self.library.encoder.calibration is not None,
            filtered=query.where is not None,
        )

    def query(self, search: Search, visitor: str) -> Query:
        """The query of a search, with its pictures.

        Raises:
            ZhclipError: It makes no sense, or a picture is gone.
        """
        return search.to_query(lambda key: self._content(key, visitor))

    def add(self, folder: str) -> None:
        """Begin to add a folder to the library, unless one is being added."""
        with self._lock:
            if self.adding is None or not self.adding.running:
                self.adding = Adding(self.library, folder)

    def newest(self) -> list[Picture]:
        """The pictures whose files are newest, one for each content; files that are gone are left out."""
        pictures = (self.library.get_by_id(identity) for identity in self._of_files()[1])
        return [picture for picture in pictures if picture is not None]

    def folders(self) -> list[str]:
        """The library's folders, those with most pictures first."""
        return self._of_files()[2]

    def picture(self, identity: str) -> Picture:
        """A picture of the library.

        Raises:
            QueryError: The library holds no such picture.
        """
        picture = self.library.get_by_id(identity)
        if picture is None:
            raise QueryError("the library no longer holds this picture; search again")
        return picture

    def _content(self, key: str, visitor: str) -> bytes | Image.Image:
        return read_original(self.picture(key)) if is_of_library(key) else self.uploads.get(visitor, key)

    def _of_files(self) -> tuple[int, list[str], list[str]]:
        count = len(self.library)
        if count != self._known[0]:
            newest: dict[str, str] = {}
            folders: Counter[str] = Counter()
            if count:
                with self.library.reader() as state:
                    files = [(file, file.content) for file in state.files().values() if file.content]
                files.sort(key=lambda pair: (-pair[0].mtime_ns, pair[0].path))
                folders.update(str(Path(file.path).parent) for file, _ in files)
                for file, content in files[:_LOOKED_AT]:
                    if content not in newest and is_there(file.path):
                        newest[content] = picture_id(file.path)
                        if len(newest) == TOP_K:
                            break
            # Where all are gone, a disk may come back.
            known = count if newest else -1
            self._known = (known, list(newest.values()), [folder for folder, _ in folders.most_common(_FOLDERS)])
        return self._known


def is_of_library(key: str) -> bool:
    """Whether a picture's key is an id of the library, and not of one that was dropped."""
    return bool(key) and not key.startswith("u")
