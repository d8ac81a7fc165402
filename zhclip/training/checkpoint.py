"""Checkpoints: a model folder that anyone can load, with what an exact resume needs beside it.

In a run's folder::

    step-00000200/       the model (opens in ``load_model`` and in plain ``transformers``),
                         training.safetensors (the optimizer's state), training.json
    latest -> step-...   what a resumed run goes on from
    best -> step-...     the highest mean recall so far

A checkpoint is there whole or not at all. Nothing in it is a pickle. The random state is
not in it: everything random is a function of the seed and the step.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from zhclip.errors import ModelError, TrainingError
from zhclip.messages import Message
from zhclip.models.checkpoint import save_model
from zhclip.models.loading import LoadedModel, read_transformers_model
from zhclip.training.atomic import point, replacing

OPTIMIZER = "training.safetensors"
PROGRESS = "training.json"


@dataclass
class Progress:
    """How far a run is."""

    step: int = 0
    """Steps that were made."""
    best_recall: float = -1.0
    """Highest mean recall so far, in percent; -1 before the first validation."""
    best_step: int = 0
    validations_since_best: int = 0
    scaler: dict[str, Any] = field(default_factory=dict)
    """State of the float16 gradient scaler, where there is one."""


class Checkpoints:
    """The checkpoints of a run's folder.

    Args:
        folder: The run's folder.
        keep: How many of the newest stay, beside the best.
    """

    def __init__(self, folder: Path, *, keep: int) -> None:
        self.folder = folder
        self._keep = keep

    def save(
        self,
        model: LoadedModel,
        parameters: Mapping[str, nn.Parameter],
        optimizer: torch.optim.Optimizer,
        progress: Progress,
    ) -> Path:
        """Write a checkpoint, point ``latest`` (and ``best``, when it is) to it, remove old ones.

        Args:
            model: What is trained.
            parameters: By name, those that the optimizer knows; ones that are no part of the
                model are kept beside it.
            optimizer: Its state is written.
            progress: How far the run is.

        Raises:
            TrainingError: It cannot be written; the one before it is untouched.
        """
        final = self.folder / f"step-{progress.step:08d}"
        try:
            with replacing(final) as temporary:
                save_model(temporary, model.dual_encoder, text=model.text, image=model.image)
                save_file(_optimizer_tensors(parameters, optimizer), temporary / OPTIMIZER)
                (temporary / PROGRESS).write_text(json.dumps(asdict(progress), indent=2), "utf-8")
                if final.exists():  # a run was killed after writing it and before pointing to it
                    shutil.rmtree(final)
            point(self.folder / "latest", final.name)
            if progress.best_step == progress.step:
                point(self.folder / "best", final.name)
        except OSError as error:
            full = error.errno == errno.ENOSPC
            raise TrainingError(
                "the checkpoint of step {step} cannot be written to {folder}: {error}; {remedy} and "
                "start the same command again: it goes on from the last checkpoint",
                step=progress.step,
                folder=self.folder,
                error=error,
                remedy=Message("free some space") if full else Message("check the folder"),
            ) from error
        self._remove_old()
        return final

    def load(
        self, model: nn.Module, parameters: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer
    ) -> Progress:
        """Bring model and optimizer to the state of ``latest``.

        Returns:
            How far that is; a fresh :class:`Progress` where there is no checkpoint.

        Raises:
            ModelError: The checkpoint is of another shape, or damaged.
        """
        latest = self.folder / "latest"
        if not latest.exists():
            return Progress()
        try:
            model.load_state_dict(read_transformers_model(latest).state_dict())
            _restore_optimizer(load_file(latest / OPTIMIZER), parameters, optimizer)
            return Progress(**json.loads((latest / PROGRESS).read_text("utf-8")))
        except (RuntimeError, KeyError, OSError, ValueError, TypeError) as error:
            raise ModelError(
                "{latest} does not fit this configuration, or is damaged ({error}); set output to a "
                "new folder to start anew",
                latest=latest.resolve(),
                error=error,
            ) from error

    def _remove_old(self) -> None:
        pointed = {(self.folder / name).resolve().name for name in ("latest", "best")}
        newest = sorted(self.folder.glob("step-????????"))[-self._keep :]
        for checkpoint in self.folder.glob("step-????????"):
            if checkpoint not in newest and checkpoint.name not in pointed:
                shutil.rmtree(checkpoint)


def _optimizer_tensors(parameters: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    tensors = {}
    for name, parameter in parameters.items():
        if not name.startswith("model."):
            tensors[name] = parameter.detach().cpu().contiguous()
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}/{key}"] = value.detach().cpu().contiguous()
    return tensors


def _restore_optimizer(
    tensors: dict[str, Tensor], parameters: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    states: dict[str, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        owner, _, key = name.rpartition("/")
        if owner:
            states.setdefault(owner, {})[key] = value
        else:
            parameters[name].data.copy_(value)
    for name, state in states.items():
        parameter = parameters[name]
        optimizer.state[parameter] = {
            # The step counter stays on the CPU, as AdamW keeps it.
            key: value if key == "step" else value.to(parameter.device)
            for key, value in state.items()
        }
