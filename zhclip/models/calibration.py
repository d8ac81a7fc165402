"""From cosines to relevance: how likely a hit fits what was asked for."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import ModelError
from zhclip.models.checkpoint import require_file

CALIBRATION = "calibration.json"
"""The file in a model's folder."""


@dataclass(frozen=True)
class Calibration:
    """A logistic curve over the cosine of a text and a picture (Platt 1999).

    ``relevance = 1 / (1 + exp(-(slope * cosine + offset)))``

    Args:
        slope: How steep it is; above 0.
        offset: Where it lies.
        threshold: The least relevance of hits that a search shows by default, 0 to 1.
    """

    slope: float
    offset: float
    threshold: float

    def relevance(self, cosines: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """How likely pictures of these cosines fit, 0 to 1, of the same shape."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * np.asarray(cosines, dtype=np.float64) + self.offset))))

    def save(self, folder: Path) -> None:
        """Write it into a model's folder."""
        (folder / CALIBRATION).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def read_calibration(folder: Path) -> Calibration | None:
    """The calibration of the model in a folder; None where it has none.

    Raises:
        ModelError: The file is damaged.
    """
    path = folder / CALIBRATION
    try:
        require_file(path, most=1 << 20)
        values = json.loads(path.read_text(encoding="utf-8"))
        calibration = Calibration(**{name: float(value) for name, value in values.items()})
    except FileNotFoundError:
        return None
    except (OSError, AttributeError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(
            "{path} cannot be read: {error}; delete it to use the model without a calibration", path=path, error=error
        ) from None
    if not (calibration.slope > 0 and 0 <= calibration.threshold <= 1):
        raise ModelError(
            "{path}: slope must be above 0 and threshold 0 to 1; delete it to use the model without one", path=path
        )
    return calibration
