"""What a step minimizes: the contrastive losses of a batch, and their gradient in the weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn.functional import normalize

from zhclip.models.dual_encoder import DualEncoder
from zhclip.training import losses
from zhclip.training.batches import MicroBatch
from zhclip.training.config import LossConfig
from zhclip.training.gradient_cache import Features, backward
from zhclip.training.images import Images
from zhclip.training.prototypes import Prototypes
from zhclip.training.teachers import Teachers
from zhclip.training.texts import TextBuckets, Texts


class Objective:
    """The loss over pictures and texts; beside it those over captions, teachers, parallel texts and prototypes.

    Args:
        config: Which losses.
        captions: Captions of a picture in a batch.
        model: Whose features.
        images: How the model takes pictures.
        texts: How it takes texts.
        prototypes: Whose names mean which classes; None for no loss over them.
        teachers: What teachers gave for the pictures and texts; None for no distillation.
        accelerator: The processes and the precision.
    """

    def __init__(
        self,
        config: LossConfig,
        captions: int,
        model: DualEncoder,
        images: Images,
        texts: Texts,
        prototypes: Prototypes | None,
        teachers: Teachers | None,
        accelerator: Accelerator,
    ) -> None:
        self._config = config
        self._captions = captions
        self._model = model
        self._images = images
        self._texts = texts
        self._means = None if prototypes is None else prototypes.means.to(accelerator.device)
        self._teachers = teachers
        self._accelerator = accelerator
        self.parameters: dict[str, nn.Parameter] = {}
        """What is trained beside the model: the bias of the sigmoid loss."""
        if config.name == "sigmoid":
            self.parameters["logit_bias"] = nn.Parameter(torch.tensor(config.initial_bias, device=accelerator.device))

    def backward(self, batch: Sequence[MicroBatch]) -> float:
        """Add this process's share of the gradients to the weights.

        Returns:
            The loss over all processes.
        """
        device = self._accelerator.device
        ids = [
            (torch.cat([part.image_ids for part in batch]).to(device)),
            (torch.cat([part.text_ids for part in batch]).to(device)),
        ]
        features = [
            Features(lambda part: self._image_features(part.image.to(device)), batch),
            Features(lambda part: self._text_features(part.text), batch),
        ]
        if batch[0].first is not None:
            features.append(Features(lambda part: self._text_features(part.first), batch))
            features.append(Features(lambda part: self._text_features(part.second), batch))
        if batch[0].prototypes is not None:
            features.append(Features(lambda part: self._made_features(part.prototypes.features.to(device)), batch))
            features.append(Features(lambda part: self._text_features(part.prototypes.text), batch))

        def total(image: Tensor, text: Tensor, *others: Tensor) -> Tensor:
            value = self._loss(image, text, *ids)
            if self._teachers is not None:
                share = self._config.teacher_weight
                value = (1 - share) * value + share * self._distillation(image, text, *ids)
            if self._config.caption_weight:
                value = value + self._config.caption_weight * self._caption_loss(text, *ids)
            if batch[0].first is not None:
                parallel_ids = [
                    torch.cat(part).to(device) for part in zip(*(part.parallel_ids for part in batch), strict=True)
                ]
                value = value + self._config.parallel_weight * self._loss(*others[:2], *parallel_ids)
            if batch[0].prototypes is not None:
                value = value + self._config.prototype_weight * self._prototype_loss(others[-2], others[-1], batch)
            return value

        value = backward(features, total, carry=self._accelerator.backward, autocast=self._accelerator.autocast)
        return float(self._accelerator.reduce(value, "sum"))

    def _image_features(self, values: Tensor) -> Tensor:
        # A picture goes through the tower once for all of its captions.
        return self._images.features(self._model, values).repeat_interleave(self._captions, dim=0)

    def _text_features(self, texts: TextBuckets) -> Tensor:
        return self._texts.features(self._model, texts)

    def _made_features(self, values: Tensor) -> Tensor:
        # What a classifier knows is said in the space of pooled features: the tower itself learns nothing from it.
        return self._model.image_projection(values)

    def _prototype_loss(self, made: Tensor, text: Tensor, batch: Sequence[MicroBatch]) -> Tensor:
        assert self._means is not None
        classes = torch.cat([part.prototypes.classes for part in batch if part.prototypes]).to(made.device)
        rows = torch.cat([part.prototypes.text_rows for part in batch if part.prototypes]).to(made.device)
        # A name means each class that it is a broader word of: any husky is a dog.
        fits = self._means[losses.gather_ids(rows)][:, classes].T, self._means[rows][:, losses.gather_ids(classes)]
        scale = self._model.logit_scale.exp()
        return losses.paired_info_nce(normalize(made, dim=-1), normalize(text, dim=-1), scale, fits)

    def _loss(
        self,
        first: Tensor,
        second: Tensor,
        first_ids: Tensor,
        second_ids: Tensor,
        *,
        column_ids: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        first, second = normalize(first, dim=-1), normalize(second, dim=-1)
        scale = self._model.logit_scale.exp()
        contrastive: Callable[..., Tensor] = losses.info_nce
        if self._config.name == "sigmoid":
            contrastive = partial(losses.sigmoid, bias=self.parameters["logit_bias"])
        return contrastive(
            first,
            second,
            scale,
            image_ids=first_ids,
            text_ids=second_ids,
            column_ids=column_ids,
            chunk=self._config.chunk,
        )

    def _caption_loss(self, text: Tensor, image_ids: Tensor, text_ids: Tensor) -> Tensor:
        """Half of each picture's captions against the other half."""
        half = self._captions // 2

        def halves(values: Tensor) -> tuple[Tensor, Tensor]:
            first, second = values.unflatten(0, (-1, self._captions))[:, : 2 * half].chunk(2, dim=1)
            return first.flatten(0, 1).contiguous(), second.flatten(0, 1).contiguous()

        (first, second), (first_images, second_images), (first_texts, second_texts) = map(
            halves, (text, image_ids, text_ids)
        )
        return self._loss(first, second, first_images, first_texts, column_ids=(second_images, second_texts))

    def _distillation(self, image: Tensor, text: Tensor, image_ids: Tensor, text_ids: Tensor) -> Tensor:
        assert self._teachers is not None
        return losses.distillation(
            normalize(image, dim=-1),
            normalize(text, dim=-1),
            self._model.logit_scale.exp(),
            self._teachers.image[image_ids.cpu()].to(image),
            self._teachers.text[text_ids.cpu()].to(text),
            self._teachers.scale,
            chunk=self._config.chunk,
        )
