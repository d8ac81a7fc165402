"""Pictures that the tests make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def save_photo(path: Path, *, seed: int = 0, size: tuple[int, int] = (64, 48), **options: Any) -> Path:
    """Write a picture of coloured blocks, another one for each seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST).save(path, **options)
    return path
