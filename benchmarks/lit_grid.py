"""Ways to train on Flickr8k-CN in equal time: recall on the validation photos.

Letters are locked-image tuning's (Zhai et al. 2022), image tower first: L pretrained and locked, U pretrained and
trained, u trained from scratch. The image tower is EfficientNet-Lite2, the text tower multilingual-e5-small (from
scratch: three layers of width 256). Every way gets the same minutes of training steps; the minutes it took to fill
the caches of what is locked are stated beside it. "LL, then UU" gives half of them to each stage, as the bundled
model's recipe does. Needs the data folder (``ZHCLIP_DATA``). JSON keys: ``minutes``, ``cache_minutes``, and ``runs``:
for each way, the pairs it saw and, for ``zh`` and ``en``, text-to-image and image-to-text R@1/5/10 and their mean.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from report import arguments, report
from runs import DATA, TEXT_TOWER, unpack_text_tower
from zhclip.training.config import RunConfig, load_config
from zhclip.training.journal import read_journal
from zhclip.training.loop import train

IMAGE_TOWER = DATA / "towers" / "efficientnet_lite2"
UNTRAINED = {"model_type": "timm_wrapper", "architecture": "tf_efficientnet_lite2"}
PREPARATION = {"size": 224, "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}
PROBE_STEPS = 4
TAKEN = ("weights", "pooling")
"""Settings of a tower that a second stage takes from the first."""


def towers(text_tower: Path) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The image and the text tower in each state, by its letter."""
    image = {"weights": str(IMAGE_TOWER)}
    text = {"weights": str(text_tower), "pooling": "mean", "attention": "eager"}
    return (
        {
            "L": image | {"state": "locked"},
            "U": image | {"state": "unlocked", "unlocked_blocks": 2, "learning_rate": 3e-4},
            "u": {"state": "scratch", "architecture": UNTRAINED},
        },
        {
            # What pools is new: it is trained in every way.
            "L": text | {"state": "unlocked", "unlocked_blocks": 0},
            "U": text | {"state": "unlocked", "unlocked_blocks": 3, "learning_rate": 3e-4},
            "u": {"state": "scratch", "architecture": TEXT_TOWER},
        },
    )


def stage(
    folder: Path,
    image: dict[str, Any],
    text: dict[str, Any],
    *,
    start: Path | None = None,
    max_steps: int,
    probe: bool = False,
) -> RunConfig:
    """One stage of one way; a probe is hardly validated."""
    flickr = DATA / "flickr8k-cn"
    photos = "images/13" if probe else "images/"
    locked = image["state"] == "locked"
    return RunConfig.model_validate(
        {
            "output": str(folder),
            "model": {
                "image": image,
                "text": text,
                **({"start": str(start)} if start else {"dim": 256, "image_preparation": PREPARATION}),
            },
            "data": {
                "train": [{"path": str(flickr / "train.jsonl")}],
                "validation": [{"path": str(flickr / "val.jsonl"), "prefix": photos}],
                "captions": 3,
            },
            "cache": {"folder": str(folder.parent / "cache"), "views": 0 if image["state"] == "scratch" else 1},
            "optimizer": {
                "batch_size": 1536 if locked else 384,
                "learning_rate": 2e-3 if locked else 1e-3,
                "warmup_steps": 10,
                "passes": 10_000,
                "max_steps": max_steps,
                "precision": "bf16",
            },
        }
    )


def run_for(
    minutes: float, folder: Path, name: str, image: dict[str, Any], text: dict[str, Any], *, start: Path | None = None
) -> tuple[Path, float]:
    """Train for so long: a few steps tell the speed, which tells the number of steps.

    Returns:
        The run, and the minutes that the probe took, of which most went into the caches.
    """
    started = time.perf_counter()
    probe = stage(folder / f"{name}-probe", image, text, start=start, max_steps=PROBE_STEPS, probe=True)
    train(probe)
    cache_minutes = (time.perf_counter() - started) / 60
    entries = [entry for entry in read_journal(Path(probe.output) / "log.jsonl") if "loss" in entry]
    speed = statistics.median(entry["samples_per_second"] for entry in entries[1:])
    steps = max(1, round(minutes * 60 * speed / probe.optimizer.batch_size))
    config = stage(folder / name, image, text, start=start, max_steps=steps)
    train(config)
    return Path(config.output), cache_minutes


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
    runs: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        images, texts = towers(unpack_text_tower(folder / "e5"))
        spent = []
        for image in images:
            for text in texts:
                way, cache_minutes = run_for(minutes, folder, image + text, images[image], texts[text])
                runs[image + text] = outcome([way])
                spent.append(cache_minutes)
        # The second stage takes both towers from the first.
        goes_on = [{key: value for key, value in kind["U"].items() if key not in TAKEN} for kind in (images, texts)]
        first, _ = run_for(minutes / 2, folder, "first", images["L"], texts["L"])
        second, cache_minutes = run_for(minutes / 2, folder, "second", *goes_on, start=first / "best")
        runs["LL, then UU"] = outcome([first, second])
        spent.append(cache_minutes)
    columns = ["way", "pairs", "zh t2i R@1/5/10", "zh i2t", "en t2i", "en i2t", "mean recall"]
    rows = []
    for name, run in runs.items():
        cells = [
            "/".join(f"{run[language][f'{direction}_r{rank}']:.1f}" for rank in (1, 5, 10))
            for language in ("zh", "en")
            for direction in ("text_to_image", "image_to_text")
        ]
        rows.append((name, run["pairs"], *cells, f"{(run['zh']['mean'] + run['en']['mean']) / 2:.1f}"))
    figures = {"minutes": minutes, "cache_minutes": round(sum(spent), 2), "runs": runs}
    report(f"{minutes} minutes of training each (caches: {sum(spent):.1f} minutes)", columns, rows, figures)


if __name__ == "__main__":
    main()
