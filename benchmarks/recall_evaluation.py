"""Recall as zhclip computes it against Chinese-CLIP's evaluation scripts, on the same features.

Theirs reads features from JSONL, scores and sorts every query against everything in Python
lists, and compares predictions with the annotations; its two scripts (``make_topk_predictions``
and ``make_topk_predictions_tr``) ask for a GPU and are run here on the CPU. They are given the
first pictures and their texts as queries, against all texts and all pictures; their time is
scaled up to all queries (the reading of files apart). Recalls are of those queries, too.

JSON keys: ``pictures``, ``texts``, ``dim``; ``seconds`` (ours, all queries, both ways), ``peak_mb`` (of
the whole process), ``extra_mb`` (of them, beyond features and libraries); ``theirs_seconds`` (scaled
up), ``times_as_fast``; ``compared_pictures`` and ``compared_texts`` (queries of both),
``largest_difference`` (of the six recalls, in percent), ``recall`` (ours), ``their_recall``.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import resource
import runpy
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from report import arguments, report
from zhclip.evaluation import recall

DIM = 512
TEXTS_A_PICTURE = 5

Features = NDArray[np.float32]


def features(pictures: int) -> tuple[Features, Features, NDArray[np.int64]]:
    """Unit features in which most texts are near their picture, and each text's picture."""
    random = np.random.default_rng(0)
    images = random.standard_normal((pictures, DIM), dtype=np.float32)
    owners = np.repeat(np.arange(pictures), TEXTS_A_PICTURE)
    texts = images[owners] + 9.0 * random.standard_normal((len(owners), DIM), dtype=np.float32)
    for rows in (images, texts):
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return images, texts, owners


def measure_ours(pictures: int) -> tuple[float, float, float]:
    """Seconds, peak megabytes of the process, and how many of them the recall took."""
    images, texts, owners = features(pictures)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    recall(images, texts, owners)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return seconds, peak / 1024, (peak - before) / 1024


class TheirScripts:
    """Chinese-CLIP's scripts over feature files in a folder."""

    def __init__(self, folder: Path, images: Features, texts: Features) -> None:
        self.folder = folder
        self.images = [json.dumps({"image_id": row, "feature": v.tolist()}) for row, v in enumerate(images)]
        self.texts = [json.dumps({"text_id": row, "feature": v.tolist()}) for row, v in enumerate(texts)]

    def predict(self, pictures: int) -> float:
        """Answer for the first pictures and their texts, and give the seconds that it took."""
        import torch

        whole_images, whole_texts = self._write("images", self.images), self._write("texts", self.texts)
        few_images = self._write("few_images", self.images[:pictures])
        few_texts = self._write("few_texts", self.texts[: pictures * TEXTS_A_PICTURE])
        runs = {
            "make_topk_predictions": (whole_images, few_texts, "pred.jsonl"),
            "make_topk_predictions_tr": (few_images, whole_texts, "pred_tr.jsonl"),
        }
        started = time.perf_counter()
        with mock.patch.object(torch.Tensor, "cuda", lambda tensor: tensor):
            for module, (images, texts, output) in runs.items():
                _run(module, "--image-feats", images, "--text-feats", texts, "--output", str(self.folder / output))
        return time.perf_counter() - started

    def recall(self, owners: NDArray[np.int64]) -> list[float]:
        """Scores of the predictions, for texts with these pictures: text to image, then image to text."""
        from cn_clip.eval.evaluation import compute_score
        from cn_clip.eval.evaluation_tr import compute_score as compute_score_tr

        records = (json.dumps({"text_id": row, "image_ids": [int(owner)]}) for row, owner in enumerate(owners))
        golden = self._write("golden", records)
        _run("transform_ir_annotation_to_tr", "--input", golden)
        one = compute_score(golden, str(self.folder / "pred.jsonl"))
        other = compute_score_tr(str(self.folder / "golden.tr.jsonl"), str(self.folder / "pred_tr.jsonl"))
        return [*one[1:], *other[1:]]

    def _write(self, name: str, lines: Iterable[str]) -> str:
        path = self.folder / f"{name}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        return str(path)


def _run(module: str, *options: str) -> None:
    with (
        mock.patch.object(sys, "argv", [module, *options]),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        runpy.run_module(f"cn_clip.eval.{module}", run_name="__main__")


def main() -> None:
    """Run the benchmark."""
    pictures, compared = (1000, 20) if arguments(__doc__).quick else (5000, 100)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, peak, extra = pool.apply(measure_ours, (pictures,))

    images, texts, owners = features(pictures)
    asked = owners[: compared * TEXTS_A_PICTURE]
    measured = recall(images, texts, asked)
    ours = [*measured.text_to_image, *measured.image_to_text]
    with tempfile.TemporaryDirectory() as temporary:
        scripts = TheirScripts(Path(temporary), images, texts)
        scripts.predict(0)  # imports
        reading = scripts.predict(0)
        part = scripts.predict(compared)
        theirs = scripts.recall(asked)
    their_seconds = reading + (part - reading) * pictures / compared

    figures = {
        "pictures": pictures,
        "texts": len(texts),
        "dim": DIM,
        "seconds": round(seconds, 2),
        "peak_mb": round(peak),
        "extra_mb": round(extra),
        "theirs_seconds": round(their_seconds),
        "times_as_fast": round(their_seconds / seconds, 1),
        "compared_pictures": compared,
        "compared_texts": len(asked),
        "largest_difference": max(abs(one - other) for one, other in zip(ours, theirs, strict=True)),
        "recall": [round(value, 2) for value in ours],
        "their_recall": [round(value, 2) for value in theirs],
    }
    names = [f"{way} R@{k}" for way in ("text to image", "image to text") for k in (1, 5, 10)]
    rows = [
        [f"seconds for {pictures:,} pictures, {len(texts):,} texts", seconds, their_seconds],
        ["peak memory of the process, MB", peak, "not measured"],
        *([name, one, other] for name, one, other in zip(names, ours, theirs, strict=True)),
    ]
    report("Recall: zhclip against Chinese-CLIP's scripts", ["", "zhclip", "Chinese-CLIP"], rows, figures)


if __name__ == "__main__":
    main()
