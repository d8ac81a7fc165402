"""Recall over the validation pictures and all their captions, by language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from zhclip.evaluation import Recall, recall
from zhclip.messages import translate
from zhclip.models.dual_encoder import DualEncoder
from zhclip.training.images import Images
from zhclip.training.sources import Sample
from zhclip.training.texts import TEXT_BUCKET, Texts


class Validation:
    """Validation pictures and captions, ready to be compared.

    Args:
        samples: Pictures with their captions.
        images: The pictures.
        languages: Caption fields, each compared by itself.
        texts: From strings to texts as the model takes them.
        batch_size: Pictures that are computed at once.
        workers: Processes that decode.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        images: Images,
        languages: Sequence[str],
        texts: Callable[[Sequence[str]], Texts],
        *,
        batch_size: int,
        workers: int,
    ) -> None:
        self._images = images
        self._count = len(samples)
        self._batch_size = batch_size
        self._workers = workers
        self._texts: dict[str, tuple[Texts, NDArray[np.int64]]] = {}
        for language in languages:
            owners = [row for row, sample in enumerate(samples) for _ in sample.captions.get(language, ())]
            strings = [text for sample in samples for text in sample.captions.get(language, ())]
            if strings:
                self._texts[language] = texts(strings), np.array(owners, dtype=np.int64)

    @torch.inference_mode()
    def __call__(self, model: DualEncoder, autocast: Callable[[], AbstractContextManager[Any]]) -> dict[str, Recall]:
        """Recall by language; the model is put into evaluation mode."""
        model.eval()
        with autocast():
            pictures = all_picture_features(
                model, self._images, self._count, batch_size=self._batch_size, workers=self._workers
            )
            return {
                language: recall(pictures, all_text_features(model, texts), owners)
                for language, (texts, owners) in self._texts.items()
            }


def all_picture_features(
    model: DualEncoder, images: Images, count: int, *, batch_size: int, workers: int
) -> NDArray[np.float32]:
    """Unit vectors ``[count, dim]`` of the plain view of the first ``count`` pictures."""
    loader: DataLoader[Tensor] = DataLoader(
        _PictureBatches(images, count, batch_size), batch_size=None, num_workers=workers
    )
    device = model.logit_scale.device
    parts = [
        _unit(images.features(model, values.to(device)))
        for values in tqdm(loader, desc=translate("pictures"), unit=translate("batch"), leave=False, delay=2)
    ]
    return np.concatenate(parts)


def all_text_features(model: DualEncoder, texts: Texts) -> NDArray[np.float32]:
    """Unit vectors ``[n, dim]`` of texts; those of like length are padded together."""
    order = np.argsort(texts.lengths(np.arange(len(texts.identities))), kind="stable")
    features = np.empty((len(order), model.dim), dtype=np.float32)
    for start in tqdm(
        range(0, len(order), TEXT_BUCKET), desc=translate("texts"), unit=translate("batch"), leave=False, delay=2
    ):
        rows = order[start : start + TEXT_BUCKET]
        features[rows] = _unit(texts.features(model, texts.buckets(rows)))
    return features


class _PictureBatches(Dataset[Tensor]):
    def __init__(self, images: Images, count: int, batch_size: int) -> None:
        self._images, self._count, self._batch_size = images, count, batch_size

    def __len__(self) -> int:
        return -(-self._count // self._batch_size)

    def __getitem__(self, number: int) -> Tensor:
        if number >= len(self):
            raise IndexError(number)
        rows = np.arange(number * self._batch_size, min((number + 1) * self._batch_size, self._count))
        return self._images.rows(rows, np.zeros(len(rows))).values


def mean_recall(recalls: dict[str, Recall]) -> float:
    """Mean recall over languages: what the best checkpoint is chosen by."""
    return float(np.mean([figures.mean for figures in recalls.values()]))


def _unit(features: Tensor) -> NDArray[np.float32]:
    return normalize(features.float(), dim=-1).cpu().numpy()
