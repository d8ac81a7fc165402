"""What words add to looks: searches of a library in which half of the pictures have a caption.

The 1,000 validation pictures of Flickr8k-CN (``ZHCLIP_DATA``, ``../shared/data`` by default) are
indexed; those of even number have their first Chinese caption beside them, the files of the others
are called after a place that the picture does not show. Queries are *other* captions of the
pictures, in Chinese and in English, and a place's name with such a caption.

JSON keys: ``recall``: by kind of query (``zh_captioned``, ``zh_bare``, ``en_captioned``, ``en_bare``, ``names``)
and share of words (``0``, ``0.2``, ``0.5``, ``1``) the percentage of queries whose picture is among
the ten best; ``queries``: how many of a kind; ``search_ms``: median time of a search by share.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from report import arguments, report
from zhclip.search import Library, Query

DATA = Path(os.environ.get("ZHCLIP_DATA", Path(__file__).parents[2] / "shared" / "data")) / "flickr8k-cn"
SHARES = (0.0, 0.2, 0.5, 1.0)
PLACES = ("黄山", "桂林", "西湖", "鼓浪屿", "Kyoto", "Lisbon", "Reykjavik", "凤凰古城", "丽江", "Santorini")
TOP = 10


def main() -> None:
    """Measure and report."""
    options = arguments(__doc__)
    pictures = [json.loads(line) for line in (DATA / "val.jsonl").read_text(encoding="utf-8").splitlines()]
    count = 20 if options.quick else 50
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "pictures"
        folder.mkdir()
        files = []
        with (Path(name) / "captions.csv").open("w", encoding="utf-8", newline="") as table:
            writer = csv.writer(table)
            writer.writerow(["image", "caption"])
            for number, picture in enumerate(pictures):
                called = f"{number:04}" if number % 2 == 0 else f"{PLACES[number // 2 % len(PLACES)]}-{number:04}"
                files.append(folder / f"{called}.jpg")
                shutil.copyfile(DATA / picture["image"], files[-1])
                if number % 2 == 0:
                    writer.writerow([files[-1].name, picture["zh"][0]])
        with Library(Path(name) / "photos.db", model="mini") as library:
            library.add(folder, captions=Path(name) / "captions.csv", progress=True)
            kinds = {
                "zh_captioned": [(p["zh"][1], f) for p, f in zip(pictures[::2], files[::2], strict=True)],
                "zh_bare": [(p["zh"][1], f) for p, f in zip(pictures[1::2], files[1::2], strict=True)],
                "en_captioned": [(p["en"][1], f) for p, f in zip(pictures[::2], files[::2], strict=True)],
                "en_bare": [(p["en"][1], f) for p, f in zip(pictures[1::2], files[1::2], strict=True)],
                # The place, and what the picture shows, as people remember both.
                "names": [
                    (f"{f.name.split('-')[0]} {p['zh'][1]}", f)
                    for p, f in zip(pictures[1::2], files[1::2], strict=True)
                ],
            }
            step = {kind: max(1, len(queries) // count) for kind, queries in kinds.items()}
            recall: dict[str, dict[str, float]] = {}
            seconds: dict[float, list[float]] = {share: [] for share in SHARES}
            for kind, queries in kinds.items():
                some = queries[:: step[kind]][:count]
                recall[kind] = {}
                for share in SHARES:
                    found = 0
                    for text, file in some:
                        started = time.perf_counter()
                        hits = library.search(Query(text, words=share, negation=False), top_k=TOP)
                        seconds[share].append(time.perf_counter() - started)
                        found += any(hit.path == file for hit in hits)
                    recall[kind][f"{share:g}"] = 100 * found / len(some)
    report(
        f"Pictures among the {TOP} best, in percent ({count} queries each)",
        ["query", *(f"words {share:g}" for share in SHARES)],
        [[kind, *(f"{value:.0f}" for value in values.values())] for kind, values in recall.items()],
        {
            "recall": recall,
            "queries": count,
            "search_ms": {f"{share:g}": round(1000 * statistics.median(times), 1) for share, times in seconds.items()},
        },
    )


if __name__ == "__main__":
    main()
