"""ONNX Runtime against eager PyTorch on this machine's CPU: pictures/s, texts/s, time to start.

Two models: the bundled one, and one of ViT-B-16's shape with random weights. The two
backends take turns over the same JPEG files of 640 x 480 and the same texts; each figure is of
the median round. The start is a new process that loads the model and embeds one text, with the
ONNX export there already.

JSON keys, for each of ``mini`` (where it is bundled) and ``ViT-B-16``: ``pictures_per_s`` (with
decoding), ``pixels_per_s`` (prepared pictures, the image tower alone), ``texts_per_s`` and ``text_ms`` (one
text at a time), each for ``onnx`` and ``torch``; ``picture_ratio``, ``pixel_ratio`` and ``text_ratio`` (ONNX / PyTorch,
of speeds), ``start_s`` (``onnx``, ``torch``), ``largest_difference`` (of a number of the unit vectors); and
``threads``.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import ChineseCLIPConfig, ChineseCLIPModel

from report import arguments, report, side_by_side
from zhclip.models import Encoder, ImagePreparation, TextPreparation, load_model
from zhclip.models.checkpoint import save_model
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.location import BUNDLED

START = (
    "import sys; from zhclip.models import load_model; load_model(sys.argv[1], backend=sys.argv[2]).encode_text('狗')"
)


def write_vit_b_16(folder: Path) -> Path:
    """A model folder of the shape of Chinese-CLIP's ViT-B-16."""
    torch.manual_seed(0)
    config = ChineseCLIPConfig(text_config={"vocab_size": 21128}, vision_config={"patch_size": 16})
    model = DualEncoder(ChineseCLIPModel(config))
    save_model(folder, model, text=TextPreparation(simplify=False), image=ImagePreparation())
    return folder


def write_photos(folder: Path, count: int) -> list[Path]:
    """JPEG files with the detail of photos."""
    random = np.random.default_rng(0)
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for path in paths:
        coarse = Image.fromarray(random.integers(0, 256, (60, 80, 3), dtype=np.uint8))
        coarse.resize((640, 480), Image.Resampling.BICUBIC).save(path, quality=90)
    return paths


def seconds_to_start(model: str, backend: str, rounds: int) -> float:
    """Median seconds from a new process to the first vector."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", START, model, backend], check=True)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def measure(model: str, photos: list[Path], texts: list[str], rounds: int) -> dict[str, Any]:
    """The figures of a model."""
    encoders: dict[str, Encoder] = {"onnx": load_model(model, backend="onnx")}
    encoders["torch"] = load_model(model, backend="torch", device="cpu")
    pictures = side_by_side(
        {name: partial(encoder.encode_image, photos) for name, encoder in encoders.items()},
        rounds=rounds,
    )
    pixels = np.stack([encoders["onnx"].image(photo) for photo in photos])
    forward = side_by_side(
        {name: partial(encoder.encode_pixels, pixels) for name, encoder in encoders.items()},
        rounds=rounds,
    )
    single = side_by_side(
        {name: partial(encoder.encode_text, texts[0]) for name, encoder in encoders.items()},
        rounds=20 * rounds,
    )
    words = side_by_side(
        {name: partial(encoder.encode_text, texts) for name, encoder in encoders.items()},
        rounds=rounds,
    )
    one, other = (
        np.concatenate([encoder.encode_image(photos), encoder.encode_text(texts)]) for encoder in encoders.values()
    )
    return {
        "pictures_per_s": {name: round(len(photos) / seconds, 2) for name, seconds in pictures.items()},
        "picture_ratio": round(pictures["torch"] / pictures["onnx"], 2),
        "pixels_per_s": {name: round(len(photos) / seconds, 2) for name, seconds in forward.items()},
        "pixel_ratio": round(forward["torch"] / forward["onnx"], 2),
        "text_ms": {name: round(1000 * seconds, 2) for name, seconds in single.items()},
        "texts_per_s": {name: round(len(texts) / seconds, 1) for name, seconds in words.items()},
        "text_ratio": round(words["torch"] / words["onnx"], 2),
        "start_s": {name: round(seconds_to_start(model, name, rounds), 2) for name in encoders},
        "largest_difference": float(f"{np.abs(one - other).max():.1e}"),
    }


def main() -> None:
    """Run the benchmark."""
    quick = arguments(__doc__).quick
    photo_count, text_count, rounds = (8, 32, 3) if quick else (32, 256, 5)
    texts = [f"一只{number}岁的狗在草地上奔跑, a dog number {number} on the grass" for number in range(text_count)]
    figures: dict[str, Any] = {"threads": torch.get_num_threads()}
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_CACHE_HOME"] = temporary
        photos = write_photos(Path(temporary), photo_count)
        models = {"mini": "mini"} if (BUNDLED / "config.json").is_file() else {}
        models["ViT-B-16"] = str(write_vit_b_16(Path(temporary) / "ViT-B-16"))
        for name, model in models.items():
            figures[name] = measure(model, photos, texts, rounds)
    rows = [
        [f"{name}, {what}", figures[name][key]["onnx"], figures[name][key]["torch"]]
        for name in models
        for what, key in (
            ("pictures/s with decoding", "pictures_per_s"),
            ("prepared pictures/s", "pixels_per_s"),
            ("ms for one text", "text_ms"),
            ("texts/s", "texts_per_s"),
            ("seconds from a new process to the first vector", "start_s"),
        )
    ]
    report("Backends on the CPU", ["", "ONNX Runtime", "PyTorch, eager"], rows, figures)


if __name__ == "__main__":
    main()
