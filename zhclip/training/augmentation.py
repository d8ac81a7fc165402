"""Random changes to training pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from zhclip.models.decoding import decoded
from zhclip.models.image import SHRINK, ImagePreparation, ImageSource


@dataclass(frozen=True)
class Augmentation:
    """A random crop and mirror image, a function of the seed alone.

    Args:
        crop: Least share of the area that a crop keeps (its sides keep their ratio within a
            tenth); 1: no crops.
        flip: Probability of a mirror image.
    """

    crop: float = 1.0
    flip: float = 0.0

    def __call__(self, source: ImageSource, preparation: ImagePreparation, seed: int) -> NDArray[np.float32]:
        """Open, change and prepare a picture.

        Returns:
            float32 array ``[3, size, size]``.

        Raises:
            PictureError: The picture cannot be read.
        """
        with decoded(source, shrink_to=SHRINK * preparation.size, exact=True) as image:
            return preparation.pixels(self.change(image, np.random.default_rng(seed)))

    def change(self, image: Image.Image, rng: np.random.Generator) -> Image.Image:
        """A randomly cropped and mirrored picture."""
        if self.crop < 1:
            side = np.sqrt(rng.uniform(self.crop, 1.0))
            stretch = rng.uniform(0.9, 1.1)
            width = min(image.width, max(1, round(image.width * side * stretch)))
            height = min(image.height, max(1, round(image.height * side / stretch)))
            left = int(rng.integers(image.width - width + 1))
            top = int(rng.integers(image.height - height + 1))
            image = image.crop((left, top, left + width, top + height))
        if rng.random() < self.flip:
            image = ImageOps.mirror(image)
        return image
