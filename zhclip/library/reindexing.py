"""Embedding a library anew with another model, while the old vectors go on answering."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import LibraryError, PictureError
from zhclip.library.catalogue import Catalogue
from zhclip.library.indexing import Progress, shown
from zhclip.library.picture import Failure, IndexReport, Picture
from zhclip.library.pipeline import Batch, Pipeline, Prepared
from zhclip.library.record import ModelRecord, Record
from zhclip.library.scan import FoundFile
from zhclip.library.state import ROW_FIELDS, FailureRecord, FileRecord, State
from zhclip.library.store import FIELDS, Store
from zhclip.models import Encoder, load_model


def reindex(
    library: Catalogue,
    model: str | os.PathLike[str] | Encoder | None = None,
    *,
    drop_missing: bool = False,
    progress: bool | Progress = False,
) -> IndexReport:
    """Embed all pictures of a library with a model, and then switch to the new vectors at once.

    Until the switch the old vectors answer. A run that was stopped goes on where it ended.
    A library that was made before words could be searched learns them; with its own model
    that takes no embedding.

    Args:
        library: The library, opened without naming a model.
        model: The new model's name (see :func:`zhclip.load_model`), or an encoder; the library's own by default.
        drop_missing: Let pictures go whose files cannot be read; they keep the switch from
            happening otherwise.
        progress: Show a progress bar, or call this with (done, total, failed) files.

    Returns:
        ``added``: embedded now, ``unchanged``: by an earlier run, ``failed``: those that cannot be read.

    Raises:
        LibraryNotFoundError: There is no library.
        LibraryError: There is nothing to do, or files cannot be read and ``drop_missing`` is not set.
        StoreError: The store failed on the way; what was embedded stays for the next run.
    """
    started = time.monotonic()
    library.require()
    encoder = model if isinstance(model, Encoder) else load_model(model) if model else library.encoder
    with library.writer() as state:
        store, record = library.opened()
        same = record.model.fingerprint == encoder.fingerprint
        if same and not (store.knows_words and not store.has_words(record.collection)):
            raise LibraryError(
                "the library {library} is of the model {model} already; name another with --model",
                library=library.location,
                model=record.model.name,
            )
        record = _begin(library, store, record, encoder, state)
        assert record.next_collection is not None
        rebuild = _Rebuild(store, record.collection, record.next_collection, encoder, same=same)
        report = rebuild.run(progress)
        if report.failed and not drop_missing:
            raise LibraryError(
                "{count} of the pictures cannot be read (the first: {reason}); bring them back, take "
                "them out with zhclip remove, or let them go with --drop-missing. The others are "
                "embedded and wait for the next run; the old model still answers",
                count=len(report.failed),
                reason=report.failed[0].reason,
            )
        _switch(library, record, encoder, state, report.failed)
        store.drop(record.collection)
    report.seconds = time.monotonic() - started
    return report


def _begin(library: Catalogue, store: Store, record: Record, encoder: Encoder, state: State) -> Record:
    """Announce the new collection, or go on with the one that a run for the same model left."""
    wanted = record.next_collection
    if record.next_model is None or record.next_model.fingerprint != encoder.fingerprint:
        fresh = Record(ModelRecord.of(encoder))
        record = replace(record, next_model=fresh.model, next_collection=fresh.collection)
        library.replace_record(record, state)
        wanted = fresh.collection
    store.drop_leftovers(record.collection, wanted)
    assert wanted is not None
    if not store.has(wanted):
        store.create(wanted, encoder.dim)
    store.load(wanted)
    return record


def _switch(library: Catalogue, record: Record, encoder: Encoder, state: State, failed: list[Failure]) -> None:
    assert record.next_model is not None
    assert record.next_collection is not None
    record = replace(
        record, model=record.next_model, collection=record.next_collection, next_model=None, next_collection=None
    ).signed()
    library.switch(record, encoder)
    # After the store, in one step: a state that is of another revision is made anew.
    gone = [FailureRecord(str(failure.path), failure.reason, 0, 0, 0, 1) for failure in failed]
    lost = {failure.path for failure in gone}
    files = [file for path, file in state.files().items() if path not in lost]
    state.restart(record.about(), files, [*state.failures().values(), *gone])


class _Rebuild:
    """Fills the new collection from the files of the old one, or from its vectors where the model stays the same."""

    def __init__(self, store: Store, old: str, new: str, encoder: Encoder, *, same: bool) -> None:
        self._store = store
        self._old = old
        self._new = new
        self._encoder = encoder
        self._same = same
        self._rows: dict[str, dict[str, Any]] = {}

    def run(self, progress: bool | Progress) -> IndexReport:
        """Embed what the new collection does not have yet."""
        report = IndexReport()
        there = self._store.rows(self._new, fields=ROW_FIELDS)
        done = {row["id"]: FileRecord.of(row) for rows in there for row in rows}
        known: set[str] = set()
        for rows in self._store.rows(self._old, fields=FIELDS):
            for row in rows:
                if done.get(row["id"]) == FileRecord.of(row):
                    del done[row["id"]]
                    known.add(row["content"])
                    report.unchanged += 1
                else:
                    self._rows[row["path"]] = row
        # What changed or left since an earlier run that was stopped.
        self._store.delete(self._new, sorted(done))
        if self._same:
            known = {row["content"] for row in self._rows.values()}
        pipeline = Pipeline(
            self._encoder,
            prepare=self._prepare,
            known=known,
            stored=self._vectors,
            write=self._write,
        )
        files = [FoundFile(path, row["bytes"], row["mtime_ns"], 0) for path, row in sorted(self._rows.items())]
        with shown(progress, len(files)) as show:
            for batch in pipeline.run(files):
                report.added += sum(item.picture is not None for item in batch.items)
                report.reused += sum(item.picture is not None for item in batch.items) - batch.embedded
                report.failed.extend(
                    Failure(Path(item.file.path), item.reason) for item in batch.items if item.reason is not None
                )
                show(report.added + len(report.failed), len(files), len(report.failed))
        return report

    def _prepare(self, file: FoundFile, wanted: Callable[[str], bool]) -> Prepared:
        picture = Picture.from_row(self._rows[file.path])
        try:
            values = self._encoder.image.read(Path(file.path)) if wanted(picture.content) else None
            return Prepared(file, picture, values)
        except PictureError as error:
            return Prepared(file, reason=str(error))

    def _write(self, batch: Batch) -> None:
        rows = [self._rows[item.file.path] for item in batch.items if item.picture]
        if rows:
            self._store.upsert(self._new, rows, np.stack([batch.vectors[row["content"]] for row in rows]))

    def _vectors(self, contents: list[str]) -> dict[str, NDArray[np.float32]]:
        listed = ", ".join(f'"{content}"' for content in contents)
        collection = self._old if self._same else self._new
        rows = self._store.query(collection, f"content in [{listed}]", fields=("content", "vector"))
        return {row["content"]: np.asarray(row["vector"], dtype=np.float32) for row in rows}
