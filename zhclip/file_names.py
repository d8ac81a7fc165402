"""File names as people see them: however accents are encoded, whatever the case of a suffix."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path


def as_seen(name: str) -> str:
    """A file's name or path as names are compared: accents composed, its suffix in lower case."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - called for every file
    return unicodedata.normalize("NFC", stem + suffix.lower())


def find_file(folder: str | os.PathLike[str], name: str) -> str:
    r"""Where the file is that a table names.

    Args:
        folder: What the name is relative to.
        name: As somebody wrote it down: accents composed or not, a suffix in any case, ``\`` for ``/``.

    Returns:
        Its path; where there is no such file, the path that the name stands for as it is.
    """
    path = str(Path(folder, name))
    if os.path.lexists(path):
        return path
    base, parts = ("/" if name.startswith("/") else os.fspath(folder)), name.replace("\\", "/").split("/")
    found = _walk(base, [part for part in parts if part not in ("", ".")])
    return found if found and found != base else path


def on_disk(path: str | os.PathLike[str]) -> str:
    """The absolute path of what somebody names, links followed, as the disk spells it.

    Args:
        path: ``~`` is the user's folder; need not exist.
    """
    absolute = os.path.realpath(Path(path).expanduser())
    if os.path.lexists(absolute):
        return absolute
    return _walk("/", [part for part in absolute.split("/") if part]) or absolute


def _walk(place: str, parts: Iterable[str]) -> str | None:
    """Go into folders by names as they are seen."""
    for part in parts:
        inner = os.path.join(place, part)  # noqa: PTH118
        if not os.path.lexists(inner):
            try:
                spelled = _listed(place, os.stat(place).st_mtime_ns).get(as_seen(part))  # noqa: PTH116
            except OSError:
                return None
            if spelled is None:
                return None
            inner = os.path.join(place, spelled)  # noqa: PTH118
        place = inner
    return place


@lru_cache(maxsize=64)
def _listed(folder: str, changed: int) -> dict[str, str]:
    """What is in a folder, by names as they are seen."""
    return {as_seen(name): name for name in sorted(os.listdir(folder), reverse=True)}  # noqa: PTH208


def is_there(path: str | os.PathLike[str]) -> bool:
    """Say whether a file is there; not where its disk is away or its folder may not be entered."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists() raises there before Python 3.12
