"""Queries of several parts on the validation pictures of Flickr8k-CN: mixes, exclusions, and "every part".

The vectors are a model's own (``--model``, mini by default), the rules and their constants those that
``Library.search`` uses (:mod:`zhclip.search.mixing`). The data is in ``ZHCLIP_DATA`` (``../shared/data`` by default).

- Mixes: a picture is sought by two parts that both matter: one of its captions, or the first half of one, and
  the picture that is its fifth nearest (left out of the answers); both halves of a caption; a Chinese and an
  English caption. Against either part alone: unit vectors summed as they are ("plain sum"), the mix that is used
  ("mix": cosines centred and scaled by what is usual for the modality), and vectors from which the mean of
  everyday texts, or of pictures, was taken away before they are summed ("centred vectors").
- The same with a modality gap: texts moved a distance of 2 along an axis of their own, as models have it
  whose texts lie far from their pictures. Here a plain sum lets the picture drown the text.
- Exclusions: a concept without another (dogs without water), excluded by word or by a picture that shows both,
  at several strengths. "Shows" is by captions: a Chinese one and an English one, or two Chinese ones, say it.
- Every part: pairs of concepts, ranked by the sum and by the weakest part, on three scales: as it is used (one for
  all texts), each word by its own mean and spread, and centred vectors.

JSON keys: ``model``, ``pictures``; ``mixes`` and ``mixes_with_gap``: for each kind of query and way, ``r1``, ``r5``,
``r10`` (percent) and ``mrr``; ``better_than_either``: for each of ``mixes``, whether the mix's ``mrr`` is above both
parts'; ``exclusions``: by ``text`` and ``picture``, for each strength, of ten hits ``excluded`` (percent that show what
is excluded) and ``wanted`` (percent that show the concept without it), and ``used`` (the strength in use);
``every``: for each scale, ``sum`` and ``weakest`` with ``ap`` (average precision of showing both, percent) and ``both``
(of ten hits, percent that show both).
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from report import arguments, report
from zhclip import load_model
from zhclip.errors import TextCutWarning
from zhclip.models import Encoder
from zhclip.models.segmentation import cut_words
from zhclip.search import mixing
from zhclip.search.mixing import EVERYDAY, PICTURE_STRENGTH, SAMPLE, TEXT_STRENGTH, Balance, Ingredient, Mix

DATA = Path(os.environ.get("ZHCLIP_DATA", Path(__file__).parents[2] / "shared" / "data")) / "flickr8k-cn"
NEIGHBOUR = 5
GAP = 2.0
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
FEWEST = 8
"""Pictures that must show a pair of concepts for the pair to count."""
CONCEPTS = {
    "狗": "dogs?", "水": "water", "草地": "grass|grassy", "红色": "red", "雪": "snow|snowy", "沙滩": "beach",
    "自行车": "bikes?|bicycles?|biker|bicyclist", "球": "balls?|football|soccer|basketball", "黑色": "black",
    "白色": "white", "山": "mountains?|hill", "街道": "street|road|sidewalk", "树": "trees?", "跑": "runs?|running",
    "跳": "jumps?|jumping|leaps|leaping", "帽子": "hat|cap|helmet", "眼镜": "glasses|sunglasses|goggles",
    "女孩": "girls?", "男孩": "boys?", "泳池": "pool", "黄色": "yellow", "蓝色": "blue", "女人": "woman|women|lady",
    "男人": "man|men", "孩子": "child|children|kids?|baby|toddler|boys?|girls?",
}  # fmt: skip
"""What is said of many of the pictures: the word to search for, and how English captions say it."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Embedded:
    """The vectors of everything that is searched with and for."""

    pictures: Vectors
    texts: dict[str, Vectors]
    """``chinese``, ``english``, ``first half``, ``second half``: one a picture."""
    concepts: Vectors
    everyday: Vectors

    def with_gap(self) -> Embedded:
        """The same, with the texts moved along an axis that no picture uses."""

        def moved(texts: Vectors) -> Vectors:
            return unit(np.pad(texts, ((0, 0), (0, 1)), constant_values=GAP))

        return Embedded(
            np.pad(self.pictures, ((0, 0), (0, 1))),
            {name: moved(texts) for name, texts in self.texts.items()},
            moved(self.concepts),
            moved(self.everyday),
        )


