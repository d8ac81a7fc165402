"""Stage 1 with the feature cache against without it: pairs a second.

The same towers in both, whole training steps with decoding, tokenizing and the optimizer.
The one-time cost of filling the cache is given beside it. JSON keys, for each of ``vit_b16``
(the shape of ViT-B/16, random weights) and ``mobilenet_v2``: ``speedup``, ``cached_per_s``,
``uncached_per_s``, ``fill_s`` (seconds to fill the cache), ``pictures``.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from transformers import MobileNetV2Config, MobileNetV2Model, ViTConfig, ViTModel

from report import arguments, report
from runs import TEXT_TOWER, made_up_pictures
from zhclip.training.config import RunConfig
from zhclip.training.journal import read_journal
from zhclip.training.loop import train


def speed(folder: Path, captions: Path, tower: Path, *, views: int, batch: int, steps: int) -> float:
    """Median pairs a second of a run's steps, but for the first."""
    config = RunConfig.model_validate(
        {
            "output": str(folder),
            "model": {
                "dim": 256,
                "image": {"state": "locked", "weights": str(tower)},
                "text": {"state": "scratch", "architecture": TEXT_TOWER},
                "image_preparation": {},
            },
            "data": {
                "train": [{"path": str(captions)}],
                "validation": [{"path": str(captions.with_name("few.jsonl"))}],
                "workers": 0,
            },
            "cache": {"folder": str(captions.parent / "cache"), "views": views},
            "optimizer": {"batch_size": batch, "passes": 1000, "max_steps": steps},
        }
    )
    train(config)
    speeds = [entry["samples_per_second"] for entry in read_journal(folder / "log.jsonl") if "loss" in entry]
    return statistics.median(speeds[1:])


def main() -> None:
    """Measure and report."""
    quick = arguments(__doc__).quick
    figures: dict[str, Any] = {}
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        pictures = 48 if quick else 256
        captions = made_up_pictures(Path(temporary) / "pictures", pictures)
        captions.with_name("few.jsonl").write_text("".join(captions.open(encoding="utf-8").readlines()[:8]), "utf-8")
        torch.manual_seed(0)
        for name, tower, batch in (
            ("vit_b16", ViTModel(ViTConfig()), 16 if quick else 64),
            ("mobilenet_v2", MobileNetV2Model(MobileNetV2Config()), 48 if quick else 256),
        ):
            folder = Path(temporary) / name
            tower.save_pretrained(folder / "tower")
            started = time.perf_counter()
            speed(folder / "fill", captions, folder / "tower", views=1, batch=batch, steps=2)
            fill = time.perf_counter() - started
            cached = speed(folder / "cached", captions, folder / "tower", views=1, batch=256, steps=8)
            uncached = speed(
                folder / "uncached", captions, folder / "tower", views=0, batch=batch, steps=3 if quick else 4
            )
            figures[name] = {
                "speedup": round(cached / uncached, 1),
                "cached_per_s": round(cached, 1),
                "uncached_per_s": round(uncached, 2),
                "fill_s": round(fill, 1),
                "pictures": pictures,
            }
            rows.append((name, uncached, cached, cached / uncached, fill))
    columns = ["image tower", "uncached pairs/s", "cached pairs/s", "speed-up", f"filling, s ({pictures} pictures)"]
    report("stage 1, locked image tower", columns, rows, figures)


if __name__ == "__main__":
    main()
