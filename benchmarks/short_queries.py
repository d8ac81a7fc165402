"""Short queries, as people type them: class names over captioned and labelled pictures together.

Each class name of ``labelled`` (validation split) with at least ten pictures there is a query over
those pictures and the 1,000 of Flickr8k-CN's validation split; right is what is labelled so. The
data folder is ``ZHCLIP_DATA``, ``../shared/data`` by default; the model is ``--model`` (mini).

JSON keys: ``pictures``; ``zh`` and ``en``, each ``queries``, ``precision_at_10`` (mean), ``of_flickr``
(share of the wrong ones that come from Flickr8k-CN, which is not labelled), ``kept`` and ``withheld``
(percent of right answers among the first ten that the model's threshold keeps, and of queries for
which it withholds the best answer of a library without the class; null without a calibration) and
``by_class``.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from report import report
from zhclip.evaluation.features import picture_features, text_features
from zhclip.evaluation.labelled import PictureFile
from zhclip.models import Encoder, load_model

LEAST = 10
FIRST = 10


def read(data: Path) -> tuple[list[Path], dict[str, NDArray[np.str_]]]:
    """Pictures, and the label of each by language; no label for those of Flickr8k-CN."""
    photos = [json.loads(line)["image"] for line in (data / "flickr8k-cn/val.jsonl").open(encoding="utf-8")]
    lines = [json.loads(line) for line in (data / "labelled/labels.jsonl").open(encoding="utf-8")]
    lines = [line for line in lines if line["split"] == "val"]
    paths = [data / "flickr8k-cn" / name for name in photos] + [data / "labelled" / line["image"] for line in lines]
    labels = {
        language: np.array([""] * len(photos) + [line.get(language, "") for line in lines]) for language in ("zh", "en")
    }
    return paths, labels


def measure(encoder: Encoder, pictures: NDArray[np.float32], labels: NDArray[np.str_]) -> dict[str, Any]:
    """The figures of one language."""
    names, counts = np.unique(labels[labels != ""], return_counts=True)
    queries = [str(name) for name, count in zip(names, counts, strict=True) if count >= LEAST]
    vectors = text_features(encoder, queries)
    cosines = vectors @ pictures.T
    first = np.argsort(-cosines, axis=1, kind="stable")[:, :FIRST]
    right = labels[first] == np.array(queries)[:, None]
    kept = withheld = None
    if encoder.calibration is not None:
        curves = [
            encoder.calibration.for_query(vector, known, len(pictures))
            for vector, known in zip(vectors, encoder.text(queries).known, strict=True)
        ]
        relevance = np.stack([curve.relevance(row) for curve, row in zip(curves, cosines, strict=True)])
        shown = np.take_along_axis(relevance, first, axis=1) >= encoder.calibration.threshold
        without = np.where(labels[None] == np.array(queries)[:, None], 0.0, relevance).max(axis=1)
        kept = round(100 * float(shown[right].mean()), 1)
        withheld = round(100 * float((without < encoder.calibration.threshold).mean()), 1)
    return {
        "queries": len(queries),
        "precision_at_10": round(float(right.mean()), 3),
        "of_flickr": round(float((labels[first] == "")[~right].mean()), 3),
        "kept": kept,
        "withheld": withheld,
        "by_class": {name: round(float(share), 2) for name, share in zip(queries, right.mean(axis=1), strict=True)},
    }


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    parser.add_argument("--model", default="mini")
    given = parser.parse_args()
    encoder = load_model(given.model)
    paths, labels = read(Path(os.environ.get("ZHCLIP_DATA", Path(__file__).parents[2] / "shared" / "data")))
    pictures = picture_features(encoder, [PictureFile(path) for path in paths]).vectors
    figures: dict[str, Any] = {language: measure(encoder, pictures, found) for language, found in labels.items()}
    keys = ("queries", "precision_at_10", "of_flickr", "kept", "withheld")
    rows = [(key, *(str(figures[language][key]) for language in labels)) for key in keys]
    report("Short queries", ["", "Chinese", "English"], rows, {"pictures": len(paths), **figures})


if __name__ == "__main__":
    main()
