"""Files that ``torch.save`` wrote: read without running anything in them, whoever wrote them and around whatever."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zhclip.errors import ModelError
from zhclip.models.checkpoint import require_file

# Schedules leave numpy numbers in the optimizer's part of a file, and training loops count their steps with some.
_NUMPY_SCALARS: list[Any] = [
    np._core.multiarray.scalar,  # type: ignore[attr-defined]
    (np._core.multiarray.scalar, "numpy.core.multiarray.scalar"),  # type: ignore[attr-defined]
    np.dtype,
    *{type(np.dtype(code)) for code in "?bBhHiIlLqQefdg"},
]

_WRAPPERS = frozenset(("module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"))
"""Parts of names that are of what a model was run in: DDP (twice, with two of them), ``torch.compile``, FSDP."""

_PLACES = ("state_dict", "model_state_dict", "model", "module")
"""Where training loops put the weights in their files, the likeliest first."""
_DEEPEST = 3


def read_pickle(path: Path) -> Any:
    """What ``torch.save`` wrote, where it is tensors and plain values alone; nothing in the file can run.

    Raises:
        ModelError: The file is missing, damaged, or holds something else.
    """
    require_file(path)
    try:
        with torch.serialization.safe_globals(_NUMPY_SCALARS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ModelError("no file at {path}; check the path", path=path) from None
    except pickle.UnpicklingError as error:
        asked = re.search(r"GLOBAL (\S+)", str(error))
        if asked:
            raise ModelError(
                "{path} is refused: besides weights it asks to load {asked!r}, which could run code",
                path=path,
                asked=asked[1],
            ) from None
        raise ModelError("{path} is no checkpoint, or is damaged: it cannot be read as weights", path=path) from None
    except Exception as error:  # noqa: BLE001 - torch raises many kinds over damaged files
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            "{path} is damaged or cut short ({reason}); get it again and compare its size with the original's",
            path=path,
            reason=reason,
        ) from None


def find_weights(content: Any, anchor: str, *, source: Path) -> dict[str, Tensor]:
    """The weights of a model in what a training loop saved, by the names that the model itself gives them.

    Args:
        content: As :func:`read_pickle` gives it: weights by name, or these among other things.
        anchor: The name of a weight that the model has; what stands before it in the file is no part of names.
        source: What to name in messages.

    Returns:
        Weights by name; none of that name where there are no weights of such a model.

    Raises:
        ModelError: The file holds no weights by name, or several models.
    """
    if not isinstance(content, Mapping):
        raise ModelError(
            "{path} is no checkpoint: it holds a {name}, not weights by name", path=source, name=type(content).__name__
        )
    found = _search(content, anchor, _DEEPEST)
    tensors = {str(name): value for name, value in (found or content).items() if isinstance(value, Tensor)}
    named = [(_without_wrappers(name), value) for name, value in tensors.items()]
    prefixes = {name.removesuffix(anchor) for name, _ in named if _ends(name, anchor)}
    if len(prefixes) > 1:
        raise ModelError(
            "{path} holds several models ({names}); save the weights of one of them alone",
            path=source,
            names=", ".join(sorted(prefix or "''" for prefix in prefixes)),
        )
    prefix = prefixes.pop() if prefixes else ""
    weights = {name.removeprefix(prefix): value for name, value in named}
    if len(weights) < len(named):
        raise ModelError("{path} holds several weights of one name; save the weights of one model alone", path=source)
    return weights


def check_weights(weights: Mapping[str, Tensor], *, source: Path) -> None:
    """Refuse weights that are not plain numbers: what a diverged training leaves, and what a file only claims to hold.

    Args:
        weights: By name.
        source: What to name in messages.

    Raises:
        ModelError: Some are NaN or infinite, are sparse or quantized, or are larger than what the file holds of them.
    """
    for name, value in weights.items():
        plain = value.layout is torch.strided and not value.is_quantized and not value.is_meta
        if not plain or value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise ModelError("{path} holds no plain numbers for the weight {name!r}", path=source, name=name)
        if not torch.isfinite(value).all():
            raise ModelError(
                "{path} holds weights that are NaN or infinite, {name!r} among them: the training that wrote them has "
                "diverged, or the file is damaged; take an earlier checkpoint",
                path=source,
                name=name,
            )


def _search(content: Mapping[Any, Any], anchor: str, deepest: int) -> Mapping[Any, Any] | None:
    """The mapping among nested ones that has the anchor among its names."""
    if any(_ends(_without_wrappers(str(name)), anchor) for name in content):
        return content
    if not deepest:
        return None
    inner = [name for name, value in content.items() if isinstance(value, Mapping)]
    inner.sort(key=lambda name: _PLACES.index(name) if name in _PLACES else len(_PLACES))
    found = (_search(content[name], anchor, deepest - 1) for name in inner)
    return next((weights for weights in found if weights is not None), None)


def _ends(name: str, anchor: str) -> bool:
    return name == anchor or name.endswith(f".{anchor}")


def _without_wrappers(name: str) -> str:
    return ".".join(part for part in name.split(".") if part not in _WRAPPERS)
