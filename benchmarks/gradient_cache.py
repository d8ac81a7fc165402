"""Gradient caching against one pass over the whole batch, with dropout on.

A ViT and a BERT with dropout, a batch in micro-batches. JSON keys: ``batch``,
``micro_batch``, ``gradient_error`` (largest relative difference of a parameter's gradient,
norm over norm), ``memory_ratio`` and ``time_ratio`` (cached / one pass).
"""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize
from transformers import BertConfig, BertModel, ViTConfig, ViTModel

from report import arguments, report, side_by_side
from zhclip.models.dual_encoder import DualEncoder
from zhclip.training.gradient_cache import Features, backward
from zhclip.training.losses import info_nce


class Setting:
    """A model with dropout and a batch in micro-batches."""

    def __init__(self, batch: int, micro_batch: int) -> None:
        torch.manual_seed(0)
        size = {"hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 512}
        drop = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
        image_tower = ViTModel(ViTConfig(image_size=64, patch_size=8, **size, **drop))
        text_tower = BertModel(BertConfig(vocab_size=1000, **size, **drop))
        self.model = DualEncoder.from_towers(image_tower, text_tower, dim=64).train()
        self.pixels = torch.randn(batch, 3, 64, 64).split(micro_batch)
        self.texts = torch.randint(1, 1000, (batch, 24)).split(micro_batch)
        self.ids = torch.arange(batch)

    def features(self) -> Sequence[Features]:
        """Both sides of the batch."""
        return [
            Features(self.model.image_features, self.pixels),
            Features(lambda ids: self.model.text_features(ids, torch.ones_like(ids)), self.texts),
        ]

    def loss(self, image: Tensor, text: Tensor) -> Tensor:
        """InfoNCE of the batch."""
        image, text = normalize(image, dim=-1), normalize(text, dim=-1)
        return info_nce(image, text, self.model.logit_scale.exp(), self.ids, self.ids)

    def one_pass(self) -> None:
        """All activations in memory at once."""
        matrices = [torch.cat([part.forward(batch) for batch in part.micro_batches]) for part in self.features()]
        self.loss(*matrices).backward()

    def cached(self) -> None:
        """One micro-batch's activations in memory at a time."""
        backward(self.features(), self.loss)


def gradients(setting: Setting, run: Callable[[], None]) -> dict[str, Tensor]:
    """Gradients by parameter name after one run from the same random state."""
    setting.model.zero_grad()
    torch.manual_seed(1)
    run()
    return {name: value.grad.clone() for name, value in setting.model.named_parameters() if value.grad is not None}


def _peak_megabytes(batch: int, micro_batch: int, name: str) -> float:
    Setting(micro_batch, micro_batch).cached()
    setting = Setting(batch, micro_batch)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    getattr(setting, name)()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> None:
    """Measure and report."""
    quick = arguments(__doc__).quick
    batch, micro_batch = (128, 32) if quick else (1024, 64)
    # First, while this process is small: on Linux a child begins with its parent's peak.
    memory = {}
    for name in ("one_pass", "cached"):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            memory[name] = pool.apply(_peak_megabytes, (batch, micro_batch, name))
    setting = Setting(batch, micro_batch)
    expected, found = gradients(setting, setting.one_pass), gradients(setting, setting.cached)
    # A gradient that is zero in exact arithmetic (a key's bias in attention) has no relative error.
    largest = max(float(value.norm()) for value in expected.values())
    error = max(
        float((found[name] - value).norm() / value.norm())
        for name, value in expected.items()
        if float(value.norm()) > 1e-6 * largest
    )
    seconds = side_by_side({"one_pass": setting.one_pass, "cached": setting.cached}, rounds=2 if quick else 3)
    figures = {
        "batch": batch,
        "micro_batch": micro_batch,
        "gradient_error": error,
        "memory_ratio": round(memory["cached"] / memory["one_pass"], 4),
        "time_ratio": round(seconds["cached"] / seconds["one_pass"], 3),
    }
    rows = [(name.replace("_", " "), memory[name], seconds[name]) for name in memory]
    report(f"batch of {batch} in parts of {micro_batch}", ["gradient", "peak MB", "seconds"], rows, figures)


if __name__ == "__main__":
    main()
