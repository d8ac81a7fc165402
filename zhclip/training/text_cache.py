"""What the locked part of a text tower gives: computed once for each text, kept on disk, shared by runs.

Texts are few beside pictures, and are tokenized anew at each start: a cache is one file a
list of texts, ``DIGEST.npy``, float16 ``[tokens, width]``, named by the digest of the locked
weights and of the token ids. It is written whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from tqdm import tqdm

from zhclip.models.dual_encoder import DualEncoder
from zhclip.training.atomic import replacing
from zhclip.training.locked_part import LockedText, TrainedText, hash_weights
from zhclip.training.texts import TEXT_BUCKET, CachedTexts, Texts, TokenizedTexts


class TextCache:
    """The cache of one text tower's locked part.

    Args:
        folder: Where caches are kept.
        model: Its text tower is locked, wholly or up to one of its layers.
        accelerator: The processes and the precision; the main process computes.

    Raises:
        ConfigError: The tower cannot be parted there.
    """

    def __init__(self, folder: Path, model: DualEncoder, accelerator: Accelerator) -> None:
        self._folder = folder
        self._locked = LockedText(model).eval()
        self._trained = TrainedText(model, self._locked)
        self._digest = hashlib.blake2b(digest_size=16)
        hash_weights(self._locked, self._digest)
        self._device = model.logit_scale.device
        self._accelerator = accelerator

    def __call__(self, texts: Texts) -> CachedTexts:
        """Compute what is not on disk yet, and give tokenized texts as what the locked part gave for them."""
        assert isinstance(texts, TokenizedTexts), "texts are cached once"
        digest = self._digest.copy()
        digest.update(texts.tokens.tobytes() + texts.offsets.tobytes())
        path = self._folder / f"{digest.hexdigest()}.npy"
        lengths = np.diff(texts.offsets)
        # They lie as they are computed, by length: a file is written from front to back.
        order = np.argsort(lengths, kind="stable")
        counts = np.ones_like(lengths) if self._locked.one_vector else lengths
        starts = np.empty_like(counts)
        starts[order] = np.cumsum(counts[order]) - counts[order]
        if self._accelerator.is_main_process and not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary, temporary.open("wb") as file:
                header = {"descr": "<f2", "fortran_order": False, "shape": (int(counts.sum()), self._locked.width)}
                np.lib.format.write_array_header_1_0(file, header)
                for values in self._compute(texts, order):
                    values.tofile(file)
        self._accelerator.wait_for_everyone()
        return CachedTexts(np.load(path, mmap_mode="r"), starts, counts, texts.identities, self._trained)

    @torch.inference_mode()
    def _compute(self, texts: TokenizedTexts, order: NDArray[np.int64]) -> Iterator[NDArray[np.float16]]:
        with tqdm(total=len(order), desc="text features", unit="text", delay=2) as bar:
            for start in range(0, len(order), TEXT_BUCKET):
                rows = order[start : start + TEXT_BUCKET]
                bucket = texts.buckets(rows).buckets[0]
                mask = bucket.attention_mask.to(self._device)
                with self._accelerator.autocast():
                    given = self._locked(bucket.values.to(self._device), mask)
                yield given.half()[mask[:, : given.shape[1]].bool()].cpu().numpy()
                bar.update(len(rows))
