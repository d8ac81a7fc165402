"""The pages of an LMDB file, looked at before LMDB maps them: a damaged page would end the process, not raise.

LMDB trusts its file. Where a page points beyond the end, the system stops whoever follows it (SIGBUS, SIGSEGV).
So the tree is walked once with plain reads. What is looked at is what LMDB follows: the meta pages, and of each
branch and leaf page the places of its nodes and of what these point to; the values themselves are not read.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import NamedTuple

from zhclip.errors import DataError

# Page number, flags; magic number, version, size of the map; size of a page; flags and root of the database; last page.
_META = struct.Struct("<8x2xH4x II16x I44x 4xH2x32xQ QQ")
_HEADER = struct.Struct("<QHHHH")
_NODE = struct.Struct("<HHHH")
_HEADER_BYTES = 16
_MAGIC, _VERSION = 0xBEEFC0DE, 1
_BRANCH, _LEAF, _KINDS = 0x01, 0x02, 0x0F | 0x20 | 0x40
_BIG = 0x01
_NOWHERE = 2**64 - 1
_SIZES = tuple(2**bits for bits in range(8, 17))


class _Meta(NamedTuple):
    size: int
    """Bytes of a page."""
    flags: int
    root: int
    last: int
    """The last page in use."""
    transaction: int


def check_size(path: Path) -> None:
    """Refuse an LMDB file that is cut short; takes no time.

    Args:
        path: The file, ``data.mdb``.

    Raises:
        DataError: It is, or is no LMDB file.
    """
    _Pages(path).close()


def check_pages(path: Path) -> None:
    """Refuse an LMDB file whose pages lead out of it, or in a circle.

    Args:
        path: The file, ``data.mdb``, which holds one plain database as Chinese-CLIP writes it.

    Raises:
        DataError: It is damaged, cut short, of another kind, or cannot be read.
    """
    pages = _Pages(path)
    try:
        pages.walk()
    finally:
        pages.close()


class _Pages:
    """An LMDB file of which the meta pages are in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # A pipe must not be waited for.
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise DataError("{path} cannot be read: {reason}", path=path, reason=error.strerror) from None
        try:
            self._bytes = os.fstat(self._file).st_size
            self._meta = self._newest_meta()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        os.close(self._file)

    def walk(self) -> None:
        """Follow all that LMDB would follow from the root."""
        if self._meta.flags:
            raise DataError("{path} holds another kind of LMDB database than Chinese-CLIP writes", path=self._path)
        pending = [] if self._meta.root == _NOWHERE else [self._meta.root]
        seen = set(pending)
        while pending:
            inner = self._check_page(pending.pop())
            if not seen.isdisjoint(inner) or len(set(inner)) < len(inner):
                raise self._damaged()
            seen.update(inner)
            pending.extend(inner)

    def _check_page(self, number: int) -> list[int]:
        """The pages that a branch page points to; none of a leaf."""
        content = self._read(number)
        own, _, flags, lower, upper = _HEADER.unpack_from(content)
        kind = flags & _KINDS
        if own != number or kind not in (_BRANCH, _LEAF) or not _HEADER_BYTES <= lower <= upper <= len(content):
            raise self._damaged()
        count = (lower - _HEADER_BYTES) // 2
        if count < (2 if kind == _BRANCH else 1):  # as LMDB itself insists, by ending the process
            raise self._damaged()
        inner: list[int] = []
        for place in struct.unpack_from(f"<{count}H", content, _HEADER_BYTES):
            if not upper <= place <= len(content) - _NODE.size:
                raise self._damaged()
            low, high, more, key = _NODE.unpack_from(content, place)
            end = place + _NODE.size + key
            if kind == _BRANCH:
                inner.append(low | high << 16 | more << 32)
            elif more == _BIG and end + 8 <= len(content):
                (first,) = struct.unpack_from("<Q", content, end)
                if first < 2 or first > self._meta.last or self._outside(first, low | high << 16):
                    raise self._damaged()
            elif more == 0:
                end += low | high << 16
            else:
                raise self._damaged()
            if end > len(content):
                raise self._damaged()
        return inner

    def _outside(self, page: int, size: int) -> bool:
        return page * self._meta.size + _HEADER_BYTES + size > self._bytes

    def _newest_meta(self) -> _Meta:
        first = self._read_meta(0)
        meta = max(first, self._read_meta(first.size), key=lambda meta: meta.transaction)
        if first.size not in _SIZES or meta.size != first.size:
            raise self._damaged()
        if (meta.last + 1) * meta.size > self._bytes:
            raise DataError(
                "{path} is cut short: it has {size:,} of {whole:,} bytes; copy it again",
                path=self._path,
                size=self._bytes,
                whole=(meta.last + 1) * meta.size,
            )
        return meta

    def _read_meta(self, place: int) -> _Meta:
        content = self._pread(_META.size, place)
        if len(content) < _META.size:
            raise self._damaged()
        flags, magic, version, *rest = _META.unpack(content)
        if not flags & 0x08 or (magic, version) != (_MAGIC, _VERSION):
            raise self._damaged()
        return _Meta(*rest)

    def _read(self, page: int) -> bytes:
        size = self._meta.size
        content = self._pread(size, page * size) if 2 <= page <= self._meta.last else b""
        if len(content) < size:
            raise self._damaged()
        return content

    def _pread(self, size: int, place: int) -> bytes:
        try:
            return os.pread(self._file, size, place)
        except OSError as error:  # of a disk, or of what is no regular file
            raise DataError("{path} cannot be read: {reason}", path=self._path, reason=error.strerror) from None

    def _damaged(self) -> DataError:
        return DataError("{path} is damaged, or is no LMDB file; copy it again, or write it anew", path=self._path)
