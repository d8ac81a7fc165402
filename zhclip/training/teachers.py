"""Teachers: models whose similarities a run learns from (distillation: Hinton et al. 2015).

What they give for the training pictures and captions is computed once, before the first
step. Several teachers are one that gives the mean of their similarities: their unit
vectors lie side by side, divided by the root of their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor

from zhclip.errors import DataError
from zhclip.messages import translate
from zhclip.models.loading import read_model
from zhclip.models.location import find_model
from zhclip.training.augmentation import Augmentation
from zhclip.training.config import RunConfig
from zhclip.training.data import TrainingPairs
from zhclip.training.images import cached_images
from zhclip.training.texts import TokenizedTexts
from zhclip.training.validation import all_picture_features, all_text_features


class Teachers(NamedTuple):
    """What the teachers give for all training pictures and texts, in CPU memory."""

    image: Tensor
    """float16 ``[pictures, any]``, by the picture's position."""
    text: Tensor
    """float16 ``[texts, any]``, by the text's identity."""
    scale: float
    """What inner products are multiplied by: the mean of the teachers' logit scales."""


def ask_teachers(config: RunConfig, pairs: TrainingPairs, accelerator: Accelerator) -> Teachers | None:
    """Compute what the teachers of a run give; None where it has none.

    Raises:
        ModelError: A teacher is missing or cannot be read.
        DataError: A picture cannot be read.
    """
    answers = [_ask(name, config, pairs, accelerator) for name in config.loss.teachers]
    if not answers:
        return None
    root = len(answers) ** 0.5
    return Teachers(
        image=torch.cat([answer.image for answer in answers], dim=1).div(root).half(),
        text=torch.cat([answer.text for answer in answers], dim=1).div(root).half(),
        scale=sum(answer.scale for answer in answers) / len(answers),
    )


@torch.inference_mode()
def _ask(name: str, config: RunConfig, pairs: TrainingPairs, accelerator: Accelerator) -> Teachers:
    accelerator.print(translate("teacher {name}", name=name))
    teacher = read_model(find_model(name))
    model = teacher.dual_encoder.to(accelerator.device).eval()
    model.requires_grad_(False)  # a locked tower, whose features the cache keeps
    images, failures, usable = cached_images(
        pairs.pictures,
        model,
        teacher.image,
        Augmentation(),
        config.cache,
        accelerator,
        views=1,
        workers=config.data.workers,
    )
    if len(usable) < len(pairs):
        raise DataError(
            "teachers must see every training picture, but {count} cannot be read; leave them out of data.train "
            "(the first: {reason})",
            count=len(pairs) - len(usable),
            reason=failures[0] if failures else "",
        )
    image = all_picture_features(model, images, len(pairs), batch_size=config.cache.batch_size, workers=0)
    text = all_text_features(model, TokenizedTexts.from_strings(_distinct(pairs), teacher.text))
    return Teachers(torch.from_numpy(image), torch.from_numpy(text), float(model.logit_scale.exp()))


def _distinct(pairs: TrainingPairs) -> Sequence[str]:
    """One caption of each identity, in the order of identities."""
    return [pairs.captions[row] for row in np.unique(pairs.texts.identities, return_index=True)[1]]