def unit(vectors: Vectors) -> Vectors:
    """Vectors of unit length."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)


def halves(caption: str) -> tuple[str, str]:
    """A caption cut in two between words."""
    words = cut_words(caption.rstrip("。. "))
    middle = max(len(words) // 2, 1)
    return "".join(words[:middle]), "".join(words[middle:]) or words[-1]


def embed(encoder: Encoder, lines: list[dict[str, list[str]]]) -> Embedded:
    """Embed pictures, one caption of each in both languages, and what else is searched with."""
    paths = [DATA / str(line["image"]) for line in lines]
    batches = tqdm(range(0, len(paths), 64), desc="pictures")
    pictures = np.concatenate([encoder.encode_image(paths[start : start + 64]) for start in batches])
    cut = [halves(line["zh"][0]) for line in lines]
    texts = {
        "chinese": [line["zh"][0] for line in lines],
        "english": [line["en"][0] for line in lines],
        "first half": [first for first, _ in cut],
        "second half": [second for _, second in cut],
    }
    return Embedded(
        pictures,
        {name: encoder.encode_text(values) for name, values in tqdm(texts.items(), desc="texts")},
        encoder.encode_text(list(CONCEPTS)),
        encoder.encode_text(EVERYDAY),
    )


def ranking(ranks: NDArray[np.int64]) -> dict[str, float]:
    """Recall and mean reciprocal rank of the pictures sought, from how many are ranked before each."""
    shares = {f"r{k}": round(float(100 * np.mean(ranks < k)), 1) for k in (1, 5, 10)}
    return {**shares, "mrr": round(float(np.mean(1 / (ranks + 1))), 3)}


def mixes(data: Embedded, *, only_with_picture: bool = False) -> dict[str, dict[str, dict[str, float]]]:
    """Find each picture by two parts, and by either."""
    pictures = data.pictures
    alike = pictures @ pictures.T
    np.fill_diagonal(alike, -1)
    near = np.argsort(-alike, axis=1)[:, NEIGHBOUR - 1]
    balance = Balance.measure(data.everyday, pictures[:SAMPLE])
    text_centre, picture_centre = data.everyday.mean(axis=0), pictures.mean(axis=0)

    def compare(ones: Vectors, others: Vectors, *, with_picture: bool) -> dict[str, dict[str, float]]:
        scale = balance.picture if with_picture else balance.text
        centre = picture_centre if with_picture else text_centre

        def mixed(weight: float) -> Vectors:
            pairs = zip(ones, others, strict=True)
            return np.stack(
                [
                    Mix([Ingredient(a, weight, balance.text), Ingredient(b, 1.0, scale, with_picture)], []).direction
                    for a, b in pairs
                ]
            )

        ways = {
            "first alone": ones,
            "second alone": others,
            "plain sum": ones + others,
            "mix": mixed(1.0),
            "mix, first x 2": mixed(2.0),
            "mix, second x 2": mixed(0.5),
            "centred vectors": unit(ones - text_centre) + unit(others - centre),
        }
        rows = np.arange(len(pictures))
        found = {}
        for way, queries in ways.items():
            scores = queries @ pictures.T
            if with_picture:
                scores[rows, near] = -np.inf  # the picture of the query is no answer
            found[way] = ranking((scores > scores[rows, rows][:, None]).sum(axis=1))
        return found

    texts = data.texts
    found = {
        "Chinese + picture": compare(texts["chinese"], pictures[near], with_picture=True),
        "English + picture": compare(texts["english"], pictures[near], with_picture=True),
        "half + picture": compare(texts["first half"], pictures[near], with_picture=True),
    }
    if not only_with_picture:
        found["half + half"] = compare(texts["first half"], texts["second half"], with_picture=False)
        found["Chinese + English"] = compare(texts["chinese"], texts["english"], with_picture=False)
    return found


def shown(lines: list[dict[str, list[str]]]) -> NDArray[np.bool_]:
    """``[concepts, pictures]``: whether a picture's captions say that it shows a concept."""
    said = []
    for chinese, english in CONCEPTS.items():
        word = re.compile(rf"\b(?:{english})\b", re.IGNORECASE)
        counts = [
            (sum(chinese in caption for caption in line["zh"]), sum(bool(word.search(c)) for c in line["en"]))
            for line in lines
        ]
        said.append([zh >= 2 or (zh >= 1 and en >= 1) or en >= 2 for zh, en in counts])
    return np.array(said)


def score(pictures: Vectors, mix: Mix) -> NDArray[np.float64]:
    """What a mix gives every picture."""
    return mix.score(pictures @ mix.direction, pictures @ mix.vectors.T).scores


def exclusions(data: Embedded, shows: NDArray[np.bool_]) -> dict[str, dict[str, dict[str, float]]]:
    """A concept without another, at several strengths."""
    pictures = data.pictures
    balance = Balance.measure(data.everyday, pictures[:SAMPLE])
    random = np.random.default_rng(0)
    cases = [
        (one, other, random.choice(np.flatnonzero(shows[one] & shows[other])))
        for one, other in permutations(range(len(shows)), 2)
        if (shows[one] & shows[other]).sum() >= FEWEST and (shows[one] & ~shows[other]).sum() >= 2 * FEWEST
    ]

    def measure(kind: str, strength: float) -> dict[str, float]:
        excluded, wanted = [], []
        for one, other, example in cases:
            part = Ingredient(data.concepts[one], 1.0, balance.text)
            without = (
                Ingredient(data.concepts[other], 1.0, balance.text)
                if kind == "text"
                else Ingredient(pictures[example], 1.0, balance.picture, is_picture=True)
            )
            scores = score(pictures, Mix([part], [without]))
            if kind == "picture":
                scores[example] = -np.inf  # at all strengths alike
            best = np.argsort(-scores)[:10]
            excluded.append(shows[other][best].mean())
            wanted.append((shows[one] & ~shows[other])[best].mean())
        return {
            "excluded": round(float(100 * np.mean(excluded)), 1),
            "wanted": round(float(100 * np.mean(wanted)), 1),
        }

    found: dict[str, dict[str, dict[str, float]]] = {}
    for kind in ("text", "picture"):
        found[kind] = {}
        for strength in STRENGTHS:
            with mock.patch.multiple(mixing, TEXT_STRENGTH=strength, PICTURE_STRENGTH=strength):
                found[kind][str(strength)] = measure(kind, strength)
    return found


