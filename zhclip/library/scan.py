# ruff: noqa: PTH113, PTH116, PTH119, PTH120, PTH122
# pathlib takes several times longer than os, and there may be millions of files.
"""Finding the picture files of folders, without opening any."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from zhclip.errors import LibraryError

PICTURE_SUFFIXES = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib",
    ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif",
))  # fmt: skip
"""Files of these suffixes are pictures, or failures; of others the content decides."""

SIDECAR_SUFFIXES = (".txt", ".json", ".xmp")
"""Files of these suffixes hold words about the picture of the same name (``a.txt`` or ``a.jpg.txt`` for ``a.jpg``)."""

_NOISE = frozenset(("@eaDir", "$RECYCLE.BIN", "System Volume Information", "__MACOSX"))


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that may be a picture, as the file system describes it."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    sidecars: tuple[str, ...] = ()
    sidecar_mark: int = 0
    """A number made of the sidecars' names, sizes and times: another number, other sidecars."""


@dataclass
class Scan:
    """What was found in the folders."""

    roots: tuple[str, ...]
    files: list[FoundFile] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Folders and links that could not be followed, with the reason."""

    def covers(self, path: str) -> bool:
        """Whether a file at the path would have been found, were it there."""
        return any(is_within(path, root) for root in self.roots) and not any(
            is_within(path, folder) for folder in self.unreadable
        )


def scan(
    folders: Sequence[str | os.PathLike[str]], *, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Scan:
    """Find all files that may be pictures, in the order of their paths within each folder.

    Hidden files and folders are left out. Symbolic links are followed, each real folder is
    visited once, and a folder's own place goes before links to it.

    Args:
        folders: Folders, or single files.
        include: Patterns (``*.jpg``, ``2024/*``) of which a file's name or its path within
            the folder must match one; all files by default.
        exclude: Patterns of files and folders to leave out.

    Raises:
        LibraryError: A folder does not exist, or may not be read.
    """
    roots = tuple(os.path.realpath(Path(folder).expanduser()) for folder in folders)
    found = Scan(roots)
    visited: set[tuple[int, int]] = set()
    linked: deque[tuple[str, str]] = deque()
    for folder, root in zip(folders, roots, strict=True):
        if not os.path.lexists(root):
            raise LibraryError(f"there is no folder {folder}; check the path")
        if os.path.isfile(root):
            status = os.stat(root)
            names = {entry.name: entry for entry in os.scandir(os.path.dirname(root))}
            found.files.append(_found(root, status, names))
            continue
        if not os.access(root, os.R_OK | os.X_OK):
            raise LibraryError(f"the folder {folder} may not be read; check its permissions")
        linked.append((root, root))
        while linked:
            start, base = linked.popleft()
            _walk(start, base, found, visited, linked, include, exclude)
    return found


def _walk(
    start: str,
    root: str,
    found: Scan,
    visited: set[tuple[int, int]],
    linked: deque[tuple[str, str]],
    include: Sequence[str],
    exclude: Sequence[str],
) -> None:
    pending = [start]
    while pending:
        folder = pending.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in visited:
                continue
            visited.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                names = {entry.name: entry for entry in entries}
        except OSError as error:
            found.unreadable[folder] = f"the folder cannot be read: {error.strerror}"
            continue
        inner: list[str] = []
        for name in sorted(names):
            entry = names[name]
            if name.startswith(".") or name in _NOISE or _matches(entry.path, name, root, exclude):
                continue
            try:
                if entry.is_dir():
                    if entry.is_symlink():
                        linked.append((entry.path, root))
                    else:
                        inner.append(entry.path)
                    continue
                if not entry.is_file():
                    if entry.is_symlink():
                        found.unreadable[entry.path] = "the link leads nowhere"
                    continue
                suffix = os.path.splitext(name)[1].lower()
                if suffix in SIDECAR_SUFFIXES or (include and not _matches(entry.path, name, root, include)):
                    continue
                found.files.append(_found(entry.path, entry.stat(), names))
            except OSError as error:
                found.unreadable[entry.path] = str(error.strerror)
        pending.extend(reversed(inner))


def _found(path: str, status: os.stat_result, names: dict[str, os.DirEntry[str]]) -> FoundFile:
    name = os.path.basename(path)
    stem = os.path.splitext(name)[0]
    marks: list[str] = []
    sidecars: list[str] = []
    for suffix in SIDECAR_SUFFIXES:
        for candidate in (stem + suffix, name + suffix):
            entry = names.get(candidate)
            if entry is not None and entry.is_file():
                of_sidecar = entry.stat()
                sidecars.append(entry.path)
                marks.append(f"{candidate}\0{of_sidecar.st_size}\0{of_sidecar.st_mtime_ns}")
    return FoundFile(
        path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, tuple(sidecars), mark("\0".join(marks))
    )


def mark(text: str) -> int:
    """A 63-bit number that stands for a text; 0 for the empty one."""
    return int.from_bytes(hashlib.blake2b(os.fsencode(text), digest_size=8).digest()) >> 1 if text else 0


def _matches(path: str, name: str, root: str, patterns: Sequence[str]) -> bool:
    if not patterns:
        return False
    inside = os.path.relpath(path, root)
    return any(
        fnmatchcase(name, pattern.rstrip("/")) or fnmatchcase(inside, pattern.rstrip("/")) for pattern in patterns
    )


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder's own or below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
