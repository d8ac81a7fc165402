"""The store: Milvus, in a file of its own (Milvus Lite) or on a server, behind one class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import StoreError
from zhclip.library.connection import Connection, outliving
from zhclip.library.record import COLLECTION_PREFIX, Record
from zhclip.library.wording import ANALYZER, to_words, words_about

MOST_ROWS = 16_384
"""The most rows that Milvus gives for one search or query."""

_LIBRARY = "zhclip_library"
_RECORD_KEYS = ("record", "copy")
_INDEXING_TIMEOUT = 3600.0
_HNSW = {"M": 32, "efConstruction": 300}
_LEAST_EF = 512
_IDS = 4096
_PATH_BYTES = 4096
_TEXT_BYTES = 65_535

FIELDS = (
    "id", "content", "path", "name", "format", "width", "height", "bytes",
    "taken", "camera", "latitude", "longitude", "caption", "tags", "mtime_ns", "sidecars",
)  # fmt: skip
"""The fields of a picture's row beside its vector."""


class Store(Connection):
    """Collections of picture rows, and the library's record, in Milvus.

    Args:
        location: Path of a Milvus Lite file, or ``http(s)://host:port`` of a server
            (``https`` for TLS; ``http://host:port/name`` for a database other than the default).
        token: ``user:password`` or an API key, for a server.

    Raises:
        LibraryError: The location cannot be a library, or no server answers there.
        LibraryLockedError: The file is in use where this process cannot share it.
    """

    def __init__(self, location: str | Path, *, token: str | None = None) -> None:
        super().__init__(location, token=token)
        self._worded: dict[str, bool] = {}

    @outliving
    def read_record(self) -> Record | None:
        """What is written about the library (its model, its collection); None where it is new."""
        if _LIBRARY not in self._loaded:
            self.look_again()
            if not self.has(_LIBRARY):
                return None
        self.load(_LIBRARY)
        with self._explained():
            rows = self._client.query(
                _LIBRARY,
                filter="key in [{}]".format(", ".join(f'"{key}"' for key in _RECORD_KEYS)),
                output_fields=["key", "value"],
                consistency_level="Strong",
                **self._limits,
            )
        found = {row["key"]: row["value"] for row in rows}
        texts = [found[key] for key in _RECORD_KEYS if key in found]
        return Record.from_json(texts[0], self.location) if texts else None

    @outliving
    def write_record(self, record: Record) -> None:
        """Replace what is written about the library, all at once."""
        with self._explained():
            if not self.has(_LIBRARY):
                self._create_record_collection()
            # An upsert deletes before it inserts: whoever reads in between, or after a kill there, finds the copy.
            for key in reversed(_RECORD_KEYS):
                row = {"key": key, "value": record.to_json(), "vector": [0.0, 0.0]}
                self._client.upsert(_LIBRARY, [row], **self._limits)

    def drop_leftovers(self, *wanted: str | None) -> None:
        """Delete the collections of pictures that are not wanted: what killed runs left behind."""
        for name in list(self._names):
            if name.startswith(COLLECTION_PREFIX) and name not in wanted:
                self.drop(name)

    @outliving
    def has(self, collection: str) -> bool:
        """Whether there is a collection of that name; what a killed run began to make does not count."""
        if collection not in self._names:
            return False
        vectors = 2 if self.has_words(collection) else 1
        with self._explained():
            return len(self._client.list_indexes(collection, **self._limits)) == vectors

    @outliving
    def create(self, collection: str, dim: int) -> None:
        """Make an empty collection for picture rows with vectors of ``dim`` numbers, or finish one that was begun."""
        from pymilvus import DataType

        with self._explained():
            schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=32)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
            for name, length in (("content", 32), ("path", _PATH_BYTES), ("name", _PATH_BYTES), ("format", 16)):
                schema.add_field(name, DataType.VARCHAR, max_length=length)
            for name in ("width", "height", "bytes", "taken", "mtime_ns", "sidecars"):
                schema.add_field(name, DataType.INT64)
            for name in ("latitude", "longitude"):
                schema.add_field(name, DataType.DOUBLE)
            for name in ("camera", "caption"):
                schema.add_field(name, DataType.VARCHAR, max_length=_TEXT_BYTES)
            schema.add_field("tags", DataType.JSON)
            if self.knows_words:
                _add_words(schema)
            self._create(collection, schema, "IP", words=self.knows_words)

    @outliving
    def has_words(self, collection: str) -> bool:
        """Whether the words about a collection's pictures can be searched."""
        if collection not in self._worded:
            with self._explained():
                described = self._client.describe_collection(collection, **self._limits)
            self._worded[collection] = any(field["name"] == "words" for field in described["fields"])
        return self._worded[collection]

    @outliving
    def load(self, collection: str) -> None:
        """Make a collection ready; whatever reads or writes it does so, since it takes seconds for a large one."""
        if collection not in self._loaded:
            with self._explained():
                self._client.load_collection(collection, **self._limits)
            self._loaded.add(collection)

    @outliving
    def change_index(self, collection: str, index: str) -> None:
        """Index the vectors anew: ``FLAT`` or ``HNSW``. Searches fail until it is done."""
        with self._explained():
            self._client.flush(collection, timeout=_INDEXING_TIMEOUT)  # what is not sealed is not indexed
            self._client.release_collection(collection, **self._limits)
            self._client.drop_index(collection, "vector", **self._limits)
            parameters = self._client.prepare_index_params()
            parameters.add_index("vector", index_type=index, metric_type="IP", params=_HNSW if index == "HNSW" else {})
            self._client.create_index(collection, parameters, timeout=_INDEXING_TIMEOUT)
            self._client.load_collection(collection, timeout=_INDEXING_TIMEOUT)

    @outliving
    def drop(self, collection: str) -> None:
        """Delete a collection, if it is there."""
        with self._explained():
            self._client.drop_collection(collection, **self._limits)
        self._names.discard(collection)
        self._loaded.discard(collection)
        self._worded.pop(collection, None)

    @outliving
    def upsert(self, collection: str, rows: Sequence[dict[str, Any]], vectors: NDArray[np.float32]) -> None:
        """Write rows, in place of those of the same id; when this returns they are kept.

        Vectors are kept at unit length: the inner product of two is their cosine, and Milvus computes it in
        half the time of what it calls ``COSINE`` (the metric of libraries made before, which are searched as well).
        """
        data = [{**row, "vector": vector} for row, vector in zip(rows, _unit_length(vectors), strict=True)]
        if self.has_words(collection):
            for row in data:
                row["words"] = words_about(row["path"], row["caption"], row["tags"]["all"])
        self.load(collection)
        # Milvus Lite acknowledges rows with words that it could not write.
        room = 2 * len(data) * (vectors.shape[-1] * 4 + _PATH_BYTES)
        if self._disk_is_full(room):
            raise self._full_disk()
        with self._explained():
            self._client.upsert(collection, data, **self._limits)

    @outliving
    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Delete the rows of the ids; ids that are not there do no harm."""
        self.load(collection)
        with self._explained():
            for start in range(0, len(ids), 1000):
                self._client.delete(collection, ids=list(ids[start : start + 1000]), **self._limits)

    @outliving
    def count(self, collection: str) -> int:
        """How many rows there are."""
        self.load(collection)
        with self._explained():
            rows = self._client.query(
                collection, output_fields=["count(*)"], consistency_level="Strong", **self._limits
            )
        return int(rows[0]["count(*)"])

    @outliving
    def search(
        self,
        collection: str,
        vector: NDArray[np.float32],
        *,
        limit: int,
        expression: str = "",
        index: str = "FLAT",
    ) -> list[tuple[dict[str, Any], float]]:
        """The rows nearest to a vector, best first, each with its cosine.

        Args:
            collection: Where to look.
            vector: ``[dim]``, any length but zero.
            limit: The most rows, up to :data:`MOST_ROWS`.
            expression: A filter in Milvus's language; ``""`` for none.
            index: The collection's index, which says how to search it.
        """
        # Milvus Lite 2.5 has an IVF index too, but takes no nprobe for it: its recall stays under 0.9.
        self.load(collection)
        with self._explained():
            # "Session": what this process wrote is seen; waiting for other writers would take 0.2 s.
            found = self._client.search(
                collection,
                [_unit_length(vector)],
                anns_field="vector",
                filter=expression,
                limit=limit,
                search_params={"params": {"ef": max(_LEAST_EF, 2 * limit)} if index == "HNSW" else {}},
                output_fields=list(FIELDS),
                consistency_level="Session",
                **self._limits,
            )
        return [(dict(hit["entity"]), float(hit["distance"])) for hit in found[0]]

    @outliving
    def cosines(
        self, collection: str, vectors: NDArray[np.float32], ids: Sequence[str], *, index: str = "FLAT"
    ) -> NDArray[np.float32]:
        """Cosines of rows with vectors: ``[len(ids), len(vectors)]``, -1 for a row that is not there.

        Vectors are not fetched for it, which would take many times as long.

        Args:
            collection: Where the rows are.
            vectors: ``[m, dim]``, unit length.
            ids: Of the rows.
            index: The collection's index.
        """
        self.load(collection)
        position = {identity: number for number, identity in enumerate(ids)}
        cosines = np.full((len(ids), len(vectors)), -1.0, dtype=np.float32)
        for start in range(0, len(ids), _IDS):
            some = ids[start : start + _IDS]
            with self._explained():
                found = self._client.search(
                    collection,
                    list(vectors),
                    anns_field="vector",
                    filter=_is_one_of(some),
                    limit=len(some),
                    search_params={"params": {"ef": max(_LEAST_EF, 2 * len(some))} if index == "HNSW" else {}},
                    output_fields=["id"],
                    consistency_level="Session",
                    **self._limits,
                )
            for column, hits in enumerate(found):
                for hit in hits:
                    cosines[position[hit["id"]], column] = hit["distance"]
        if index != "FLAT":  # an approximate index may miss a few
            missed = [ids[number] for number in np.flatnonzero((cosines == -1).any(axis=1)).tolist()]
            for row in self.get(collection, missed, fields=("id", "vector")):
                cosines[position[row["id"]]] = vectors @ np.asarray(row["vector"], dtype=np.float32)
        return cosines

    @outliving
    def search_words(
        self, collection: str, text: str, *, limit: int, expression: str = ""
    ) -> list[tuple[dict[str, Any], float]]:
        """The rows whose words answer a text best, each with its BM25 score (above 0); those without any are left out.

        Args:
            collection: Where to look; :meth:`has_words` must hold.
            text: Any text: its words count, and one of them is enough.
            limit: The most rows, up to :data:`MOST_ROWS`.
            expression: A filter in Milvus's language; ``""`` for none.
        """
        words = to_words(text)
        if not words:
            return []
        self.load(collection)
        with self._explained():
            found = self._client.search(
                collection,
                [words],
                anns_field="words_bm25",
                filter=expression,
                limit=limit,
                output_fields=list(FIELDS),
                consistency_level="Session",
                **self._limits,
            )
        return [(dict(hit["entity"]), float(hit["distance"])) for hit in found[0]]

    @outliving
    def query(
        self, collection: str, expression: str, *, fields: Sequence[str] = FIELDS, limit: int = MOST_ROWS
    ) -> list[dict[str, Any]]:
        """Rows that an expression selects, in no order."""
        self.load(collection)
        with self._explained():
            rows = self._client.query(
                collection,
                filter=expression,
                output_fields=list(fields),
                limit=limit,
                consistency_level="Strong" if "vector" in fields else "Session",
                **self._limits,
            )
        return [dict(row) for row in rows]

    def get(self, collection: str, ids: Sequence[str], *, fields: Sequence[str] = FIELDS) -> list[dict[str, Any]]:
        """Rows by id, in no order; ids that are not there are left out."""
        if not ids:
            return []
        return self.query(collection, _is_one_of(ids), fields=fields)

    def rows(self, collection: str, *, fields: Sequence[str] = FIELDS) -> Iterator[list[dict[str, Any]]]:
        """All rows of a collection, in batches, in the order of their ids."""
        after, failed_after = "", None
        while True:
            try:
                for batch in self._rows_after(collection, after, fields):
                    yield batch
                    after = max(row["id"] for row in batch)
                return
            except StoreError:
                if after == failed_after or not self.revive():
                    raise
                failed_after = after

    def _rows_after(self, collection: str, identity: str, fields: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        self.load(collection)
        with self._explained():
            iterator = self._client.query_iterator(
                collection,
                batch_size=1000 if "vector" in fields else 8000,
                filter=f'id > "{identity}"' if identity else "",
                output_fields=["id", *(name for name in fields if name != "id")],
                consistency_level="Strong",
                **self._limits,
            )
        try:
            while True:
                with self._explained():
                    batch = iterator.next()
                if not batch:
                    return
                yield [dict(row) for row in batch]
        finally:
            iterator.close()

    def _create_record_collection(self) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=64)
        schema.add_field("value", DataType.VARCHAR, max_length=_TEXT_BYTES)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)  # Milvus wants one in every collection
        self._create(_LIBRARY, schema, "L2")

    def _create(self, collection: str, schema: Any, metric: str, *, words: bool = False) -> None:
        index = self._client.prepare_index_params()
        index.add_index("vector", index_type="FLAT", metric_type=metric)
        if words:
            index.add_index("words_bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        self._client.create_collection(collection, schema=schema, index_params=index, **self._limits)
        self._names.add(collection)


def _is_one_of(ids: Sequence[str]) -> str:
    listed = ", ".join(f'"{identity}"' for identity in ids)
    return f"id in [{listed}]"


def _add_words(schema: Any) -> None:
    from pymilvus import DataType, Function, FunctionType

    schema.add_field("words", DataType.VARCHAR, max_length=_TEXT_BYTES, enable_analyzer=True, analyzer_params=ANALYZER)
    schema.add_field("words_bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("words_bm25", FunctionType.BM25, ["words"], ["words_bm25"]))


def _unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), dtype=np.float32)
