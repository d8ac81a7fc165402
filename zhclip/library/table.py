"""The Parquet table of a library: what it is made of, and reading one that may hold anything."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from zhclip.errors import LibraryError, TableError
from zhclip.library.record import ModelRecord, Record
from zhclip.library.row import MOST_BYTES, MOST_TAGS, ModelNote, Row
from zhclip.library.store import FIELDS
from zhclip.messages import Message
from zhclip.validation import problem

if TYPE_CHECKING:
    import pyarrow
    from pyarrow import parquet

BATCH = 1000
"""Rows that are read and written at once."""

_NOTE = b"zhclip"
_MOST_NOTE = 16 << 10
_ROOM = 1 << 20
_UNIT = 0.01
_LONGEST_VALUE = 60
# A pipe must not be waited for; the flag is one of POSIX alone.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
_WHOLE = ("width", "height", "bytes", "taken", "mtime_ns", "sidecars")
_NUMBERS = ("latitude", "longitude")
_TEXTS = tuple(name for name in FIELDS if name not in (*_WHOLE, *_NUMBERS, "tags"))
_ROWS = TypeAdapter(list[Row])


def make_schema(record: Record) -> pyarrow.Schema:
    """The columns of a library's table, and the note that says which model its vectors are of."""
    import pyarrow as pa

    kinds = {
        **dict.fromkeys(_WHOLE, pa.int64()),
        **dict.fromkeys(_NUMBERS, pa.float64()),
        "tags": pa.list_(pa.string()),
    }
    fields = [pa.field(name, kinds.get(name, pa.string())) for name in FIELDS]
    fields.append(pa.field("vector", pa.list_(pa.float32(), record.model.dim)))
    return pa.schema(fields, metadata={_NOTE: TypeAdapter(ModelRecord).dump_json(record.model)})


def make_table(rows: list[dict[str, Any]], schema: pyarrow.Schema) -> pyarrow.Table:
    """Rows of the store as a table of :func:`make_schema`."""
    import pyarrow as pa

    return pa.Table.from_pylist([{**row, "tags": row["tags"]["all"]} for row in rows], schema=schema)


@contextmanager
def open_table(path: str | os.PathLike[str]) -> Iterator[PictureTable]:
    """Open the Parquet file that an export wrote; whatever else it may be, nothing large is read for it.

    Args:
        path: The file.

    Yields:
        The table; what it holds is not checked yet.

    Raises:
        LibraryError: There is no such file, or it is no regular one.
        TableError: It is not Parquet, was not written by zhclip, or its description is not in order.
    """
    file = Path(path).expanduser()
    try:
        opened = os.fdopen(os.open(file, _FLAGS), "rb")
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        raise LibraryError("{file} cannot be read: {error}", file=file, error=error) from None
    with opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise LibraryError("{file} is no regular file; name the file that zhclip export wrote", file=file)
        yield PictureTable(opened, file)


