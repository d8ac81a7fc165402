"""Adding a folder to the library while the page goes on."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhclip.errors import ZhclipError
from zhclip.messages import Message

if TYPE_CHECKING:
    from zhclip.library import IndexReport
    from zhclip.search import Library


@dataclass
class Adding:
    """A folder that is being added to the library, in a thread of its own: it goes on when the page is closed.

    Args:
        library: The library.
        folder: As the user typed it.
    """

    library: Library
    folder: str
    done: int = 0
    total: int = 0
    failed: int = 0
    report: IndexReport | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="zhclip-adding", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.report = self.library.add(self.folder, progress=self._progress)
        except ZhclipError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001 (shown on the page, where the user is)
            self.error = Message("unexpected error: {error}", error=error)

    def _progress(self, done: int, total: int, failed: int) -> None:
        self.done, self.total, self.failed = done, total, failed
