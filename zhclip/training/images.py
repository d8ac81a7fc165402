"""The picture side of a batch: what the locked part of the tower gave, from a cache, or pixels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from zhclip.errors import DataError, ModelError, PictureError
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.image import ImagePreparation, open_image
from zhclip.models.onnx_export import on_cpu
from zhclip.training.augmentation import Augmentation
from zhclip.training.config import CacheConfig
from zhclip.training.feature_cache import FeatureCache, View
from zhclip.training.locked_part import LockedPart, TrainedPart
from zhclip.training.pictures import Picture

MOST_UNREADABLE = 100
"""So many pictures in a row that cannot be read end a run: the data is gone, not damaged."""


class Rows(NamedTuple):
    """Pictures of a micro-batch as the model takes them."""

    values: Tensor
    """What the locked part gives, float16 ``[n, ...]``, or pixels uint8 ``[n, size, size, 3]``."""
    pictures: NDArray[np.int64]
    """Which pictures they are, int64 ``[n]``: as asked for, but for unreadable ones."""
    unreadable: tuple[str, ...]
    """Why others took their place."""


class Images(Protocol):
    """Where a batch's pictures come from, and how the model takes them."""

    def rows(self, pictures: NDArray[np.int64], views: NDArray[np.float64]) -> Rows:
        """Pictures by position, each in the view that a number in 0..1 picks."""

    def features(self, model: DualEncoder, values: Tensor) -> Tensor:
        """Features ``[n, dim]`` of ``Rows.values`` on the model's device."""


class PixelImages:
    """Pictures that are decoded, changed at random, and go through the image tower.

    Args:
        pictures: All of them.
        preparation: How the model wants them.
        augmentation: What is changed at random; ``None`` for nothing.
    """

    def __init__(
        self, pictures: Sequence[Picture], preparation: ImagePreparation, augmentation: Augmentation | None
    ) -> None:
        self._pictures = pictures
        self._preparation = preparation
        self._augmentation = augmentation

    def rows(self, pictures: NDArray[np.int64], views: NDArray[np.float64]) -> Rows:
        """Decode pictures; the next readable one takes the place of one that cannot be read."""
        values, used, unreadable = [], [], []
        for wanted, view in zip(pictures, views, strict=True):
            for position in range(int(wanted), int(wanted) + MOST_UNREADABLE):
                position %= len(self._pictures)
                try:
                    values.append(self._decode(self._pictures[position], view))
                    used.append(position)
                    break
                except PictureError as error:
                    unreadable.append(str(error))
            else:
                raise DataError(
                    "{count} pictures in a row cannot be read; the last: {reason}",
                    count=MOST_UNREADABLE,
                    reason=unreadable[-1],
                )
        return Rows(torch.from_numpy(np.stack(values)), np.array(used, dtype=np.int64), tuple(unreadable))

    def features(self, model: DualEncoder, values: Tensor) -> Tensor:
        """Normalize the pixels and run the image tower and its projection."""
        mean = torch.tensor(self._preparation.mean, device=values.device)
        std = torch.tensor(self._preparation.std, device=values.device)
        # Channels last in memory, as the values lie: convolutions run faster so.
        return model.image_features(((values / 255 - mean) / std).permute(0, 3, 1, 2))

    def _decode(self, picture: Picture, view: float) -> NDArray[np.uint8]:
        image = open_image(picture.read(), shrink_to=2 * self._preparation.size)
        if self._augmentation is not None:
            image = self._augmentation.change(image, np.random.default_rng(int(view * 2**53)))
        return np.array(self._preparation.fit(image))


class CachedImages:
    """Pictures for which the output of the tower's locked part is on disk.

    Args:
        cache: The cache, which holds them all.
        places: Where each picture's views are, int64 ``[pictures, views, 2]``.
        trained_part: Takes it from there.
    """

    def __init__(self, cache: FeatureCache, places: NDArray[np.int64], trained_part: TrainedPart) -> None:
        self._cache = cache
        self._places = places
        self._trained_part = trained_part

    def rows(self, pictures: NDArray[np.int64], views: NDArray[np.float64]) -> Rows:
        """Read features from the cache."""
        chosen = (views * self._places.shape[1]).astype(np.int64)
        features = self._cache.read(self._places[pictures, chosen])
        return Rows(torch.from_numpy(features), pictures, ())

    def features(self, model: DualEncoder, values: Tensor) -> Tensor:
        """Run the trained part alone."""
        return self._trained_part(values)

    def plain(self) -> NDArray[np.float16]:
        """What the locked part gives for the plain view of every picture, ``[pictures, ...]``."""
        return self._cache.read(self._places[:, 0])


def cached_images(
    pictures: Sequence[Picture],
    model: DualEncoder,
    preparation: ImagePreparation,
    augmentation: Augmentation,
    config: CacheConfig,
    accelerator: Accelerator,
    *,
    views: int,
    workers: int,
    whole: bool = False,
) -> tuple[CachedImages, list[str], NDArray[np.int64]]:
    """Fill the cache with what is missing, all processes sharing the work.

    Args:
        pictures: All of them.
        model: Its image tower is locked, wholly or up to one of its blocks.
        preparation: How it wants its pictures.
        augmentation: How the views after the first are made.
        config: Where the cache is.
        accelerator: The processes.
        views: Views of each picture.
        workers: Threads that decode.
        whole: Of all of the tower, whatever of it is locked: what it pools as it is now.

    Returns:
        The pictures that can be used, why others cannot, and the positions of those that can.
    """

    locked = LockedPart(model, whole=whole).eval()
    run = None
    if accelerator.device.type == "cpu":
        with suppress(ModelError):  # what cannot be exported runs in PyTorch
            run = on_cpu(locked, preparation.size)

    @torch.inference_mode()
    def encode(pixels: NDArray[np.float32]) -> NDArray[np.float16]:
        if run is not None:
            return run(pixels).astype(np.float16)
        batch = torch.from_numpy(pixels).to(accelerator.device).contiguous(memory_format=torch.channels_last)
        with accelerator.autocast():
            return locked(batch).half().cpu().numpy()

    cache = FeatureCache(Path(config.folder).expanduser(), locked, preparation, augmentation)
    wanted = [View(picture, number) for picture in pictures for number in range(views)]
    failed = cache.add(
        wanted,
        encode,
        batch_size=config.batch_size,
        rank=accelerator.process_index,
        processes=accelerator.num_processes,
        workers=workers,
    )
    accelerator.wait_for_everyone()
    cache.refresh()
    places = cache.locate(wanted).reshape(len(pictures), views, 2)
    usable = np.flatnonzero((places >= 0).all(axis=(1, 2)))
    images = CachedImages(cache, places[usable], TrainedPart(model, locked))
    return images, list(dict.fromkeys(reason for _, reason in failed)), usable
