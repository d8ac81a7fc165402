"""Words that no caption or class name of the training data holds: does the text tower know what they mean?

``new_words.tsv`` holds 100 search words, Chinese and English, each with the training word that is nearest
in meaning, chosen before a model was trained. The text tower is right where, of the 100 training
words, it puts that one first. The model is ``--model`` (mini); give it twice to compare two.

JSON keys: for each model ``first`` and ``among_5`` (percent), ``zh`` and ``en`` (``first`` of each language).
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from report import report
from zhclip.models import load_model


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    parser.add_argument("--model", action="append")
    models = parser.parse_args().model or ["mini"]
    with Path(__file__).with_name("new_words.tsv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file, delimiter="\t"))
    chinese = np.array([not pair["word"].isascii() for pair in pairs])
    figures: dict[str, dict[str, float]] = {}
    for name in models:
        encoder = load_model(name)
        words = encoder.encode_text([pair["word"] for pair in pairs])
        cosines = words @ encoder.encode_text([pair["nearest"] for pair in pairs]).T
        ranks = (cosines > np.diag(cosines)[:, None]).sum(axis=1)
        figures[name] = {
            "first": round(100 * float((ranks == 0).mean()), 1),
            "among_5": round(100 * float((ranks < 5).mean()), 1),
            "zh": round(100 * float((ranks[chinese] == 0).mean()), 1),
            "en": round(100 * float((ranks[~chinese] == 0).mean()), 1),
        }
    rows = [(name, *(figure[key] for key in ("first", "among_5", "zh", "en"))) for name, figure in figures.items()]
    report("New words (%)", ["model", "first", "among 5", "Chinese", "English"], rows, figures)


if __name__ == "__main__":
    main()
