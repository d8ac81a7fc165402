"""Moving house: a library to another place, and to and from Parquet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from zhclip.errors import LibraryError, StoreError
from zhclip.library.catalogue import Catalogue
from zhclip.library.indexing import Progress, shown
from zhclip.library.record import DEFAULT_MODEL, Record
from zhclip.library.state import ROW_FIELDS, FileRecord
from zhclip.library.store import FIELDS, Store
from zhclip.library.table import PictureTable, make_schema, make_table, open_table
from zhclip.models import load_model
from zhclip.models.loading import installed_fingerprint

_ROWS = 1000
_SAMPLES = 20
_NEAREST = 10
_CLOSE = 1e-4


@dataclass(frozen=True)
class Moved:
    """What was moved."""

    files: int
    """Picture files that the target holds now."""
    copied: int
    """How many of them were written by this run."""
    verified: int
    """Sample queries that both answered alike."""


def migrate(source: Catalogue, target: Catalogue, *, progress: bool | Progress = False) -> Moved:
    """Copy a library to another file or server, and make sure that it answers alike.

    The source stays as it is. A run that was stopped goes on where it ended; until all is
    copied and checked the target is not a library.

    Args:
        source: The library.
        target: Where to: empty, or what an earlier run of the same library left.
        progress: Show a progress bar, or call this with (done, total, failed) files.

    Returns:
        What was copied and checked.

    Raises:
        LibraryError: Another library is at the target, or it is the source itself.
        StoreError: A store failed on the way, or the copy is not like the original.
    """
    if source.location == target.location:
        raise LibraryError("{library} is the library itself; name another place", library=source.location)
    source.require()
    with source.writer() as old_state, target.writer() as new_state:
        store, record = source.opened()
        record = replace(record, index="FLAT", next_model=None, next_collection=None)
        into = target.prepare(record)
        total = store.count(record.collection)
        copied = 0
        there = into.rows(record.collection, fields=ROW_FIELDS)
        done = {row["id"]: FileRecord.of(row) for rows in there for row in rows}
        seen = 0
        with shown(progress, total) as show:
            for rows in store.rows(record.collection, fields=(*FIELDS, "vector")):
                seen += len(rows)
                new = [row for row in rows if done.pop(row["id"], None) != FileRecord.of(row)]
                copied += _write(into, record.collection, new)
                show(seen, total, 0)
        into.delete(record.collection, sorted(done))  # what left since an earlier run that was stopped
        verified = _verify(store, into, record)
        record = record.signed()
        # The state first: until the record is written, it is of no library.
        new_state.restart(record.about(), old_state.files().values(), old_state.failures().values())
        target.replace_record(record, new_state)
    return Moved(total, copied, verified)


def export_parquet(library: Catalogue, path: str | os.PathLike[str], *, progress: bool | Progress = False) -> int:
    """Write a library's rows and vectors to a Parquet file, readable by anything that reads Parquet.

    Args:
        library: The library.
        path: The file; replaced where it is there.
        progress: Show a progress bar, or call this with (done, total, failed) files.

    Returns:
        How many picture files were written.

    Raises:
        LibraryNotFoundError: There is no library.
        LibraryError: The file cannot be written.
    """
    from pyarrow import parquet

    file = Path(path).expanduser()
    store, record = library.opened()
    total = store.count(record.collection)
    schema = make_schema(record)
    partial = file.with_name(f"{file.name}.part")
    done = 0
    try:
        with parquet.ParquetWriter(partial, schema, compression="zstd") as writer, shown(progress, total) as show:
            for rows in store.rows(record.collection, fields=(*FIELDS, "vector")):
                writer.write_table(make_table(rows, schema))
                done += len(rows)
                show(done, total, 0)
        partial.replace(file)
    except OSError as error:
        raise LibraryError("{file} cannot be written: {error}", file=file, error=error) from None
    finally:
        partial.unlink(missing_ok=True)
    return done


def import_parquet(library: Catalogue, path: str | os.PathLike[str], *, progress: bool | Progress = False) -> int:
    """Read what :func:`export_parquet` wrote into a library, new or of the same model.

    Rows of files that the library has already are replaced.

    Args:
        library: Where to.
        path: The file.
        progress: Show a progress bar, or call this with (done, total, failed) files.

    Returns:
        How many picture files were read.

    Raises:
        LibraryError: There is no such file.
        TableError: It is not what an export writes; the library is as before.
        ModelMismatchError: The library is of another model.
    """
    with open_table(path) as table:
        _check_model(table)
        for _ in table.batches():  # all of it, before anything is written
            pass
        done = 0
        with library.writer() as state, shown(progress, table.total) as show:
            indexer = library.begin_with(table.model, state)
            for rows, vectors in table.batches():
                indexer.keep(rows, vectors, [*map(FileRecord.of, rows)])
                done += len(rows)
                show(done, table.total, 0)
    return done


def _check_model(table: PictureTable) -> None:
    """Refuse a table that says of the bundled model what is not true of it."""
    if table.model.name == DEFAULT_MODEL and installed_fingerprint(DEFAULT_MODEL) == table.model.fingerprint:
        Record(table.model).check(load_model(DEFAULT_MODEL), str(table.path))


def _write(store: Store, collection: str, rows: list[dict[str, Any]]) -> int:
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        vectors = np.array([row.pop("vector") for row in part], dtype=np.float32)
        for row in part:
            row["tags"] = row["tags"] if isinstance(row["tags"], dict) else {"all": row["tags"]}
        store.upsert(collection, part, vectors)
    return len(rows)


def _verify(old: Store, new: Store, record: Record) -> int:
    """Compare counts, and the answers to sample queries; how many queries there were."""
    counts = old.count(record.collection), new.count(record.collection)
    if counts[0] != counts[1]:
        raise StoreError(
            "{library} holds {count} of {total} pictures; run the command again",
            library=new.location,
            count=counts[1],
            total=counts[0],
        )
    samples = old.query(record.collection, 'id != ""', fields=("id", "vector"), limit=_SAMPLES)
    for row in samples:
        vector = np.asarray(row["vector"], dtype=np.float32)
        one, two = ([cosine for _, cosine in _nearest(store, record, vector)] for store in (old, new))
        if len(one) != len(two) or not np.allclose(one, two, atol=_CLOSE):
            raise StoreError(
                "{library} does not answer as {original} does; run the command again",
                library=new.location,
                original=old.location,
            )
    return len(samples)


def _nearest(store: Store, record: Record, vector: Any) -> Iterator[tuple[dict[str, Any], float]]:
    yield from store.search(record.collection, vector, limit=_NEAREST)
