"""Moving house: a library to another place, and to and from Parquet."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zhclip.errors import LibraryError, StoreError
from zhclip.library.catalogue import Catalogue
from zhclip.library.indexing import Progress, shown
from zhclip.library.record import ModelRecord, Record
from zhclip.library.store import FIELDS, Store

if TYPE_CHECKING:
    import pyarrow

_ROWS = 1000
_SAMPLES = 20
_NEAREST = 10
_CLOSE = 1e-4
_INTEGERS = frozenset(("width", "height", "bytes", "taken", "mtime_ns", "sidecars"))
_DOUBLES = frozenset(("latitude", "longitude"))


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
        done = {row["id"] for rows in into.rows(record.collection, fields=("id",)) for row in rows}
        kept: set[str] = set()
        with shown(progress, total) as show:
            for rows in store.rows(record.collection, fields=(*FIELDS, "vector")):
                kept.update(row["id"] for row in rows)
                copied += _write(into, record.collection, [row for row in rows if row["id"] not in done])
                show(len(kept), total, 0)
        into.delete(record.collection, sorted(done - kept))
        verified = _verify(store, into, record)
        target.replace_record(record.signed(), new_state)
        new_state.restart(new_state.about(), old_state.files().values())
        new_state.write(failures=list(old_state.failures().values()))
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
    schema = _schema(record)
    partial = file.with_name(f"{file.name}.part")
    done = 0
    try:
        with parquet.ParquetWriter(partial, schema, compression="zstd") as writer, shown(progress, total) as show:
            for rows in store.rows(record.collection, fields=(*FIELDS, "vector")):
                writer.write_table(_table(rows, schema))
                done += len(rows)
                show(done, total, 0)
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise LibraryError("{file} cannot be written: {error}", file=file, error=error) from None
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
        LibraryError: The file cannot be read, or zhclip did not write it.
        ModelMismatchError: The library is of another model.
    """
    from pyarrow import ArrowInvalid, parquet

    file = Path(path).expanduser()
    try:
        reader = parquet.ParquetFile(file)
    except (OSError, ArrowInvalid) as error:
        raise LibraryError("{file} cannot be read as Parquet: {error}", file=file, error=error) from None
    with reader:
        note = (reader.schema_arrow.metadata or {}).get(b"zhclip")
        if note is None:
            raise LibraryError(
                "{file} was not written by zhclip export; it does not say which model it is of", file=file
            )
        model = ModelRecord(**json.loads(note))
        total = reader.metadata.num_rows
        done = 0
        with library.writer() as state, shown(progress, total) as show:
            collection = library.begin_with(model, state)
            store, _ = library.opened()
            for batch in reader.iter_batches(_ROWS):
                done += _write(store, collection, batch.to_pylist())
                show(done, total, 0)
            state.describe({"revision": ""})  # so that the files are asked of the store the next time
    return done


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


def _schema(record: Record) -> pyarrow.Schema:
    import pyarrow as pa

    kinds = {
        **dict.fromkeys(_INTEGERS, pa.int64()),
        **dict.fromkeys(_DOUBLES, pa.float64()),
        "tags": pa.list_(pa.string()),
    }
    fields = [pa.field(name, kinds.get(name, pa.string())) for name in FIELDS]
    fields.append(pa.field("vector", pa.list_(pa.float32(), record.model.dim)))
    return pa.schema(fields, metadata={"zhclip": json.dumps(asdict(record.model))})


def _table(rows: list[dict[str, Any]], schema: pyarrow.Schema) -> pyarrow.Table:
    import pyarrow as pa

    return pa.Table.from_pylist([{**row, "tags": row["tags"]["all"]} for row in rows], schema=schema)
