"""What the locked part of an image tower gives: computed once, kept on disk, shared by runs.

A cache folder holds one folder a tower and preparation (named by their digest), and in it
segments: ``NAME.npy``, float16 ``[pictures, ...]``, with ``NAME.keys``, one digest a
line, of the picture and the view. A segment is written whole or not at all, so that an
interrupted run loses the segment it was at and no more; a changed picture has another
digest, and nothing else is computed again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from zhclip.errors import PictureError
from zhclip.messages import translate
from zhclip.models import ImagePreparation
from zhclip.training.atomic import replacing
from zhclip.training.augmentation import Augmentation
from zhclip.training.locked_part import hash_weights
from zhclip.training.pictures import Picture

SEGMENT = 2048


class View(NamedTuple):
    """One picture in one view."""

    picture: Picture
    number: int
    """0 is the plain picture; the others are augmented, each always alike."""


class FeatureCache:
    """What one locked tower, or the locked part of one, gives for pictures and their views.

    Args:
        folder: Where caches are kept.
        tower: It; its weights are part of the key.
        preparation: How it wants its pictures; part of the key.
        augmentation: How the views after the first are made; part of the key.
    """

    def __init__(
        self, folder: Path, tower: nn.Module, preparation: ImagePreparation, augmentation: Augmentation
    ) -> None:
        self._preparation = preparation
        self._augmentation = augmentation
        self.folder = folder / tower_digest(tower, preparation)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._segments: list[NDArray[np.float16]] = []
        self._rows: dict[str, tuple[int, int]] = {}
        self._seen: set[str] = set()

    def add(
        self,
        views: Sequence[View],
        encode: Callable[[NDArray[np.float32]], NDArray[np.float16]],
        *,
        batch_size: int = 64,
        rank: int = 0,
        processes: int = 1,
        workers: int = 2,
    ) -> list[tuple[View, str]]:
        """Compute what the cache does not hold yet, this process's share of it.

        Args:
            views: What is wanted.
            encode: From pixels float32 ``[n, 3, size, size]`` to features float16 ``[n, ...]``.
            batch_size: Pictures that are computed at once.
            rank: Which share of the missing ones.
            processes: How many shares.
            workers: Threads that decode.

        Returns:
            The views that could not be read, with the reason.
        """
        self.refresh()
        missing = list({key: view for view in views if (key := self._key(view)) not in self._rows}.items())
        # By key, not by place: another process may have written some already.
        share = [(key, view) for key, view in missing if int(key[:8], 16) % processes == rank]
        failed: list[tuple[View, str]] = []
        progress = tqdm(
            total=len(share),
            desc=translate("features"),
            unit=translate("picture"),
            disable=not share or rank > 0,
            smoothing=0,
        )
        with progress, ThreadPoolExecutor(max(1, workers)) as pool:
            for start in range(0, len(share), SEGMENT):
                keys: list[str] = []
                features: list[NDArray[np.float16]] = []
                for batch in _batches(share[start : start + SEGMENT], batch_size):
                    pixels = list(pool.map(self._prepare, [view for _, view in batch]))
                    good = [
                        (key, values)
                        for (key, _), values in zip(batch, pixels, strict=True)
                        if not isinstance(values, str)
                    ]
                    failed += [
                        (view, values)
                        for (_, view), values in zip(batch, pixels, strict=True)
                        if isinstance(values, str)
                    ]
                    if good:
                        keys += [key for key, _ in good]
                        features.append(encode(np.stack([values for _, values in good])))
                    progress.update(len(batch))
                if keys:
                    self._write(keys, np.concatenate(features))
        return failed

    def refresh(self) -> None:
        """Take in the segments that were written since, by this process or by others."""
        for names in sorted(self.folder.glob("*.keys")):
            if names.stem not in self._seen:
                self._seen.add(names.stem)
                segment = np.load(names.with_suffix(".npy"), mmap_mode="r")
                self._rows.update(
                    (key, (len(self._segments), row)) for row, key in enumerate(names.read_text().split())
                )
                self._segments.append(segment)

    def locate(self, views: Sequence[View]) -> NDArray[np.int64]:
        """Where each view's feature is, int64 ``[n, 2]``: segment and row; -1 where it is not held."""
        absent = (-1, -1)
        places = [self._rows.get(self._key(view), absent) for view in views]
        return np.array(places, dtype=np.int64).reshape(-1, 2)

    def read(self, places: NDArray[np.int64]) -> NDArray[np.float16]:
        """The features float16 ``[n, ...]`` at places that :meth:`locate` gave."""
        features = np.empty((len(places), *self._segments[0].shape[1:]), dtype=np.float16)
        for number in np.unique(places[:, 0]):
            here = places[:, 0] == number
            features[here] = self._segments[number][places[here, 1]]
        return features

    def _prepare(self, view: View) -> NDArray[np.float32] | str:
        try:
            if view.number == 0:
                return self._preparation(view.picture.read())
            seed = int.from_bytes(hashlib.blake2b(self._key(view).encode(), digest_size=8).digest())
            return self._augmentation(view.picture.read(), self._preparation, seed)
        except PictureError as error:
            return str(error)

    def _key(self, view: View) -> str:
        identity = view.picture.identity()
        if view.number:
            identity += f"|view {view.number}|{self._augmentation}"
        return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()

    def _write(self, keys: Sequence[str], features: NDArray[np.float16]) -> None:
        segment = self.folder / uuid.uuid4().hex
        with replacing(segment.with_suffix(".npy")) as temporary, temporary.open("wb") as file:
            np.save(file, features)
        # The keys make the segment visible: they come last.
        with replacing(segment.with_suffix(".keys")) as temporary:
            temporary.write_text("\n".join(keys))


def tower_digest(tower: nn.Module, preparation: ImagePreparation) -> str:
    """Hex digest of a tower's weights and of how its pictures are prepared."""
    digest = hashlib.blake2b(repr(preparation.to_dict()).encode(), digest_size=16)
    hash_weights(tower, digest)
    return digest.hexdigest()


def _batches(items: Sequence[tuple[str, View]], size: int) -> Iterator[Sequence[tuple[str, View]]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
