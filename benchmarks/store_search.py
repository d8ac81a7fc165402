"""Searching the store against a plain numpy product over the same vectors, in one run.

512 dimensions, 10 nearest, whole rows fetched; in a file (Milvus Lite) and on a Milvus server
of this machine, its rows sealed and indexed as it does by itself after some minutes. The store and numpy take
turns, so that what else the machine does falls on both. Writes the growth curve to ``docs/store_search.png``.

JSON keys: ``file`` and ``server``: a list with, for each size, ``vectors``, ``numpy_ms``, ``one_thread_ms``
(numpy in one thread, as Milvus Lite searches) and ``exact_ms`` (p50), ``ratio`` (exact / numpy),
``ratio_one_thread``, ``recall_at_10`` and ``open_s`` (until a closed library answers);
``hnsw`` (server): the same with ``hnsw_ms``, ``index_s`` and ``recall_at_10`` against exact search; ``cores``.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from report import arguments, report, side_by_side
from stores import clustered_vectors, make_rows, milvus_server
from zhclip.library.store import Store

COLLECTION = "zhclip_pictures_benchmark"
QUERIES = 50
NEAREST = 10


def fill(store: Store, vectors: NDArray[np.float32], filled: int) -> None:
    """Write the vectors from a number on."""
    for start in range(filled, len(vectors), 1000):
        stop = min(start + 1000, len(vectors))
        store.upsert(COLLECTION, make_rows(start, stop), vectors[start:stop])


def settle(store: Store) -> None:
    """Have a server seal and index its rows now."""
    client = store._client
    client.flush(COLLECTION, timeout=600)
    deadline = time.monotonic() + 600
    while client.describe_index(COLLECTION, "vector")["pending_index_rows"] and time.monotonic() < deadline:
        time.sleep(1)
    client.release_collection(COLLECTION)
    client.load_collection(COLLECTION, timeout=600)


def nearest_numbers(store: Store, query: NDArray[np.float32], index: str) -> set[int]:
    """Which rows a search finds."""
    found = store.search(COLLECTION, query, limit=NEAREST, index=index)
    return {int(row["content"], 16) for row, _ in found}


def measure(location: str, sizes: list[int], *, rounds: int) -> Iterator[dict[str, Any]]:
    """Exact search at each size, and on a server HNSW at the last."""
    every = clustered_vectors(sizes[-1])
    queries = clustered_vectors(QUERIES, seed=2)
    store = Store(location)
    store.create(COLLECTION, every.shape[1])
    filled = 0
    for size in sizes:
        vectors = every[:size]
        fill(store, vectors, filled)
        filled = size
        if store.remote:
            settle(store)
        store.close()
        started = time.perf_counter()
        store = Store(location)
        store.load(COLLECTION)
        nearest_numbers(store, queries[0], "FLAT")  # the time until it answers
        opened = time.perf_counter() - started
        yield {"vectors": size, "open_s": round(opened, 2), **compare(store, vectors, queries, "FLAT", rounds)}
    if store.remote:
        started = time.perf_counter()
        store.change_index(COLLECTION, "HNSW")
        seconds = time.perf_counter() - started
        yield {"vectors": sizes[-1], "index_s": round(seconds, 1), **compare(store, every, queries, "HNSW", rounds)}
    store.close()


def best(cosines: NDArray[np.float32]) -> NDArray[np.int64]:
    """The positions of the largest."""
    return np.argpartition(cosines, -NEAREST)[-NEAREST:]


def compare(
    store: Store, vectors: NDArray[np.float32], queries: NDArray[np.float32], index: str, rounds: int
) -> dict[str, Any]:
    """Time and answers of the store and of numpy."""
    turns = {name: cycle(queries) for name in ("numpy", "one thread", index)}
    seconds = side_by_side(
        {
            "numpy": lambda: best(vectors @ next(turns["numpy"])),
            "one thread": lambda: best(np.vecdot(vectors, next(turns["one thread"]))),
            index: lambda: nearest_numbers(store, next(turns[index]), index),
        },
        rounds=rounds,
    )
    exact = [set(np.argsort(vectors @ query)[-NEAREST:].tolist()) for query in queries]
    found = [nearest_numbers(store, query, index) for query in queries]
    recall = sum(len(one & two) for one, two in zip(exact, found, strict=True)) / (NEAREST * len(queries))
    name = "exact_ms" if index == "FLAT" else "hnsw_ms"
    return {
        "numpy_ms": round(seconds["numpy"] * 1000, 2),
        "one_thread_ms": round(seconds["one thread"] * 1000, 2),
        name: round(seconds[index] * 1000, 2),
        "ratio": round(seconds[index] / seconds["numpy"], 2),
        "ratio_one_thread": round(seconds[index] / seconds["one thread"], 2),
        "recall_at_10": round(recall, 4),
    }


def draw(figures: dict[str, Any], path: Path) -> None:
    """The growth curve."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    for home, label in (("file", "Milvus Lite"), ("server", "Milvus server")):
        rows = figures.get(home, [])
        axes.plot([row["vectors"] for row in rows], [row["exact_ms"] for row in rows], "o-", label=f"{label}, exact")
    rows = figures["file"]
    for name, style, label in (("numpy_ms", "k--", "numpy"), ("one_thread_ms", "k:", "numpy, one thread")):
        axes.plot([row["vectors"] for row in rows], [row[name] for row in rows], style, label=label)
    for row in figures.get("hnsw", []):
        axes.plot(row["vectors"], row["hnsw_ms"], "s", label="Milvus server, HNSW")
    axes.set(xlabel="vectors of 512", ylabel="ms a search (p50)", xscale="log", yscale="log")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run it."""
    quick = arguments(__doc__).quick
    sizes = [2_000, 10_000] if quick else [10_000, 50_000, 200_000]
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        figures["file"] = list(measure(str(folder / "photos.db"), sizes, rounds=QUERIES))
        with milvus_server(folder / "server") as address:
            *figures["server"], hnsw = measure(address, sizes, rounds=QUERIES)
        figures["hnsw"] = [hnsw]
    draw(figures, Path(__file__).parent.parent / "docs" / "store_search.png")
    rows = [
        (
            home,
            row["vectors"],
            row["numpy_ms"],
            row["one_thread_ms"],
            row.get("exact_ms") or row["hnsw_ms"],
            row["ratio"],
            row["ratio_one_thread"],
            row["recall_at_10"],
        )
        for home, found in figures.items()
        for row in found
    ]
    columns = ["home", "vectors", "numpy ms", "one thread", "store ms", "ratio", "to one thread", "recall@10"]
    report("p50 of a search", columns, rows, {"cores": os.cpu_count(), **figures})


if __name__ == "__main__":
    main()
