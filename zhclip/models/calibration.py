"""From cosines to relevance: how likely a hit fits what was asked for."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import ModelError
from zhclip.models.checkpoint import require_file

CALIBRATION = "calibration.json"
"""The file in a model's folder."""

FEATURES = ("tokens", "pictures", "spread")
"""What is known of a query beside the cosines of its hits; see :func:`query_features`."""

_LOW = 0.16
"""Of a normal distribution, what lies below the middle by more than a standard deviation."""


@dataclass(frozen=True)
class Calibration:
    """A logistic curve over the cosine of a text and a picture (Platt 1999), moved for each query.

    ``relevance = 1 / (1 + exp(-(slope * cosine + offset + offset of the query)))``

    The offset of a query is a weighted sum of :data:`FEATURES`: how long it is, how large the library is, and how
    its cosines with reference pictures of the model are spread. A calibration without weights has one curve for all.

    Args:
        slope: How steep it is; above 0.
        offset: Where it lies.
        threshold: The least relevance of hits that a search shows by default, 0 to 1.
        weights: Of features, by name; those that are not named have none.
        reference: Vectors of the reference pictures, float32 ``[n, dim]``, unit length; weights need them.
    """

    slope: float
    offset: float
    threshold: float
    weights: Mapping[str, float] = field(default_factory=dict)
    reference: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    def for_query(self, vector: NDArray[np.float32], tokens: int, pictures: int | None = None) -> Calibration:
        """Give the one curve of a query.

        Args:
            vector: Of the query, ``[dim]``, unit length.
            tokens: How many of its tokens the model knows; without any, nothing is relevant.
            pictures: How many pictures the library holds; as many as the reference by default.
        """
        if not tokens:  # a vector of nothing lies near some picture by chance
            return Calibration(self.slope, -math.inf, self.threshold)
        if self.reference is None:
            return self
        features = query_features(vector[None], np.array([tokens]), pictures or len(self.reference), self.reference)[0]
        moved = sum(self.weights.get(name, 0.0) * value for name, value in zip(FEATURES, features, strict=True))
        return Calibration(self.slope, self.offset + float(moved), self.threshold)

    def relevance(self, cosines: NDArray[np.floating] | float) -> NDArray[np.float64]:
        """How likely pictures of these cosines fit, 0 to 1, of the same shape."""
        logits = self.slope * np.asarray(cosines, dtype=np.float64) + self.offset
        return np.asarray(np.exp(-np.logaddexp(0, -logits)))

    def save(self, folder: Path) -> None:
        """Write it into a model's folder."""
        values: dict[str, Any] = {"slope": self.slope, "offset": self.offset, "threshold": self.threshold}
        if self.weights and self.reference is not None:
            packed = base64.b64encode(self.reference.astype("<f2").tobytes()).decode()
            values["weights"] = dict(self.weights)
            values["reference"] = {"dim": self.reference.shape[1], "float16": packed}
        (folder / CALIBRATION).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def query_features(
    vectors: NDArray[np.float32], tokens: NDArray[np.int64], pictures: int, reference: NDArray[np.float32]
) -> NDArray[np.float64]:
    """What is known of queries beside the cosines of their hits.

    Args:
        vectors: Of the queries, float32 ``[n, dim]``, unit length.
        tokens: How many tokens of each the model knows, ``[n]``.
        pictures: How many pictures the library holds.
        reference: Vectors of the reference pictures, ``[m, dim]``.

    Returns:
        float64 ``[n, len(FEATURES)]``: the natural logarithms of the tokens and of the library's pictures, and how
        far below their middle the query's cosines with the reference spread: a standard deviation of what does not fit.
    """
    low, middle = np.quantile((vectors @ reference.T).astype(np.float64), [_LOW, 0.5], axis=1)
    sizes = np.full(len(tokens), math.log(max(pictures, 1)))
    return np.stack([np.log(np.maximum(tokens, 1)), sizes, middle - low], axis=1)


def read_calibration(folder: Path, *, dim: int | None = None) -> Calibration | None:
    """Read the calibration of the model in a folder; None where it has none.

    Args:
        folder: The model's.
        dim: The length of the model's vectors, which those of the reference must have.

    Raises:
        ModelError: The file is damaged, or of another model or version.
    """
    path = folder / CALIBRATION
    try:
        require_file(path, most=1 << 24)
        calibration = _parse(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(
            "{path} cannot be read: {error}; delete it to use the model without a calibration", path=path, error=error
        ) from None
    numbers = [calibration.offset, *calibration.weights.values()]
    if not (0 < calibration.slope < math.inf and 0 <= calibration.threshold <= 1 and np.isfinite(numbers).all()):
        raise ModelError(
            "{path}: slope must be above 0, threshold 0 to 1, and all other numbers finite; delete it to use the model "
            "without one",
            path=path,
        )
    unknown = sorted(set(calibration.weights) - set(FEATURES))
    if unknown:
        raise ModelError(
            "{path} weighs {names}, which this version does not know; update zhclip, or calibrate the model again",
            path=path,
            names=", ".join(unknown),
        )
    if dim is not None and calibration.reference is not None and calibration.reference.shape[1] != dim:
        raise ModelError(
            "{path} is of a model whose vectors have {found} numbers, and this one's have {dim}; calibrate the model "
            "again",
            path=path,
            found=calibration.reference.shape[1],
            dim=dim,
        )
    return calibration


def _parse(values: dict[str, Any]) -> Calibration:
    packed = values.pop("reference", None)
    weights = {name: float(weight) for name, weight in values.pop("weights", {}).items()}
    slope, offset, threshold = (float(values.pop(name)) for name in ("slope", "offset", "threshold"))
    if values or (weights and packed is None):
        raise ValueError(", ".join(values) or "reference")
    if packed is None:
        return Calibration(slope, offset, threshold)
    halves = np.frombuffer(base64.b64decode(packed["float16"], validate=True), dtype="<f2")
    reference = halves.astype(np.float32).reshape(-1, int(packed["dim"]))
    if not len(reference) or not np.isfinite(reference).all():
        raise ValueError("reference")
    return Calibration(slope, offset, threshold, weights, reference)