def every(data: Embedded, shows: NDArray[np.bool_]) -> dict[str, dict[str, dict[str, float]]]:
    """Two concepts at once, by the sum and by the weakest part."""
    pictures = data.pictures
    balance = Balance.measure(data.everyday, pictures[:SAMPLE])
    cosines = data.concepts @ pictures.T
    centred = unit(data.concepts - data.everyday.mean(axis=0)) @ pictures.T
    own = (cosines - cosines.mean(axis=1, keepdims=True)) / cosines.std(axis=1, keepdims=True)
    pairs = [
        (one, other)
        for one, other in permutations(range(len(shows)), 2)
        if one < other and FEWEST <= (shows[one] & shows[other]).sum() < 0.5 * min(shows[one].sum(), shows[other].sum())
    ]

    def by_mix(weakest: bool) -> Callable[[int, int], NDArray[np.float64]]:
        def rank(one: int, other: int) -> NDArray[np.float64]:
            parts = [Ingredient(data.concepts[row], 1.0, balance.text) for row in (one, other)]
            return score(pictures, Mix(parts, [], every=weakest))

        return rank

    def measure(rank: Callable[[int, int], NDArray[np.float64]]) -> dict[str, float]:
        precisions, tens = [], []
        for one, other in pairs:
            relevant = (shows[one] & shows[other])[np.argsort(-rank(one, other))]
            precise = np.cumsum(relevant) / np.arange(1, len(relevant) + 1)
            precisions.append((precise * relevant).sum() / relevant.sum())
            tens.append(relevant[:10].mean())
        return {"ap": round(float(100 * np.mean(precisions)), 1), "both": round(float(100 * np.mean(tens)), 1)}

    def both(fits: NDArray[np.float32]) -> dict[str, dict[str, float]]:
        return {
            "sum": measure(lambda one, other: fits[one] + fits[other]),
            "weakest": measure(lambda one, other: np.minimum(fits[one], fits[other])),
        }

    return {
        "one scale (used)": {"sum": measure(by_mix(False)), "weakest": measure(by_mix(True))},
        "own scales": both(own),
        "centred vectors": both(centred),
    }


def table(found: dict[str, dict[str, dict[str, float]]]) -> Iterable[list[object]]:
    """Rows of nested figures."""
    for outer, ways in found.items():
        for way, figures in ways.items():
            yield [outer, way, *figures.values()]


def main() -> None:
    """Run the benchmark."""
    options = arguments(__doc__, model="mini")
    with (DATA / "val.jsonl").open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in file][: 300 if options.quick else None]
    encoder = load_model(options.model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TextCutWarning)
        data = embed(encoder, lines)
    shows = shown(lines)
    plain, gap = mixes(data), mixes(data.with_gap(), only_with_picture=True)
    without, paired = exclusions(data, shows), every(data, shows)
    used = {"text": TEXT_STRENGTH, "picture": PICTURE_STRENGTH}
    alone = ("first alone", "second alone")
    better = {kind: ways["mix"]["mrr"] > max(ways[part]["mrr"] for part in alone) for kind, ways in plain.items()}
    figures = {
        "model": encoder.name,
        "pictures": len(lines),
        "mixes": plain,
        "mixes_with_gap": gap,
        "better_than_either": better,
        "exclusions": {kind: {**strengths, "used": used[kind]} for kind, strengths in without.items()},
        "every": paired,
    }
    rows = list(table(plain))
    rows += [[f"gap: {row[0]}", *row[1:]] for row in table(gap)]
    rows.append(["", "", "excluded %", "wanted %", "", ""])
    rows += [
        [
            f"without a {kind}",
            f"{strength}{' (used)' if float(strength) == used[kind] else ''}",
            *values.values(),
        ]
        for kind, strengths in without.items()
        for strength, values in strengths.items()
    ]
    rows.append(["", "", "AP %", "both %", "", ""])
    rows += [[f"every: {row[0]}", *row[1:]] for row in table(paired)]
    rows = [[*row, *[""] * (6 - len(row))] for row in rows]
    report(
        f"Queries of several parts, {len(lines)} pictures",
        ["query", "way", "R@1 %", "R@5 %", "R@10 %", "MRR"],
        rows,
        figures,
    )


if __name__ == "__main__":
    main()
