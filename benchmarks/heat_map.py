"""How often the map of where a query is in a picture falls on the half that the query describes.

Each case pastes two random validation pictures of Flickr8k-CN side by side and asks for a random
caption of one of them: Chinese and English take turns, and so do left and right. The half with the
larger mean of the map counts as its answer; beside it stands the half that holds its maximum. A
map that knows nothing is right in half of the cases. Some captions fit the other picture, too; so the
last row says how often the caption is nearer to its picture where the two are compared with it, each by itself.

The maps: of the whole picture, squeezed into the model's square; of overlapping windows, as
``Library.explain`` draws it; and both with what any text would have there taken away (the mean of
everyday texts). The data is in ``ZHCLIP_DATA`` (``../shared/data`` by default).

JSON keys: ``cases``, ``seed``, ``bar`` (the share that ``windows`` is to reach); for each of ``whole``,
``whole_less_any_text``, ``windows`` and ``windows_less_any_text`` the share of right halves ``zh``, ``en`` and
``all`` (by the mean) and ``maximum`` (of all cases); ``apart``: ``zh``, ``en`` and ``all`` of that last row; ``ms``:
median milliseconds of a map, ``whole`` and ``windows``.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from report import arguments, report
from zhclip.models import Encoder, load_model
from zhclip.search.explanation import heat_map
from zhclip.search.mixing import EVERYDAY

BAR = 0.8
DATA = Path(os.environ.get("ZHCLIP_DATA", Path(__file__).parent.parent.parent / "shared" / "data")) / "flickr8k-cn"
TITLES = {
    "whole": "the whole picture, plain cosine",
    "whole_less_any_text": "the whole picture, less what any text has",
    "windows": "windows, plain cosine (Library.explain)",
    "windows_less_any_text": "windows, less what any text has",
    "apart": "no map: each picture by itself",
}


class Case(NamedTuple):
    """Two pictures side by side, and a caption of one of them."""

    left: Path
    right: Path
    caption: str
    language: str
    half: int
    """The one that the caption describes: 0 is the left."""

    def picture(self) -> Image.Image:
        """The two pictures as one."""
        halves = [Image.open(path).convert("RGB") for path in (self.left, self.right)]
        height = max(half.height for half in halves)
        halves = [half.resize((height, height), Image.Resampling.BICUBIC) for half in halves]
        joined = Image.new("RGB", (2 * height, height))
        for number, half in enumerate(halves):
            joined.paste(half, (number * height, 0))
        return joined


def choose(count: int, seed: int) -> list[Case]:
    """Random pictures and captions of the validation part."""
    rows = [json.loads(line) for line in (DATA / "val.jsonl").read_text(encoding="utf-8").splitlines()]
    random = np.random.default_rng(seed)
    cases = []
    for number in range(count):
        described, other = (rows[row] for row in random.choice(len(rows), 2, replace=False))
        language, half = ("zh", "en")[number % 2], number // 2 % 2
        pair = [described, other] if half == 0 else [other, described]
        left, right = (DATA / row["image"] for row in pair)
        cases.append(Case(left, right, str(random.choice(described[language])), language, half))
    return cases


def whole_map(encoder: Encoder, image: Image.Image, direction: NDArray[np.float32]) -> NDArray[np.float32]:
    """The map of a picture that is squeezed into the model's square."""
    side = encoder.image.size
    heat: NDArray[np.float32] = encoder.encode_positions(image.resize((side, side), Image.Resampling.BICUBIC))[0]
    return heat @ direction


def halves(heat: NDArray[np.float32]) -> tuple[int, int]:
    """Which half has the larger mean, and which holds the maximum."""
    left, right = np.array_split(heat, 2, axis=1) if heat.shape[1] % 2 == 0 else _without_middle(heat)
    return int(right.mean() > left.mean()), int(right.max() > left.max())


def _without_middle(heat: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    middle = heat.shape[1] // 2
    return heat[:, :middle], heat[:, middle + 1 :]


def measure(encoder: Encoder, cases: list[Case]) -> dict[str, dict[str, float]]:
    """Shares of right halves and times, by the keys of the JSON line."""
    right: dict[str, dict[str, list[bool]]] = {name: defaultdict(list) for name in TITLES}
    seconds: dict[str, list[float]] = defaultdict(list)
    usual = encoder.encode_text(EVERYDAY).mean(axis=0)
    for case in tqdm(cases, desc="maps", leave=False):
        image, text = case.picture(), encoder.encode_text(case.caption)[0]
        for name, draw in (("whole", whole_map), ("windows", heat_map)):
            for suffix, direction in (("", text), ("_less_any_text", text - usual)):
                started = time.perf_counter()
                by_mean, by_maximum = halves(draw(encoder, image, direction))
                seconds[name].append(time.perf_counter() - started)
                right[name + suffix][case.language].append(by_mean == case.half)
                right[name + suffix]["maximum"].append(by_maximum == case.half)
        left_fit, right_fit = encoder.encode_image([case.left, case.right]) @ text
        right["apart"][case.language].append(int(right_fit > left_fit) == case.half)
    shares = {}
    for name, answers in right.items():
        every = {**answers, "all": [*answers["zh"], *answers["en"]]}
        shares[name] = {key: round(statistics.mean(values), 3) for key, values in every.items() if values}
    return shares | {"ms": {name: round(1000 * statistics.median(values), 1) for name, values in seconds.items()}}


def main() -> None:
    """Run the benchmark."""
    options = arguments(__doc__, cases=200, seed=0)
    count, seed = (40 if options.quick else int(options.cases)), int(options.seed)
    found = measure(load_model("mini"), choose(count, seed))
    rows = [
        [title, *(found[name].get(key, "") for key in ("zh", "en", "all", "maximum"))] for name, title in TITLES.items()
    ]
    columns = ["map", "Chinese", "English", "both", "both, by the maximum"]
    report(
        f"Share of {count} cases in which the map falls on the described half (chance 0.5, bar {BAR})",
        columns,
        rows,
        {"cases": count, "seed": seed, "bar": BAR, **found},
    )


if __name__ == "__main__":
    main()
