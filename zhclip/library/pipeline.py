"""From files to rows in the store: decoding and embedding in workers, writing while they go on."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import PictureError
from zhclip.library.metadata import read_picture
from zhclip.library.picture import Picture
from zhclip.library.scan import FoundFile
from zhclip.library.sidecars import Words
from zhclip.messages import Message
from zhclip.models import Encoder
from zhclip.models.image import PICTURE_SUFFIXES

BATCH = 32
"""Files that are written together."""
GROUP = 4
"""Files that a worker decodes and then embeds: few, so that their pixels are in its processor's cache still."""
_AHEAD = 2 * BATCH // GROUP
_WRITES_AHEAD = 2
_RECENT_VECTORS = 4096

Vector: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Prepared:
    """What a worker made of one file."""

    file: FoundFile
    picture: Picture | None = None
    """None where the file is no picture, or could not be read."""
    values: NDArray[np.uint8] | None = None
    """What :meth:`ImagePreparation.read` gave; None where the vector comes from elsewhere, and once it is there."""
    vector: Vector | None = None
    """None where a picture of the same content has it."""
    reason: str | None = None
    """Why it could not be read."""
    problems: Mapping[str, str] | None = None
    """Sidecars that could not be read."""


Prepare: TypeAlias = Callable[[FoundFile, Callable[[str], bool]], Prepared]
"""Makes of a file what there is to write; called in several threads. What it is given beside the file says of a
content whether it is to be decoded."""


@dataclass(frozen=True)
class Batch:
    """Files that are ready to be written, and the vectors of those that are pictures."""

    items: list[Prepared]
    vectors: dict[str, Vector]
    """By content."""

    @property
    def embedded(self) -> int:
        """How many of the files were embedded, not copied from another."""
        return sum(item.vector is not None for item in self.items)


class Pipeline:
    """Decodes and embeds files in several threads, and hands them in batches to a writer thread.

    Each thread takes a few files at a time through both steps: nothing waits between the two, and
    the memory in use does not depend on how many files there are. Files of one content are embedded once.

    Args:
        encoder: What embeds.
        prepare: Makes of a file what there is to write.
        known: Contents whose vectors the store has; those embedded here are added to it.
        stored: Gives the vectors of known contents.
        write: Writes a batch; called in one thread, one batch after the other.
        workers: Threads that decode and embed; one a processor by default.
    """

    def __init__(
        self,
        encoder: Encoder,
        *,
        prepare: Prepare,
        known: set[str],
        stored: Callable[[list[str]], dict[str, Vector]],
        write: Callable[[Batch], None],
        workers: int | None = None,
    ) -> None:
        self._encoder = encoder
        self._known = known
        self._stored = stored
        self._write = write
        self._prepare = prepare
        self._broken = False
        self._workers = workers or os.cpu_count() or 1
        self._claims: OrderedDict[str, Future[Vector | None]] = OrderedDict()
        self._claiming = threading.Lock()
        self._writes: deque[Future[None]] = deque()

    def run(self, files: Iterable[FoundFile]) -> Iterator[Batch]:
        """Carry the files through, and give each batch on its way to the writer.

        When the iteration is left early, what was handed to the writer is still written.

        Raises:
            StoreError: Writing failed; the batches before stay.
        """
        with (
            ThreadPoolExecutor(1, "zhclip-write") as writer,
            ThreadPoolExecutor(self._workers, "zhclip-embed") as pool,
        ):
            groups: deque[Future[list[Prepared]]] = deque()
            waiting = iter(files)
            pending: list[Prepared] = []
            try:
                while True:
                    while len(groups) < _AHEAD and (group := list(islice(waiting, GROUP))):
                        groups.append(pool.submit(self._embed, group))
                    if not groups:
                        break
                    pending.extend(groups.popleft().result())
                    if len(pending) >= BATCH or not groups:
                        yield self._finish(pending, writer)
                        pending = []
                self._wait(0)
            finally:
                for future in groups:
                    future.cancel()

    def _embed(self, files: list[FoundFile]) -> list[Prepared]:
        """A worker's task: decode a few files and embed those that are to be."""
        claimed: dict[str, Future[Vector | None]] = {}

        def claim(content: str) -> bool:
            with self._claiming:
                if content in self._known or content in self._claims:
                    return False
                claimed[content] = self._claims[content] = Future()
                return True

        try:
            items = [self._read(file, claim) for file in files]
            fresh = [item.values for item in items if item.values is not None]
            made = iter(self._encoder.encode_pixels(self._encoder.image.normalize(np.stack(fresh))) if fresh else ())
            items = [item if item.values is None else replace(item, values=None, vector=next(made)) for item in items]
            for item in items:
                if item.picture and item.vector is not None:
                    claimed[item.picture.content].set_result(item.vector)
            return items
        finally:
            for content, future in claimed.items():
                if not future.done():  # whoever waits for it has to read his own file
                    with self._claiming:
                        del self._claims[content]
                    future.set_result(None)

    def _read(self, file: FoundFile, wanted: Callable[[str], bool]) -> Prepared:
        """Make of a file what there is to write; whatever goes wrong is that file's own affair."""
        try:
            return self._prepare(file, wanted)
        except Exception as error:  # noqa: BLE001 - decoders and parsers raise nearly anything
            return Prepared(file, reason=_reason(file.path, error))

    def _finish(self, items: list[Prepared], writer: ThreadPoolExecutor) -> Batch:
        vectors = {item.picture.content: item.vector for item in items if item.picture and item.vector is not None}
        copied = {item.picture.content for item in items if item.picture} - vectors.keys()
        vectors |= self._of_others(copied)
        items = [
            self._again(item, vectors) if item.picture and item.picture.content not in vectors else item
            for item in items
        ]
        with self._claiming:
            self._known.update(vectors)
            # Those of the files ahead are among the last.
            while len(self._claims) > _RECENT_VECTORS:
                self._claims.popitem(last=False)
        batch = Batch(items, vectors)
        self._wait(_WRITES_AHEAD)
        self._writes.append(writer.submit(self._write_batch, batch))
        return batch

    def _of_others(self, contents: set[str]) -> dict[str, Vector]:
        """The vectors of contents that other files have: from this run, or from the store."""
        with self._claiming:
            claims = {content: self._claims[content] for content in contents if content in self._claims}
        made = ((content, future.result()) for content, future in claims.items())
        vectors = {content: vector for content, vector in made if vector is not None}
        known = [content for content in contents if content not in vectors and content in self._known]
        if known:
            self._wait(0)
            vectors |= self._stored(known)
        return vectors

    def _again(self, item: Prepared, vectors: dict[str, Vector]) -> Prepared:
        """Embed a file after all, whose content another one was to have, and has not."""
        assert item.picture is not None
        try:
            values = self._encoder.image.read(Path(item.file.path))
            vector = self._encoder.encode_pixels(self._encoder.image.normalize(values)[None])[0]
        except Exception as error:  # noqa: BLE001 - as in _read
            return Prepared(item.file, reason=_reason(item.file.path, error))
        vectors[item.picture.content] = vector
        return replace(item, vector=vector)

    def _write_batch(self, batch: Batch) -> None:
        """Write a batch, unless one before it failed: then the rest would only fail as slowly."""
        if not self._broken:
            self._broken = True
            self._write(batch)
            self._broken = False

    def _wait(self, most: int) -> None:
        while len(self._writes) > most:
            self._writes.popleft().result()


