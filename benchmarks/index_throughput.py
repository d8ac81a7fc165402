"""Indexing end to end with the bundled model, against what the encoder does alone.

JPEGs of 640 x 480 and of 12 megapixels, made here, indexed into a library that is open already.
The encoder alone embeds pixels that are prepared, 32 at a time, before and after, in the same run.

JSON keys: ``small`` and ``large``: ``pictures``, ``index_per_s``, ``encoder_per_s``, ``ratio``;
``bound``: the ratio that there would be if writing, hashing and metadata took no time: the processors
decode at ``decode_per_s`` when they do nothing else, and embed at ``threads_per_s`` as indexing does,
a few pictures a thread; ``decode``, ``embed``, ``write``: each stage's share of the time that
the three were busy (they overlap). ``open_s``: the first picture of a new library, which starts the store.
``reduced_decoding``: ``least_cosine`` between vectors of large JPEGs decoded at a reduced scale, as
indexing and searching do, and in full, and ``times_faster``; ``cores``.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from report import arguments, report
from stores import make_photo
from zhclip.library.indexing import Indexer
from zhclip.library.pipeline import BATCH, GROUP, Preparer
from zhclip.models import Encoder, load_model, open_image
from zhclip.search import Library

SMALL, LARGE = (640, 480), (4000, 3000)
CORES = os.cpu_count() or 1
SCENES = 100
"""Pictures that look different; of more files the rest differ in a comment."""


@contextmanager
def busy_seconds(encoder: Encoder) -> Iterator[dict[str, float]]:
    """How long the stages of indexing are at work, all threads together."""
    seconds = dict.fromkeys(("decode", "embed", "write"), 0.0)
    lock = threading.Lock()

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*given: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*given)
            finally:
                ended = time.perf_counter()
                with lock:
                    seconds[stage] += ended - started

        return run

    with (
        patch.object(Preparer, "__call__", timed("decode", Preparer.__call__)),
        patch.object(encoder, "encode_pixels", timed("embed", encoder.encode_pixels)),
        patch.object(Indexer, "_write", timed("write", Indexer._write)),
    ):
        yield seconds


def per_second(work: Callable[[], object], pictures: int) -> float:
    """Pictures a second of work on so many."""
    started = time.perf_counter()
    work()
    return pictures / (time.perf_counter() - started)


def in_threads(work: Callable[[Any], object], parts: list[Any]) -> None:
    """Work on all parts, as many at a time as there are processors."""
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(work, parts))


def make_photos(folder: Path, size: tuple[int, int], count: int) -> list[Path]:
    """JPEG files of a size."""
    folder.mkdir()
    paths = [folder / f"{number}.jpg" for number in range(count)]
    scenes = [make_photo(number, size) for number in range(min(count, SCENES))]
    for number, path in enumerate(paths):
        scenes[number % SCENES].save(path, quality=85, comment=str(number))
    return paths


def measure(encoder: Encoder, size: tuple[int, int], count: int, folder: Path) -> dict[str, Any]:
    """Index ``count`` pictures of a size."""
    paths = make_photos(folder / f"{size[0]}", size, count)
    pixels = np.stack([encoder.image(path) for path in paths[:BATCH]])
    turns = max(2, count // BATCH // 8)

    def alone() -> float:
        return per_second(lambda: [encoder.encode_pixels(pixels) for _ in range(turns)], turns * len(pixels))

    groups = [pixels[:GROUP]] * (turns * BATCH // GROUP)
    alone()  # the first call loads and tunes
    rates = [alone()]
    decode_rate = per_second(
        lambda: in_threads(encoder.image.read, paths[: turns * BATCH]), len(paths[: turns * BATCH])
    )
    threads_rate = per_second(lambda: in_threads(encoder.encode_pixels, groups), len(groups) * len(groups[0]))
    with Library(folder / f"{size[0]}.db", model=encoder) as library:
        make_photo(0, (64, 48)).save(folder / "first.jpg")
        opening = library.add(folder / "first.jpg").seconds
        with busy_seconds(encoder) as seconds:
            done = library.add(paths[0].parent, progress=True)
    if done.added != count:
        raise SystemExit(f"{done.added} of {count} pictures were indexed: {done.failed[:1]}")
    rates.append(alone())
    encoder_rate = sum(rates) / len(rates)
    rate = count / done.seconds
    whole = sum(seconds.values())
    return {
        "pictures": count,
        "index_per_s": round(rate, 2),
        "encoder_per_s": round(encoder_rate, 2),
        "ratio": round(rate / encoder_rate, 3),
        "bound": round(1 / (1 / decode_rate + 1 / threads_rate) / encoder_rate, 3),
        "decode_per_s": round(decode_rate, 2),
        "threads_per_s": round(threads_rate, 2),
        **{stage: round(value / whole, 3) for stage, value in seconds.items()},
        "open_s": round(opening, 2),
    }


def reduced_decoding(encoder: Encoder, paths: list[Path]) -> dict[str, float]:
    """What decoding large JPEGs at a reduced scale costs and saves."""
    started = time.perf_counter()
    reduced = np.stack([encoder.image(path) for path in paths])
    between = time.perf_counter()
    full = np.stack([encoder.image.pixels(open_image(path)) for path in paths])
    ended = time.perf_counter()
    cosines = (encoder.encode_pixels(reduced) * encoder.encode_pixels(full)).sum(axis=1)
    return {
        "least_cosine": round(float(cosines.min()), 6),
        "times_faster": round((ended - between) / (between - started), 2),
    }


def main() -> None:
    """Run it."""
    quick = arguments(__doc__).quick
    encoder = load_model("mini")
    figures: dict[str, Any] = {"cores": CORES}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures["small"] = measure(encoder, SMALL, 128 if quick else 2_000, folder)
        figures["large"] = measure(encoder, LARGE, 32 if quick else 160, folder)
        figures["reduced_decoding"] = reduced_decoding(encoder, sorted((folder / str(LARGE[0])).iterdir())[:16])
    rows = [(key, figures["small"][key], figures["large"][key]) for key in figures["small"]]
    report("Indexing", ["", "640 x 480", "12 megapixels"], rows, figures)


if __name__ == "__main__":
    main()
