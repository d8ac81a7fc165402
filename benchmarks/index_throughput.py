"""Indexing end to end with the bundled model, against what the encoder does alone.

JPEGs of 640 x 480 and of 12 megapixels, made here. The encoder alone embeds prepared pixels in
the same batches, in the same run.

JSON keys: ``small`` and ``large``: ``pictures``, ``index_per_s``, ``encoder_per_s``, ``ratio``,
and ``decode``, ``embed``, ``write``: each stage's share of the time that the three were busy
(they overlap); ``reduced_decoding``: ``least_cosine`` between vectors of large JPEGs decoded
at a reduced scale, as indexing does, and in full, and ``times_faster``.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from report import arguments, report
from stores import make_photo
from zhclip.library.indexing import Indexer
from zhclip.library.pipeline import BATCH, Preparer, decode
from zhclip.models import Encoder, load_model
from zhclip.search import Library

SMALL, LARGE = (640, 480), (4000, 3000)


@contextmanager
def busy_seconds(encoder: Encoder) -> Iterator[dict[str, float]]:
    """How long the stages of indexing are at work, all threads together."""
    seconds = dict.fromkeys(("decode", "embed", "write"), 0.0)
    lock = threading.Lock()

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*given: Any) -> Any:
            started = time.thread_time() if stage == "decode" else time.perf_counter()
            try:
                return function(*given)
            finally:
                ended = time.thread_time() if stage == "decode" else time.perf_counter()
                with lock:
                    seconds[stage] += ended - started

        return run

    with (
        patch.object(Preparer, "__call__", timed("decode", Preparer.__call__)),
        patch.object(encoder, "encode_pixels", timed("embed", encoder.encode_pixels)),
        patch.object(Indexer, "_write", timed("write", Indexer._write)),
    ):
        yield seconds


def measure(encoder: Encoder, size: tuple[int, int], count: int, folder: Path) -> dict[str, Any]:
    """Index ``count`` pictures of a size."""
    photos = folder / f"{size[0]}"
    photos.mkdir()
    for number in range(count):
        make_photo(number, size).save(photos / f"{number}.jpg", quality=85)
    pixels = np.stack([encoder.image(make_photo(number, (64, 48))) for number in range(BATCH)])
    encoder.encode_pixels(pixels)  # the first call loads and tunes
    started = time.perf_counter()
    for _ in range(max(1, count // BATCH)):
        encoder.encode_pixels(pixels)
    alone = max(1, count // BATCH) * BATCH / (time.perf_counter() - started)
    with busy_seconds(encoder) as seconds, Library(folder / f"{size[0]}.db", model=encoder) as library:
        done = library.add(photos, progress=True)
    if done.added != count:
        raise SystemExit(f"{done.added} of {count} pictures were indexed: {done.failed[:1]}")
    rate = count / done.seconds
    whole = sum(seconds.values())
    return {
        "pictures": count,
        "index_per_s": round(rate, 2),
        "encoder_per_s": round(alone, 2),
        "ratio": round(rate / alone, 3),
        **{stage: round(value / whole, 3) for stage, value in seconds.items()},
    }


def reduced_decoding(encoder: Encoder, paths: list[Path]) -> dict[str, float]:
    """What decoding large JPEGs at a reduced scale costs and saves."""
    started = time.perf_counter()
    reduced = np.stack([decode(encoder, str(path)) for path in paths])
    between = time.perf_counter()
    full = np.stack([encoder.image(path) for path in paths])
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
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures["small"] = measure(encoder, SMALL, 64 if quick else 640, folder)
        figures["large"] = measure(encoder, LARGE, 16 if quick else 96, folder)
        figures["reduced_decoding"] = reduced_decoding(encoder, sorted((folder / str(LARGE[0])).iterdir())[:16])
    rows = [(key, figures["small"][key], figures["large"][key]) for key in figures["small"]]
    report("Indexing", ["", "640 x 480", "12 megapixels"], rows, figures)


if __name__ == "__main__":
    main()
