"""Ten Chinese and ten English queries over the sample pictures, with their first three hits.

The queries and the pictures that answer them were chosen before any result was seen. The model is
``--model`` (mini).

JSON keys: ``zh`` and ``en``: ``first`` and ``among_3`` (queries of ten whose first hit, or one of the first
three, is right); ``hits``: by query, the names of the first three.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from report import report
from zhclip.cli.demo import SAMPLES
from zhclip.models import load_model

QUERIES = {
    "zh": {
        "夕阳下的大海": "sunset-sea",
        "雪山": "snow-mountain",
        "城市夜景": "city-night",
        "雨中的街道": "street-rain",
        "热气球": "balloons",
        "一杯咖啡": "coffee tea",
        "红色的汽车": "car-red",
        "国际象棋": "chess",
        "街上的红灯笼": "lanterns-street",
        "桌上的水果": "fruit-bowl apples oranges bananas watermelon",
    },
    "en": {
        "a bridge over the water": "bridge-suspension bridge-stone bridge-garden",
        "a campfire at night": "campfire",
        "fireworks in the night sky": "fireworks",
        "a blue car": "car-blue",
        "a bicycle": "bicycle",
        "a rainbow": "rainbow",
        "a planet with rings": "saturn",
        "a dog running on the grass": "dog-running",
        "a stack of books": "books",
        "a boat on a lake": "boat-lake sailing-boat",
    },
}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    parser.add_argument("--model", default="mini")
    encoder = load_model(parser.parse_args().model)
    paths = sorted(SAMPLES.glob("*.jpg"))
    pictures = encoder.encode_image(paths)
    figures: dict[str, Any] = {"hits": {}}
    rows = []
    for language, queries in QUERIES.items():
        order = np.argsort(-(encoder.encode_text(list(queries)) @ pictures.T), axis=1, kind="stable")[:, :3]
        right = []
        for (query, answers), best in zip(queries.items(), order, strict=True):
            names = [paths[row].stem for row in best]
            right.append([name in answers.split() for name in names])
            figures["hits"][query] = names
            rows.append((query, *(f"{name} ✓" if fits else name for name, fits in zip(names, right[-1], strict=True))))
        figures[language] = {"first": sum(fits[0] for fits in right), "among_3": sum(any(fits) for fits in right)}
    report("Queries over the sample pictures", ["query", "1", "2", "3"], rows, figures)


if __name__ == "__main__":
    main()
