# ruff: noqa: PTH113, PTH116, PTH119, PTH120, PTH122
# pathlib takes several times longer than os, and there may be millions of files.
"""Finding the picture files of folders, without opening any."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from zhclip.errors import FolderError

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
    """Folders and links that could not be followed, and empty folders beside others, with the reason."""

    def mark_words(self, words: Mapping[str, object]) -> None:
        """Make words from elsewhere count as sidecars do: other words, another mark."""
        self.files = [
            replace(file, sidecar_mark=file.sidecar_mark ^ mark(repr(words[file.path]))) if file.path in words else file
            for file in self.files
        ]

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
        FolderError: A folder does not exist, or may not be read.
    """
    roots = tuple(os.path.realpath(Path(folder).expanduser()) for folder in folders)
    walk = _Walk(tuple(include), tuple(exclude))
    for folder, root in zip(folders, roots, strict=True):
        if not os.path.lexists(root):
            raise FolderError("there is no folder {folder}; check the path", folder=folder)
        if os.path.isfile(root):
            walk.take_file(root)
        elif os.access(root, os.R_OK | os.X_OK):
            walk.take_folder(root)
        else:
            raise FolderError("the folder {folder} may not be read; check its permissions", folder=folder)
    if walk.files:
        for root in roots:  # such as where a disk is not mounted
            if not any(is_within(path, root) for path in walk.files):
                walk.unreadable.setdefault(root, "there are no pictures in it; those it held leave with: zhclip remove")
    return Scan(roots, list(walk.files.values()), walk.unreadable)


class _Walk:
    """A walk through folders, each real folder visited once."""

    def __init__(self, include: tuple[str, ...], exclude: tuple[str, ...]) -> None:
        self.files: dict[str, FoundFile] = {}
        self.unreadable: dict[str, str] = {}
        self._include = include
        self._exclude = exclude
        self._visited: set[tuple[int, int]] = set()
        self._links: deque[str] = deque()

    def take_file(self, path: str) -> None:
        with os.scandir(os.path.dirname(path)) as entries:
            self.files[path] = _found(path, os.stat(path), {entry.name: entry for entry in entries})

    def take_folder(self, root: str) -> None:
        self._links.append(root)
        while self._links:
            pending = [self._links.popleft()]
            while pending:
                pending.extend(reversed(self._visit(pending.pop(), root)))

    def _visit(self, folder: str, root: str) -> list[str]:
        """Take the files of one folder; gives the folders in it that are not links."""
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in self._visited:
                return []
            self._visited.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                names = {entry.name: entry for entry in entries}
        except OSError as error:
            self.unreadable[folder] = f"the folder cannot be read: {error.strerror}"
            return []
        inner: list[str] = []
        for name in sorted(names):
            entry = names[name]
            if name.startswith(".") or name in _NOISE or _matches(entry.path, name, root, self._exclude):
                continue
            try:
                if entry.is_dir() and not entry.is_symlink():
                    inner.append(entry.path)
                else:
                    self._take(entry, names, root)
            except UnicodeEncodeError:
                shown = entry.path.encode("utf-8", "backslashreplace").decode()
                self.unreadable[shown] = "its name is not UTF-8; rename it"
            except OSError as error:
                self.unreadable[entry.path] = f"it cannot be followed: {error.strerror}"
        return inner

    def _take(self, entry: os.DirEntry[str], names: dict[str, os.DirEntry[str]], root: str) -> None:
        if entry.is_dir():
            self._links.append(entry.path)
        elif entry.is_file():
            entry.path.encode()  # neither the store nor the state takes names that are not UTF-8
            is_sidecar = os.path.splitext(entry.name)[1].lower() in SIDECAR_SUFFIXES
            if not is_sidecar and (not self._include or _matches(entry.path, entry.name, root, self._include)):
                self.files[entry.path] = _found(entry.path, entry.stat(), names)
        elif entry.is_symlink():
            self.unreadable[entry.path] = "the link leads nowhere"


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
