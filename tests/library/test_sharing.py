from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import LibraryError, ModelMismatchError, StoreError
from zhclip.library import Catalogue, Picture, reindex
from zhclip.library.lite import open_lite
from zhclip.library.pipeline import BATCH
from zhclip.library.store import Store
from zhclip.models import Encoder
from zhclip.search import Library


def make_photos(folder: Path, count: int) -> Path:
    for number in range(count):
        save_photo(folder / f"{number}.png", seed=number)
    return folder


def test_what_is_done_stays_when_a_run_is_interrupted(tmp_path: Path, encoder: CountingEncoder) -> None:
    folder = make_photos(tmp_path / "photos", 150)

    def interrupt(done: int, total: int, failed: int) -> None:
        assert total == 150
        if done >= 64:
            raise KeyboardInterrupt

    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        with pytest.raises(KeyboardInterrupt):
            library.add(folder, progress=interrupt)
        assert len(library) == library.status().files == 64
        report = library.add(folder)
        assert (report.added, report.unchanged) == (86, 64)
        assert encoder.embedded <= 150 + 2 * BATCH, "what was embedded but not written yet"


def test_a_killed_run_loses_nothing_that_it_acknowledged(tmp_path: Path, tiny_model_folder: Path) -> None:
    folder = make_photos(tmp_path / "photos", 300)
    location = tmp_path / "l.db"
    code = (
        "from zhclip.library import Catalogue\n"
        f"library = Catalogue({str(location)!r}, model={str(tiny_model_folder)!r})\n"
        f"library.add({str(folder)!r}, progress=lambda done, total, failed: print(done, flush=True))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        while int(run.stdout.readline()) < 160:
            pass
        run.send_signal(signal.SIGKILL)
    with Catalogue(location, model=tiny_model_folder) as library:
        with library.reader() as state:
            known = {path: file.content for path, file in state.files().items()}
        assert len(known) >= 32
        store, record = library.opened()
        rows = [row for batch in store.rows(record.collection, fields=("path", "content")) for row in batch]
        assert len(rows) == len({row["path"] for row in rows})
        assert known.items() <= {row["path"]: row["content"] for row in rows}.items()
        assert library.add(folder).unchanged == len(known)
        assert len(library) == 300


def test_a_library_opens_when_the_store_of_a_killed_run_has_ended(tmp_path: Path) -> None:
    location = tmp_path / "l.db"
    code = (
        "import time\nfrom pathlib import Path\nfrom zhclip.library.lite import open_lite\n"
        f"print(open_lite(Path({str(location)!r}))._process.pid, flush=True)\ntime.sleep(600)\n"
    )
    with ThreadPoolExecutor(1) as pool:
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            left_behind = int(run.stdout.readline())
            os.kill(left_behind, signal.SIGSTOP)  # as if it were in the middle of a long write
            run.kill()
        opening = pool.submit(open_lite, location)
        try:
            with pytest.raises(TimeoutError):
                opening.result(1)
        finally:
            os.kill(left_behind, signal.SIGCONT)
        opening.result(10).release()


def test_threads_search_while_one_writes(tmp_path: Path, encoder: CountingEncoder) -> None:
    folder = make_photos(tmp_path / "photos", 200)
    first = make_photos(tmp_path / "first", 8)
    with Catalogue(tmp_path / "l.db", model=encoder) as library, ThreadPoolExecutor(5) as pool:
        library.add(first)
        vector = encoder.encode_image(first / "3.png")[0]
        writing = [pool.submit(library.add, folder), pool.submit(library.add, first)]
        answers = []
        while not all(future.done() for future in writing):
            answers.extend(pool.map(lambda _: library.nearest(vector, limit=1)[0].cosine, range(6)))
            assert library.status().failed == 0
        assert writing[0].result().added == 200
        assert len(answers) >= 6
        np.testing.assert_allclose(answers, 1, atol=1e-5)


def test_an_open_library_follows_a_reindexing_elsewhere(
    location: str, photos: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = CountingEncoder(tiny_encoder), CountingEncoder(tiny_encoder, name="other", fingerprint="f" * 64)
    models = {one.name: one, "other": two}
    monkeypatch.setattr("zhclip.library.access.load_model", models.__getitem__)
    with Library(location) as open_before, Library(location, model=one) as by_name, Catalogue(location) as elsewhere:
        by_name.add(photos)
        picture = photos / "sea" / "photo 1.jpg"
        assert open_before.search(picture, top_k=1)[0].path == picture
        known = open_before.get(picture)
        assert known is not None
        reindex(elsewhere, two)
        assert open_before.get(picture) == known
        reindex(elsewhere, one)
        assert open_before.similar(known.id, top_k=1)[0].score < 1
        reindex(elsewhere, two)
        assert len(open_before.sample(10)) == 6
        reindex(elsewhere, one)
        assert open_before.search("海", top_k=6)[0].score == by_name.search("海", top_k=6)[0].score
        reindex(elsewhere, two)
        assert open_before.search(picture, top_k=1)[0].path == picture
        assert open_before.encoder is two
        with pytest.raises(ModelMismatchError):
            by_name.search(picture)


def test_an_approximate_index_finds_the_same(
    make_location: Callable[[str], str], tmp_path: Path, photos: Path, encoder: CountingEncoder
) -> None:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((3000, encoder.dim)).astype(np.float32)
    with Catalogue(make_location("server"), model=encoder) as library:
        library.add(photos)
        store, record = library.opened()
        template = Picture.from_row(store.query(record.collection, 'id != ""')[0]).to_row()
        rows = [
            {**template, "mtime_ns": 0, "sidecars": 0, "id": f"{number:032x}", "content": f"{number:032x}"}
            for number in range(len(vectors))
        ]
        store.upsert(record.collection, rows, vectors)
        queries = random.standard_normal((20, encoder.dim)).astype(np.float32)
        exact = [[match.picture.content for match in library.nearest(query, limit=10)] for query in queries]
        library.change_index("HNSW")
        found = [[match.picture.content for match in library.nearest(query, limit=10)] for query in queries]
        recall = np.mean([len(set(one) & set(two)) / 10 for one, two in zip(exact, found, strict=True)])
        assert recall >= 0.98
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        with pytest.raises(LibraryError, match="Milvus server"):
            library.change_index("HNSW")


def test_a_full_disk_is_said_and_nothing_is_lost(
    tmp_path: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store's failing write is real; that the disk is full is pretended."""
    folder = make_photos(tmp_path / "photos", 100)
    upsert = Store.upsert
    writes = []

    def fail(self: Store, collection: str, rows: list[dict[str, object]], vectors: np.ndarray) -> None:
        writes.append(len(rows))
        upsert(self, collection if len(writes) == 1 else "no_collection", rows, vectors)

    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        with monkeypatch.context() as patch:
            patch.setattr(Store, "upsert", fail)
            patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0 if len(writes) > 1 else 1 << 30))
            with pytest.raises(StoreError, match="is full; make room") as caught:
                library.add(folder)
        assert caught.value.exit_status == 1
        assert len(library) == 32
        assert len(writes) == 2, "what waited behind the failure was not tried"
        assert library.add(folder).added == 68