class PictureTable:
    """An opened table of pictures and their vectors.

    Args:
        opened: The file.
        path: Its path, for messages.

    Raises:
        TableError: It is not Parquet, was not written by zhclip, or its description is not in order.
    """

    def __init__(self, opened: BinaryIO, path: Path) -> None:
        self.path = path
        self._reader, about = self._open(opened)
        self.model = self._read_note()
        """The model that the vectors are of, as the file says."""
        self._check_columns()
        self._check_sizes(about)
        self.total: int = about.num_rows
        """How many rows there are."""

    def batches(self) -> Iterator[tuple[list[dict[str, Any]], NDArray[np.float32]]]:
        """Read and check the rows, each of another picture file, as the store takes them.

        Yields:
            At most :data:`BATCH` rows, and their vectors ``[n, dim]``, unit length.

        Raises:
            TableError: A value is not what an export writes; the message names the row, counted from 1.
        """
        seen: set[str] = set()
        first = 1
        for batch in self._read():
            vectors = self._vectors(batch.column("vector"), first)
            rows = self._rows(batch, first)
            for number, row in enumerate(rows, start=first):
                if row["id"] in seen:
                    raise self._wrong(number, Message("{path} stands there twice", path=row["path"]))
                seen.add(row["id"])
            yield rows, vectors
            first += len(rows)
        if first - 1 != self.total:
            raise self._bad(Message("it holds {count} of {total} rows", count=first - 1, total=self.total))

    def _open(self, opened: BinaryIO) -> tuple[parquet.ParquetFile, parquet.FileMetaData]:
        from pyarrow import parquet

        with self._explained():
            about = parquet.read_metadata(opened)
            # A text that stands in many rows is decoded once: a few bytes can stand for gigabytes.
            texts = [
                column.path
                for column in map(about.schema.column, range(about.num_columns))
                if column.physical_type == "BYTE_ARRAY" and column.path.partition(".")[0] in FIELDS
            ]
            opened.seek(0)
            return parquet.ParquetFile(opened, metadata=about, read_dictionary=texts, buffer_size=_ROOM), about

    def _read_note(self) -> ModelRecord:
        with self._explained():
            note = (self._reader.schema_arrow.metadata or {}).get(_NOTE)
        if note is None:
            raise TableError(
                "{file} was not written by zhclip export; it does not say which model it is of", file=self.path
            )
        if len(note) > _MOST_NOTE:
            raise self._bad(Message("its note about the model has {size:,} bytes", size=len(note)))
        try:
            values = ModelNote.model_validate_json(note)
        except ValidationError as error:
            raise self._bad(
                Message("its note about the model is not in order: {problem}", problem=_said(error.errors()[0]))
            ) from None
        return ModelRecord(**values.model_dump())

    def _check_columns(self) -> None:
        from pyarrow import types

        with self._explained():
            schema = self._reader.schema_arrow
            for name in (*FIELDS, "vector"):
                places = schema.get_all_field_indices(name)
                if len(places) != 1:
                    raise self._bad(Message("it has {count} columns {name}, not one", count=len(places), name=name))
                kind = schema.field(places[0]).type
                inner = kind.value_type if types.is_list(kind) or types.is_fixed_size_list(kind) else None
                fits = (
                    inner is not None and (types.is_floating(inner) if name == "vector" else _is_text(inner))
                    if name in ("tags", "vector")
                    else types.is_integer(kind)
                    if name in _WHOLE
                    else types.is_floating(kind)
                    if name in _NUMBERS
                    else _is_text(kind)
                )
                if not fits:
                    raise self._bad(Message("its column {name} is of the type {kind}", name=name, kind=str(kind)))

    def _check_sizes(self, about: parquet.FileMetaData) -> None:
        """Refuse columns that would unpack to more than their rows can hold."""
        with self._explained():
            groups = [about.row_group(number) for number in range(about.num_row_groups)]
            if sum(group.num_rows for group in groups) != about.num_rows:
                raise self._bad(Message("its parts do not hold {total:,} rows", total=about.num_rows))
            for group in groups:
                for column in map(group.column, range(group.num_columns)):
                    name = column.path_in_schema.partition(".")[0]
                    if name not in (*FIELDS, "vector"):
                        continue
                    least, most, room = group.num_rows, group.num_rows, MOST_BYTES.get(name, 8)
                    if name == "vector":
                        least = most = group.num_rows * self.model.dim
                    elif name == "tags":
                        most = group.num_rows * MOST_TAGS
                        room = room // MOST_TAGS + 8
                    # Beside each value stand its length and its place in a list.
                    if not least <= column.num_values <= most or not (
                        0 <= column.total_uncompressed_size <= _ROOM + most * (room + 16)
                    ):
                        raise self._bad(
                            Message(
                                "its column {name} claims {count:,} values of {size:,} bytes in {rows:,} rows",
                                name=name,
                                count=column.num_values,
                                size=column.total_uncompressed_size,
                                rows=group.num_rows,
                            )
                        )

    def _read(self) -> Iterator[pyarrow.RecordBatch]:
        with self._explained():
            batches = self._reader.iter_batches(BATCH, columns=[*FIELDS, "vector"])
        while True:
            with self._explained():
                batch = next(batches, None)
                if batch is None:
                    return
                batch.validate(full=True)  # texts are UTF-8, and all parts of a length
            yield batch

    def _rows(self, batch: pyarrow.RecordBatch, first: int) -> list[dict[str, Any]]:
        for name in FIELDS:
            self._check_lengths(name, batch.column(name), first)
        with self._explained():
            rows: list[dict[str, Any]] = batch.select(FIELDS).to_pylist()
        try:
            _ROWS.validate_python(rows)
        except ValidationError as error:
            detail = error.errors()[0]
            raise self._wrong(first + int(detail["loc"][0]), _said({**detail, "loc": detail["loc"][1:]})) from None
        for row in rows:
            row["tags"] = {"all": row["tags"]}
        return rows

    def _check_lengths(self, name: str, column: pyarrow.Array, first: int) -> None:
        """Refuse what is missing, and texts that are too long, before any of them is made."""
        import pyarrow.compute as pc

        self._require_all(name, column, first)
        if name not in MOST_BYTES or not len(column):
            return
        texts = column.flatten() if name == "tags" else column
        with self._explained():
            sizes = pc.binary_length(texts.dictionary).take(texts.indices).to_numpy(zero_copy_only=False)
        if name == "tags":
            sizes = _sums(sizes, column.value_lengths().to_numpy())
        longest = int(sizes.argmax())
        if sizes[longest] > MOST_BYTES[name]:
            what = Message(
                "{name} has {size:,} bytes, over the limit of {most:,}",
                name=name,
                size=int(sizes[longest]),
                most=MOST_BYTES[name],
            )
            raise self._wrong(first + longest, what)

    def _vectors(self, column: pyarrow.Array, first: int) -> NDArray[np.float32]:

        self._require_all("vector", column, first)
        dim = self.model.dim
        lengths = column.value_lengths().to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(lengths != dim)[:1].tolist():
            what = Message("vector has {count} numbers, not {dim}", count=int(lengths[row]), dim=dim)
            raise self._wrong(first + row, what)
        with np.errstate(all="ignore"):  # numbers that are no part of a unit vector give a length that is not 1
            flat = column.flatten().to_numpy(zero_copy_only=False).astype(np.float32)
            vectors: NDArray[np.float32] = flat.reshape(-1, dim)
            sizes = np.linalg.norm(vectors, axis=1)
        for row in np.flatnonzero(~(np.abs(sizes - 1) <= _UNIT))[:1].tolist():
            what = Message("vector is {size:.3g} long, not 1", size=float(sizes[row]))
            raise self._wrong(first + row, what)
        return vectors

    def _require_all(self, name: str, column: pyarrow.Array, first: int) -> None:
        """Refuse nulls, in a column or in its lists."""
        missing = np.asarray(column.is_null())
        if not missing.any() and name in ("tags", "vector"):
            inner = column.flatten().is_null().to_numpy(zero_copy_only=False)
            missing = _sums(inner, column.value_lengths().to_numpy(zero_copy_only=False)) > 0
        for row in np.flatnonzero(missing)[:1].tolist():
            raise self._wrong(first + row, Message("{name} is missing", name=name))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what pyarrow raises over damaged files, which is nearly anything, into an error that names the file."""
        try:
            yield
        except TableError:
            raise
        except Exception as error:
            raise TableError(
                "{file} cannot be read as Parquet: {error}; export it again", file=self.path, error=error
            ) from error

    def _bad(self, what: Message) -> TableError:
        return TableError(
            "{file} is not as zhclip export writes it: {problem}; export it again", file=self.path, problem=what
        )

    def _wrong(self, row: int, what: Message) -> TableError:
        return TableError(
            "{file}, row {row}: {problem}; nothing was imported. Export it again",
            file=self.path,
            row=row,
            problem=what,
        )


def _is_text(kind: pyarrow.DataType) -> bool:
    """Whether a type is of texts, which are read as numbers of a dictionary's entries."""
    import pyarrow as pa
    from pyarrow import types

    return bool(types.is_dictionary(kind) and kind.value_type in (pa.string(), pa.large_string()))


def _sums(values: NDArray[Any], lengths: NDArray[Any]) -> NDArray[np.int64]:
    """The sums of values that stand in lists of some lengths, one list after another."""
    sums: NDArray[np.int64] = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    ends = np.cumsum(lengths, dtype=np.int64)
    found: NDArray[np.int64] = sums[ends] - sums[ends - lengths]
    return found


def _said(detail: Any) -> Message:
    """What is wrong with a value, with its name."""
    if not detail["loc"]:
        return problem(detail)
    key = ".".join(str(part) for part in detail["loc"])
    value = repr(detail["input"])
    value = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "..."
    return Message("{key!r} is {value}: it {problem}", key=key, value=value, problem=problem(detail))
