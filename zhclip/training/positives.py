"""Which pairs of a batch belong together: by what they show and say, not by position."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Positives(NamedTuple):
    """The positive pairs of a batch, as coordinates of the similarity matrix.

    Every (picture, text) pair that shares a picture or a text is here, once.
    """

    rows: Tensor
    """int64 ``[pairs]``: positions of the pictures."""
    columns: Tensor
    """int64 ``[pairs]``: positions of the texts."""


def positives(image_rows: Tensor, text_rows: Tensor, image_columns: Tensor, text_columns: Tensor) -> Positives:
    """Find the positive pairs between local pictures and all texts.

    Each batch item has the identity of its picture and that of its text. Item i's picture
    and item j's text are a positive pair when the two items share either.

    Args:
        image_rows: int64 ``[n]``: picture identities of the local items.
        text_rows: int64 ``[n]``: their text identities.
        image_columns: int64 ``[m]``: picture identities of all items.
        text_columns: int64 ``[m]``: their text identities.
    """
    same_image = _matches(image_rows, image_columns)
    same_text = _matches(text_rows, text_columns)
    width = len(image_columns)
    # A pair that shares both would be found twice.
    flat = torch.unique(torch.cat([r * width + c for r, c in (same_image, same_text)]))
    return Positives(flat // width, flat % width)


def _matches(rows: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
    """Coordinates of all equal values, without comparing every row with every column."""
    ordered, order = torch.sort(columns)
    first = torch.searchsorted(ordered, rows)
    counts = torch.searchsorted(ordered, rows, right=True) - first
    row = torch.repeat_interleave(torch.arange(len(rows), device=rows.device), counts)
    # Position within each run of equal values: 0, 1, .. count - 1.
    start_of_run = torch.cumsum(counts, 0) - counts
    within = torch.arange(len(row), device=rows.device) - start_of_run[row]
    return row, order[first[row] + within]
