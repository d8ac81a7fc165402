"""Fifteen Chinese and fifteen English queries over the sample pictures, with their first three hits.

About as many nouns as phrases a language, chosen before any result was seen; ``ANSWERS`` lists every picture that is
right for each, two or more: those whose subject it is. The model is ``--model`` (mini). Counted are the queries whose
first hit is right, and those with a right one among the first three; in each language, the first hit of 11 of the 15
is to be right at least.

JSON keys: ``zh`` and ``en``: ``queries`` (15), ``first`` and ``among_3`` (queries whose first hit, or one of the
first three, is right); ``hits``: by query, the names of the first three.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from report import report
from zhclip.cli.demo import SAMPLES
from zhclip.models import load_model

CARS = "car-red car-red-sea car-blue car-white car-yellow"
DOGS = "dog-running dog-snow dog-meadow dog-golden dog-black-white"
FLOWERS = "flower-field lavender daisies vase windmill"
HOUSES = "house-brick house-white house-cabin house-modern house-chinese house-thatched"

ANSWERS = {
    "zh": {
        "狗": DOGS,
        "猫": "cat cat-grey",
        "花": FLOWERS,
        "汽车": CARS,
        "自行车": "bicycle bicycle-red",
        "房子": HOUSES,
        "雪山": "snow-mountain mountain-lake boat-lake boats-lake",
        "热气球": "balloons balloon-near",
        "夕阳下的大海": "sunset-sea sunset-boat",
        "城市夜景": "city-night city-dusk tv-tower fireworks",
        "雨中的街道": "street-rain street-rain-day",
        "一杯咖啡": "coffee latte",
        "红色的汽车": "car-red car-red-sea",
        "街上的红灯笼": "lanterns-street lanterns-dusk",
        "桌上的水果": "fruit-bowl apples oranges bananas watermelon",
    },
    "en": {
        "dog": DOGS,
        "car": CARS,
        "house": HOUSES,
        "boat": "boat-lake boats-lake sailing-boat sunset-boat",
        "flower": FLOWERS,
        "cup": "coffee latte tea",
        "moon": "moon moon-sea moon-trees",
        "chess board": "chess chess-board",
        "a bridge over the water": "bridge-suspension bridge-stone bridge-garden",
        "a campfire at night": "campfire campfire-tent",
        "fireworks in the night sky": "fireworks fireworks-lake",
        "a rainbow in the sky": "rainbow rainbow-sea",
        "a dog running on the grass": "dog-running dog-meadow",
        "a stack of books": "books books-shelf",
        "a boat on a lake": "boat-lake boats-lake",
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
    for language, answers in ANSWERS.items():
        order = np.argsort(-(encoder.encode_text(list(answers)) @ pictures.T), axis=1, kind="stable")[:, :3]
        right = []
        for (query, names), best in zip(answers.items(), order, strict=True):
            hits = [paths[row].stem for row in best]
            right.append([hit in names.split() for hit in hits])
            figures["hits"][query] = hits
            rows.append((query, *(f"{hit} ✓" if fits else hit for hit, fits in zip(hits, right[-1], strict=True))))
        figures[language] = {
            "queries": len(answers),
            "first": sum(fits[0] for fits in right),
            "among_3": sum(any(fits) for fits in right),
        }
    report("Queries over the sample pictures", ["query", "1", "2", "3"], rows, figures)


if __name__ == "__main__":
    main()
