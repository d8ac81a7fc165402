"""Ways to train on Flickr8k-CN in equal time: recall on the validation photos.

Letters are locked-image tuning's, image tower first: L pretrained and locked, U pretrained
and trained, u from scratch. The text tower is always from scratch in the first stage, for
want of a pretrained one. Every way gets the same minutes of training steps; the minutes it
took to fill the cache of picture features, which serves every locked run, are stated beside
it. "+ parallel" adds the text-text loss over sentence pairs. Needs the data folder
(``ZHCLIP_DATA``). JSON keys: ``minutes``, ``cache_minutes``, and ``runs``: for each way, the
pairs it saw and, for ``zh`` and ``en``, text-to-image and image-to-text R@1/5/10 and their mean.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from report import arguments, report
from runs import DATA, TEXT_TOWER
from zhclip.training.config import RunConfig, load_config
from zhclip.training.journal import read_journal
from zhclip.training.loop import train

IMAGE_TOWER = DATA / "towers" / "efficientnet_lite2"
UNTRAINED = {"model_type": "timm_wrapper", "architecture": "tf_efficientnet_lite2"}
PROBE_STEPS = 4


def stage(
    folder: Path, image: dict[str, Any], *, start: Path | None, parallel: bool, max_steps: int, probe: bool = False
) -> RunConfig:
    """One stage of one way; a probe is hardly validated."""
    flickr = DATA / "flickr8k-cn"
    photos = "images/13" if probe else "images/"
    text = {"state": "unlocked"} if start else {"state": "scratch", "architecture": TEXT_TOWER}
    cached = image["state"] == "locked"
    return RunConfig.model_validate(
        {
            "output": str(folder),
            "model": {
                "start": str(start) if start else None,
                "dim": 256,
                "image": image,
                "text": text,
                "image_preparation": {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)},
            },
            "data": {
                "train": [{"path": str(flickr / "train.jsonl")}],
                "validation": [{"path": str(flickr / "val.jsonl"), "prefix": photos}],
                "parallel": [str(DATA / "parallel" / "tatoeba-en-zh.tsv")],
            },
            "loss": {"parallel_weight": 0.5 if parallel else 0.0, "parallel_batch_size": 128},
            "optimizer": {
                "batch_size": 256 if cached else 64,
                "learning_rate": 1e-3 if start is None else 2e-4,
                "warmup_steps": 20,
                "passes": 10_000,
                "max_steps": max_steps,
            },
        }
    )


def run_for(
    minutes: float, folder: Path, name: str, image: dict[str, Any], *, start: Path | None, parallel: bool
) -> Path:
    """Train for so long: a few steps tell the speed, which tells the number of steps."""
    probe = stage(folder / f"{name}-probe", image, start=start, parallel=parallel, max_steps=PROBE_STEPS, probe=True)
    train(probe)
    entries = [entry for entry in read_journal(Path(probe.output) / "log.jsonl") if "loss" in entry]
    speed = statistics.median(entry["samples_per_second"] for entry in entries[1:])
    steps = max(1, round(minutes * 60 * speed / probe.optimizer.batch_size))
    config = stage(folder / name, image, start=start, parallel=parallel, max_steps=steps)
    train(config)
    return Path(config.output)


def outcome(runs: list[Path]) -> dict[str, Any]:
    """What the last of the stages reached, and the pairs that all of them saw."""
    journals = [read_journal(run / "log.jsonl") for run in runs]
    batches = [load_config(run / "config.yaml").optimizer.batch_size for run in runs]
    pairs = sum(
        max(entry["step"] for entry in journal) * batch for journal, batch in zip(journals, batches, strict=True)
    )
    return {"pairs": pairs, **[entry["recall"] for entry in journals[-1] if "recall" in entry][-1]}


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__, minutes=4.0)
    minutes = 0.2 if options.quick else options.minutes
    locked = {"state": "locked", "weights": str(IMAGE_TOWER)}
    unlocked = {"state": "unlocked", "weights": str(IMAGE_TOWER)}
    scratch = {"state": "scratch", "architecture": UNTRAINED}
    going_on = {"state": "unlocked", "unlocked_blocks": 6, "learning_rate": 1e-4}
    runs: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        started = time.perf_counter()
        train(stage(folder / "fill", locked, start=None, parallel=False, max_steps=1))
        cache_minutes = (time.perf_counter() - started) / 60
        for parallel in (False, True):
            suffix = " + parallel" if parallel else ""
            for name, image in (("Lu", locked), ("Uu", unlocked), ("uu", scratch)):
                way = run_for(minutes, folder, name + suffix, image, start=None, parallel=parallel)
                runs[name + suffix] = outcome([way])
            name = "Lu, then UU" + suffix
            first = run_for(minutes / 2, folder, name + " 1", locked, start=None, parallel=parallel)
            second = run_for(minutes / 2, folder, name + " 2", going_on, start=first / "best", parallel=parallel)
            runs[name] = outcome([first, second])
    columns = ["way", "pairs", "zh t2i R@1/5/10", "zh i2t", "en t2i", "en i2t", "mean recall"]
    rows = []
    for name, run in runs.items():
        cells = [
            "/".join(f"{run[language][f'{direction}_r{rank}']:.1f}" for rank in (1, 5, 10))
            for language in ("zh", "en")
            for direction in ("text_to_image", "image_to_text")
        ]
        rows.append((name, run["pairs"], *cells, f"{(run['zh']['mean'] + run['en']['mean']) / 2:.1f}"))
    figures = {"minutes": minutes, "cache_minutes": round(cache_minutes, 2), "runs": runs}
    report(f"{minutes} minutes of training each (cache: {cache_minutes:.1f} minutes, once)", columns, rows, figures)


if __name__ == "__main__":
    main()
