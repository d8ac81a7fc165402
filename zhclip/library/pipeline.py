"""From files to rows in the store: decoding, embedding and writing, each while the others work."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import PictureError
from zhclip.library.metadata import Words, read_picture
from zhclip.library.picture import Picture
from zhclip.library.scan import PICTURE_SUFFIXES, FoundFile
from zhclip.models import Encoder, open_image

BATCH = 32
SHRINK = 2
"""Large JPEGs are decoded at a scale at which both sides are still this many times the model's input."""
_AHEAD = 4 * BATCH
_WRITES_AHEAD = 2
_RECENT_VECTORS = 4096


@dataclass(frozen=True)
class Prepared:
    """What a worker made of one file."""

    file: FoundFile
    picture: Picture | None = None
    """None where the file is no picture, or could not be read."""
    pixels: NDArray[np.float32] | None = None
    """None where the content's vector is known."""
    reason: str | None = None
    """Why it could not be read."""
    problems: Mapping[str, str] | None = None
    """Sidecars that could not be read."""


@dataclass(frozen=True)
class Batch:
    """Files that are ready to be written, and the vectors of those that are pictures."""

    items: list[Prepared]
    vectors: dict[str, NDArray[np.float32]]
    """By content."""
    embedded: int


class Pipeline:
    """Prepares files in threads, embeds them in batches, and hands the batches to a writer thread.

    At most a few batches are in memory at any time.

    Args:
        encoder: What embeds.
        prepare: Makes of a file what there is to write; called in several threads.
        known: Contents whose vectors the store has; those embedded here are added to it.
        stored: Gives the vectors of known contents.
        write: Writes a batch; called in one thread, one batch after the other.
        workers: Threads that prepare; one a processor by default.
    """

    def __init__(
        self,
        encoder: Encoder,
        *,
        prepare: Callable[[FoundFile], Prepared],
        known: set[str],
        stored: Callable[[list[str]], dict[str, NDArray[np.float32]]],
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
        self._recent: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._writes: deque[Future[None]] = deque()

    def run(self, files: Iterable[FoundFile]) -> Iterator[Batch]:
        """Carry the files through, and give each batch on its way to the writer.

        When the iteration is left early, what was handed to the writer is still written.

        Raises:
            StoreError: Writing failed; the batches before stay.
        """
        with (
            ThreadPoolExecutor(1, "zhclip-write") as writer,
            ThreadPoolExecutor(self._workers, "zhclip-decode") as pool,
        ):
            prepared: deque[Future[Prepared]] = deque()
            try:
                pending: list[Prepared] = []
                for file in files:
                    prepared.append(pool.submit(self._prepare, file))
                    if len(prepared) >= _AHEAD:
                        pending.append(prepared.popleft().result())
                    if len(pending) >= BATCH:
                        yield self._finish(pending, writer)
                        pending = []
                while prepared:
                    pending.append(prepared.popleft().result())
                    if len(pending) >= BATCH or not prepared:
                        yield self._finish(pending, writer)
                        pending = []
                self._wait(0)
            finally:
                for future in prepared:
                    future.cancel()

    def _finish(self, items: list[Prepared], writer: ThreadPoolExecutor) -> Batch:
        contents = {item.picture.content for item in items if item.picture}
        vectors = {content: self._recent[content] for content in contents if content in self._recent}
        unknown = [content for content in contents if content not in vectors and content in self._known]
        if unknown:
            self._wait(0)
            vectors |= self._stored(unknown)
        # Of two copies that were prepared at once, the second may have the pixels.
        fresh = {
            item.picture.content: item.pixels
            for item in items
            if item.picture and item.pixels is not None and item.picture.content not in vectors
        }
        if fresh:
            made = self._encoder.encode_pixels(np.stack(list(fresh.values())))
            vectors |= dict(zip(fresh, made, strict=True))
        items = [
            item if not item.picture or item.picture.content in vectors else self._again(item, vectors)
            for item in items
        ]
        self._known.update(vectors)
        self._recent.update(vectors)
        while len(self._recent) > _RECENT_VECTORS:
            self._recent.popitem(last=False)
        batch = Batch(items, vectors, len(fresh))
        self._wait(_WRITES_AHEAD)
        self._writes.append(writer.submit(self._write_batch, batch))
        return batch

    def _again(self, item: Prepared, vectors: dict[str, NDArray[np.float32]]) -> Prepared:
        """Embed a file after all, whose content was known when it was prepared, and no longer is."""
        try:
            assert item.picture is not None
            vectors[item.picture.content] = self._encoder.encode_pixels(decode(self._encoder, item.file.path)[None])[0]
        except PictureError as error:
            return Prepared(item.file, reason=str(error))
        return item

    def _write_batch(self, batch: Batch) -> None:
        """Write a batch, unless one before it failed: then the rest would only fail as slowly."""
        if not self._broken:
            self._broken = True
            self._write(batch)
            self._broken = False

    def _wait(self, most: int) -> None:
        while len(self._writes) > most:
            self._writes.popleft().result()


def decode(encoder: Encoder, path: str) -> NDArray[np.float32]:
    """Open and prepare one picture file for an encoder, large JPEGs at a reduced scale.

    Returns:
        float32 array ``[3, size, size]``.

    Raises:
        PictureError: The file cannot be read.
    """
    return encoder.image.pixels(open_image(Path(path), shrink_to=SHRINK * encoder.image.size))


class Preparer:
    """Reads a file that was found: is it a picture, which content, what pixels, what does it say.

    Args:
        encoder: Whose pixels are made.
        known: Contents that need no pixels.
        words: Captions and tags from elsewhere, by path.
    """

    def __init__(self, encoder: Encoder, known: set[str], words: Mapping[str, Words]) -> None:
        self._encoder = encoder
        self._known = known
        self._words = words

    def __call__(self, file: FoundFile) -> Prepared:
        """Read one file; what is wrong with it is part of the answer."""
        path = Path(file.path)
        try:
            if path.suffix.lower() not in PICTURE_SUFFIXES and not _looks_like_picture(path):
                return Prepared(file)
            with path.open("rb") as opened:
                content = hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
            # Decoded before the rest is read, so that the reason of a bad file is the decoder's.
            pixels = None if content in self._known else decode(self._encoder, file.path)
            picture, problems = read_picture(file, content, self._words.get(file.path))
            return Prepared(file, picture, pixels, problems=problems)
        except PictureError as error:
            return Prepared(file, reason=str(error))
        except OSError as error:
            return Prepared(file, reason=f"{path} cannot be read: {error.strerror or error}")


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