class Preparer:
    """Reads a file that was found: is it a picture, which content, what pixels, what does it say.

    Args:
        encoder: Whose pixels are made.
        words: Captions and tags from elsewhere, by path.
    """

    def __init__(self, encoder: Encoder, words: Mapping[str, Words]) -> None:
        self._encoder = encoder
        self._words = words

    def __call__(self, file: FoundFile, wanted: Callable[[str], bool]) -> Prepared:
        """Read one file.

        Raises:
            PictureError: It cannot be read.
            OSError: It cannot be opened.
        """
        path = Path(file.path)
        if path.suffix.lower() not in PICTURE_SUFFIXES and not _looks_like_picture(path):
            return Prepared(file)
        with path.open("rb") as opened:
            content = hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        # Decoded before the rest is read, so that the reason of a bad file is the decoder's.
        values = self._encoder.image.read(path) if wanted(content) else None
        picture, problems = read_picture(file, content, self._words.get(file.path))
        return Prepared(file, picture, values, problems=problems)


def _reason(path: str, error: Exception) -> Message:
    """Why a file could not be read."""
    if isinstance(error, PictureError):
        return Message.of(str(error))
    return Message("{path} cannot be read: {error}", path=path, error=error)


def _looks_like_picture(path: Path) -> bool:
    """Whether a file without a picture's suffix starts as pictures do."""
    with path.open("rb") as file:
        start = file.read(32)
    if start.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")):
        return True
    if start[:4] == b"RIFF":
        return start[8:12] == b"WEBP"
    if start[:2] == b"BM":
        return int.from_bytes(start[2:6], "little") == path.stat().st_size
    if start[4:8] == b"ftyp":
        return start[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
    # Raw photos start as TIFF does: only files without any suffix are taken for one.
    return not path.suffix and start[:4] in (b"II*\0", b"MM\0*")
