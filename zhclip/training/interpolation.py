"""Interpolation between the weights before and after a run (WiSE-FT: Wortsman et al. 2022).

Finetuned weights fit the new data better and everything else worse; the straight line
between the two often holds a point that is better at both.
"""

from __future__ import annotations

from pathlib import Path

import torch
from accelerate import Accelerator

from zhclip.messages import translate
from zhclip.models.checkpoint import save_model
from zhclip.models.loading import LoadedModel, read_model, read_transformers_model
from zhclip.models.location import find_model
from zhclip.training.atomic import replacing
from zhclip.training.config import RunConfig
from zhclip.training.validation import Validation, mean_recall


def interpolate(
    config: RunConfig, folder: Path, model: LoadedModel, validation: Validation, accelerator: Accelerator
) -> None:
    """Try points between the starting model and ``best``; keep the best as ``interpolated``.

    Args:
        config: The run; ``interpolation.weights`` are the shares of the trained weights.
        folder: The run's folder; the chosen model is written to ``interpolated`` in it.
        model: Its weights are replaced by the chosen ones.
        validation: What points are chosen by.
        accelerator: Prints, and knows the device.
    """
    assert config.model.start is not None, "the configuration is checked when it is read"
    chosen_folder = folder / "interpolated"
    if chosen_folder.exists():  # the run was finished before
        return
    before = read_model(find_model(config.model.start)).dual_encoder.model.state_dict()
    after = read_transformers_model(folder / "best").state_dict()
    target = model.dual_encoder.model

    def load(share: float) -> None:
        target.load_state_dict(
            {
                name: torch.lerp(before[name], value, share) if value.is_floating_point() else value
                for name, value in after.items()
            }
        )

    found: dict[float, float] = {}
    for share in sorted({0.0, *config.interpolation.weights, 1.0}):
        load(share)
        recalls = validation(model.dual_encoder, accelerator.autocast)
        found[share] = mean_recall(recalls)
        languages = "  ".join(f"{language} {value.mean:5.2f}" for language, value in recalls.items())
        accelerator.print(
            translate(
                "{share:4.2f} of the trained weights: mean recall {recall:5.2f} ({languages})",
                share=share,
                recall=found[share],
                languages=languages,
            )
        )
    chosen = max(found, key=lambda share: found[share])
    load(chosen)
    with replacing(chosen_folder) as temporary:
        save_model(temporary, model.dual_encoder, text=model.text, image=model.image)
    accelerator.print(
        translate("kept {share:.2f} of the trained weights in {folder}", share=chosen, folder=chosen_folder)
    )
