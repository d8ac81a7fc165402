"""Searches for the page: one at a time, with their warnings."""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zhclip.errors import ZhclipWarning

if TYPE_CHECKING:
    from zhclip.search import Hit, Library

TOP_K = 24


@dataclass(frozen=True)
class Found:
    """What a search gave.

    Args:
        hits: Best first.
        notes: The warnings that came with them.
    """

    hits: list[Hit]
    notes: list[str]


class Searcher:
    """Searches a library for several browser tabs at once.

    Args:
        library: An open library.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        # Warnings are caught for the whole process, so two searches must not overlap.
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.library)

    def search(self, query: str | Path) -> Found:
        """Search.

        Args:
            query: Words, or the path of a picture.

        Raises:
            ZhclipError: The query or the library is at fault.
        """
        with self._lock, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ZhclipWarning)
            hits = self.library.search(query, top_k=TOP_K)
        notes = [str(warning.message) for warning in caught if issubclass(warning.category, ZhclipWarning)]
        return Found(hits, notes)
