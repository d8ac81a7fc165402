# ruff: noqa: PTH113, PTH116, PTH118, PTH119, PTH120, PTH122
# pathlib takes several times longer than os, and there may be millions of files.
"""Finding the picture files of folders, without opening any."""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from zhclip.errors import FolderError
from zhclip.file_names import as_seen, on_disk
from zhclip.messages import Message

SIDECAR_SUFFIXES = (".txt", ".json", ".xmp")
"""Files of these suffixes hold words about the picture of the same name (``a.txt`` or ``a.jpg.txt`` for ``a.jpg``)."""

_TAKEOUT = ".supplemental-metadata"
_TAKEOUT_LENGTH = 46
_NUMBERED = re.compile(r"(.+)(\(\d+\))")
_EDITED = re.compile(r"(.+)-(?:edited|已修改|已编辑|編輯)", re.IGNORECASE)

_NOISE = frozenset((
    "@eaDir", "$RECYCLE.BIN", "System Volume Information", "__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini",
))  # fmt: skip
_LARGEST = (1 << 63) - 1


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
            the folder must match one; all files by default. The case of a suffix does not count.
        exclude: Patterns of files and folders to leave out.

    Raises:
        FolderError: A folder does not exist, or may not be read.
    """
    roots = tuple(on_disk(folder) for folder in folders)
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
                walk.unreadable.setdefault(
                    root, Message("there are no pictures in it; those it held leave with: zhclip remove")
                )
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
            self.files[path] = _found(path, os.stat(path), _Sidecars(entries))

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
            self.unreadable[folder] = Message("the folder cannot be read: {error}", error=error)
            return []
        inner: list[str] = []
        sidecars = _Sidecars(names.values())
        for name in sorted(names):
            entry = names[name]
            if name.startswith(".") or name in _NOISE or _matches(entry.path, name, root, self._exclude):
                continue
            try:
                if entry.is_dir() and not entry.is_symlink():
                    inner.append(entry.path)
                else:
                    self._take(entry, sidecars, root)
            except UnicodeEncodeError:
                shown = entry.path.encode("utf-8", "backslashreplace").decode()
                self.unreadable[shown] = Message("its name is not UTF-8; rename it")
            except OSError as error:
                self.unreadable[entry.path] = Message("it cannot be followed: {error}", error=error)
        return inner

    def _take(self, entry: os.DirEntry[str], sidecars: _Sidecars, root: str) -> None:
        if entry.is_dir():
            self._links.append(entry.path)
        elif entry.is_file():
            entry.path.encode()  # neither the store nor the state takes names that are not UTF-8
            is_sidecar = os.path.splitext(entry.name)[1].lower() in SIDECAR_SUFFIXES
            if not is_sidecar and (not self._include or _matches(entry.path, entry.name, root, self._include)):
                self.files[entry.path] = _found(entry.path, entry.stat(), sidecars)
        elif entry.is_symlink():
            self.unreadable[entry.path] = Message("the link leads nowhere")


class _Sidecars:
    """The sidecars of a folder, by names as they are seen.

    Args:
        entries: All that is in the folder.
    """

    def __init__(self, entries: Iterable[os.DirEntry[str]]) -> None:
        self._entries: dict[str, os.DirEntry[str]] = {}
        for entry in entries:
            stem, suffix = os.path.splitext(entry.name)
            if suffix.lower() in SIDECAR_SUFFIXES:
                self._entries.setdefault(as_seen(stem) + suffix.lower(), entry)

    def of(self, name: str) -> Iterator[os.DirEntry[str]]:
        """Those of a picture file, in the order in which their words count."""
        if not self._entries:
            return
        name = as_seen(name)
        stem, suffix = os.path.splitext(name)
        wanted = [as_seen(of) + ending for ending in SIDECAR_SUFFIXES for of in (stem, name)]
        found = [self._entries[key] for key in dict.fromkeys(wanted) if key in self._entries]
        if not any(entry.name.lower().endswith(".json") for entry in found):
            found.extend(self._of_takeout(stem, suffix))
        yield from (entry for entry in found if entry.is_file())

    def _of_takeout(self, stem: str, suffix: str) -> Iterator[os.DirEntry[str]]:
        """Google Takeout's JSON of a picture, whose long names are cut: ``a.jpg.supplemental-meta(1).json``."""
        if edited := _EDITED.fullmatch(stem):
            stem = edited[1]
        numbered = _NUMBERED.fullmatch(stem)
        stem, number = numbered.groups() if numbered else (stem, "")
        whole = stem + suffix + _TAKEOUT
        for length in range(min(len(whole), _TAKEOUT_LENGTH), min(len(stem + suffix), _TAKEOUT_LENGTH) - 1, -1):
            entry = self._entries.get(as_seen(whole[:length] + number) + ".json")
            if entry is not None:
                yield entry
                return


def _found(path: str, status: os.stat_result, sidecars: _Sidecars) -> FoundFile:
    found = list(sidecars.of(os.path.basename(path)))
    marks = []
    for entry in found:
        of_sidecar = entry.stat()
        marks.append(f"{entry.name}\0{of_sidecar.st_size}\0{of_sidecar.st_mtime_ns}")
    # A file system may say any time; the store takes 64 bits.
    written, changed = (max(-_LARGEST, min(ns, _LARGEST)) for ns in (status.st_mtime_ns, status.st_ctime_ns))
    return FoundFile(
        path, status.st_size, written, changed, tuple(entry.path for entry in found), mark("\0".join(marks))
    )


def mark(text: str) -> int:
    """A 63-bit number that stands for a text; 0 for the empty one."""
    return int.from_bytes(hashlib.blake2b(os.fsencode(text), digest_size=8).digest()) >> 1 if text else 0


def _matches(path: str, name: str, root: str, patterns: Sequence[str]) -> bool:
    if not patterns:
        return False
    name, inside = as_seen(name), as_seen(os.path.relpath(path, root))
    return any(
        fnmatchcase(name, pattern) or fnmatchcase(inside, pattern)
        for pattern in (as_seen(pattern.rstrip("/")) for pattern in patterns)
    )


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder's own or below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def count_gone(paths: Iterable[str]) -> int:
    """How many files there are no longer.

    Args:
        paths: Of the files. Each folder is listed once, which takes far less time than to ask for each file.
    """
    folders = defaultdict(list)
    for path in paths:
        folder, name = os.path.split(path)
        folders[folder].append(name)
    return sum(_gone_of(folder, names) for folder, names in folders.items())


def _gone_of(folder: str, names: list[str]) -> int:
    try:
        with os.scandir(folder) as entries:
            there = {entry.name for entry in entries if not entry.is_symlink()}
    except (FileNotFoundError, NotADirectoryError):
        return len(names)
    except OSError:
        there = set()
    # A link's target may be gone, and a file system may take several names for one: those are asked for.
    return sum(_is_gone(os.path.join(folder, name)) for name in names if name not in there)


def _is_gone(path: str) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # a folder that may not be entered: nobody knows
        return False
    return False
