"""Tables to import that hold anything: each is refused with what is wrong and where, and the library is as before."""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import LibraryError, ModelMismatchError, TableError
from zhclip.library import Catalogue, export_parquet, import_parquet
from zhclip.library.picture import picture_id
from zhclip.library.table import open_table
from zhclip.models import Encoder

Columns = dict[str, list[Any]]
Change = Callable[[pa.Table], pa.Table]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Encoder) -> Catalogue:
    """A library of six pictures, which no hostile table may change."""
    folder = tmp_path_factory.mktemp("library")
    for number in range(6):
        save_photo(folder / "photos" / f"photo {number}.jpg", seed=number)
    (folder / "photos" / "photo 1.json").write_text(json.dumps({"caption": "海边的日落", "tags": ["海", "sea"]}))
    with Catalogue(folder / "photos.db", model=CountingEncoder(tiny_encoder)) as library:
        library.add(folder / "photos")
        export_parquet(library, folder / "whole.parquet")
        yield library


@pytest.fixture(scope="module")
def whole(library: Catalogue) -> pa.Table:
    """What an export of it holds."""
    return parquet.read_table(Path(library.location).with_name("whole.parquet"))


def with_values(name: str, *values: object) -> Change:
    """Put values into the first rows of a column."""

    def change(table: pa.Table) -> pa.Table:
        column = [*values, *table[name].to_pylist()[len(values) :]]
        kind = table.schema.field(name).type
        return table.set_column(table.column_names.index(name), name, pa.array(column, kind))

    return change


def with_path(path: str) -> Change:
    """Give the first row another path, and what follows from it."""

    def change(table: pa.Table) -> pa.Table:
        for name, value in (("path", path), ("id", picture_id(path)), ("name", Path(path).name.casefold())):
            table = with_values(name, value)(table)
        return table

    return change


def with_kind(name: str, column: Callable[[pa.Table], Any]) -> Change:
    """Replace a column by one of another type."""
    return lambda table: table.set_column(table.column_names.index(name), name, column(table))


def with_vector(change_vector: Callable[[list[float]], Any], kind: pa.DataType | None = None) -> Change:
    """Change the vector of the second row."""

    def change(table: pa.Table) -> pa.Table:
        vectors = table["vector"].to_pylist()
        vectors[1] = change_vector(vectors[1])
        column = pa.array(vectors, kind or table.schema.field("vector").type)
        return table.set_column(table.column_names.index("vector"), "vector", column)

    return change


def with_note(change_note: Callable[[dict[str, Any]], Any]) -> Change:
    """Change what the table says of its model: to other values, or to other bytes."""

    def change(table: pa.Table) -> pa.Table:
        note = change_note(json.loads(table.schema.metadata[b"zhclip"]))
        return table.replace_schema_metadata({"zhclip": note if isinstance(note, bytes) else json.dumps(note)})

    return change


HOSTILE: dict[str, tuple[Change, str]] = {
    "null content": (with_values("content", None), "row 1: content is missing"),
    "null id": (with_values("id", None), "row 1: id is missing"),
    "null tags": (with_values("tags", ["a"], None), "row 2: tags is missing"),
    "null tag": (with_values("tags", ["a"], ["b", None]), "row 2: tags is missing"),
    "null width": (with_values("width", None), "width is missing"),
    "null latitude": (with_values("latitude", None), "latitude is missing"),
    "null vector": (with_vector(lambda vector: None), "column vector claims 81 values"),
    "null in a vector": (with_vector(lambda vector: [None, *vector[1:]]), "row 2: vector is missing"),
    "id of another path": (with_values("id", "0" * 32), "row 1: id is not that of the path"),
    "id that is no hash": (with_values("id", '" || id != "'), "row 1: 'id' is "),
    "id in capitals": (with_values("id", "A" * 32), "row 1: 'id' is "),
    "content that is no hash": (with_values("content", "../../etc/passwd"), "row 1: 'content' is '../../etc/passwd'"),
    "huge content": (with_values("content", "0" * 70_000), "content has 70,000 bytes, over the limit of 32"),
    "the same row twice": (lambda table: pa.concat_tables([table, table.slice(2, 1)]), "row 7: .* stands there twice"),
    "relative path": (with_path("photos/a.jpg"), "absolute path"),
    "path with ..": (with_path("/photos/../etc/passwd"), "absolute path"),
    "path that ends in a slash": (with_path("/photos/"), "absolute path"),
    "path with a zero byte": (with_path("/photos/a\0.jpg"), "absolute path"),
    "empty path": (with_path(""), "absolute path"),
    "long path": (with_path("/" + "a" * 5000), "path has 5,001 bytes"),
    "name of another path": (with_values("name", "other.jpg"), "name is not that of the path"),
    "unknown format": (with_values("format", "EPS"), "'format' is 'EPS': it should be one of JPEG"),
    "no width": (with_values("width", 0), "'width' is 0: it should be greater than or equal to 1"),
    "negative height": (with_values("height", -5), "'height' is -5"),
    "huge side": (with_values("width", 2**62), "'width' is"),
    "huge picture": (lambda t: with_values("width", 400_000)(with_values("height", 400_000)(t)), "million pixels"),
    "negative size": (with_values("bytes", -1), "'bytes' is -1"),
    "no date there is": (with_values("taken", 2**60), "'taken' is"),
    "date before any": (with_values("taken", -(2**63)), "'taken' is"),
    "negative sidecars": (with_values("sidecars", -1), "'sidecars' is -1"),
    "no file's time": (with_values("mtime_ns", -(2**63)), "'mtime_ns' is"),
    "latitude of 91": (with_values("latitude", 91.0), "no place"),
    "half a place": (lambda t: with_values("longitude", 10.0)(with_values("latitude", 1000.0)(t)), "no place"),
    "longitude that is no number": (with_values("longitude", math.nan), "1000.0 and nan, which is no place"),
    "infinite latitude": (with_values("latitude", -math.inf), "-inf and 1000.0, which is no place"),
    "camera of two lines": (with_values("camera", "a\nb"), "'camera' is .* control character"),
    "huge caption": (with_values("caption", "海" * 30_000), "caption has 90,000 bytes"),
    "caption with an escape": (with_values("caption", "a\x1b[2J"), "control character"),
    "tag with a zero byte": (with_values("tags", ["a\0"]), "'tags.0' is"),
    "empty tag": (with_values("tags", [""]), "'tags.0' is"),
    "huge tags": (with_values("tags", ["a"], ["b" * 40_000, "c" * 40_000]), "row 2: tags has 80,000 bytes"),
    "no number in a vector": (with_vector(lambda vector: [math.nan, *vector[1:]]), "row 2: vector is nan long"),
    "infinite vector": (with_vector(lambda vector: [math.inf, *vector[1:]]), "row 2: vector is inf long"),
    "huge vector": (with_vector(lambda vector: [1e38, *vector[1:]]), "row 2: vector is .* long, not 1"),
    "no vector's length": (with_vector(lambda vector: [0.0] * len(vector)), "row 2: vector is 0 long, not 1"),
    "short vector": (with_vector(lambda vector: vector[1:], pa.list_(pa.float32())), "column vector claims"),
    "two long and short vectors": (
        lambda t: with_kind(
            "vector", lambda t: pa.array([v[1:] if i == 0 else v + [0.0] * (i == 1) for i, v in vectors(t)])
        )(t),
        "row 1: vector has 15 numbers, not 16",
    ),
    "vector of a million numbers": (
        with_vector(lambda vector: [0.0] * 1_000_000, pa.list_(pa.float32())),
        "column vector claims 1,000,080 values",
    ),
    "vectors of texts": (with_kind("vector", lambda t: pa.array([["a"]] * len(t))), "column vector is of the type"),
    "no vectors": (lambda t: t.drop_columns("vector"), "0 columns vector"),
    "no paths": (lambda t: t.drop_columns("path"), "0 columns path"),
    "two columns of a name": (lambda t: t.append_column("path", t["path"]), "2 columns path"),
    "widths as texts": (with_kind("width", lambda t: pa.array(["64"] * len(t))), "column width is of the type"),
    "widths with a point": (with_kind("width", lambda t: pa.array([64.5] * len(t))), "column width is of the type"),
    "paths as bytes": (with_kind("path", lambda t: t["path"].cast(pa.binary())), "column path is of the type"),
    "paths as numbers": (with_kind("path", lambda t: pa.array(range(len(t)))), "column path is of the type"),
    "tags as one text": (with_kind("tags", lambda t: pa.array(["a"] * len(t))), "column tags is of the type"),
    "tags in tags": (with_kind("tags", lambda t: pa.array([[["a"]]] * len(t))), "column tags is of the type"),
    "a million tags": (with_values("tags", ["a"] * 1_000_000), "column tags claims 1,000,00. values"),
    "a text that is not UTF-8": (with_kind("caption", lambda t: not_utf8(len(t))), "cannot be read as Parquet"),
    "no note": (lambda t: t.replace_schema_metadata(None), "not written by zhclip"),
    "note that is no JSON": (with_note(lambda note: b"{"), "note about the model"),
    "note that is not UTF-8": (with_note(lambda note: b"\xff\xfe"), "note about the model"),
    "note that is a list": (with_note(lambda note: [note]), "note about the model"),
    "note in note in note": (with_note(lambda note: b"[" * 10_000), "note about the model"),
    "huge note": (with_note(lambda note: note | {"name": "a" * 1_000_000}), "note about the model has 1,000,"),
    "note without a model": (with_note(lambda note: note | {"name": None}), "'name' is None"),
    "model of two lines": (with_note(lambda note: note | {"name": "a\nb"}), "'name' is"),
    "fingerprint that is none": (with_note(lambda note: note | {"fingerprint": "../x"}), "'fingerprint' is"),
    "vectors of no length": (with_note(lambda note: note | {"dim": 0}), "'dim' is 0"),
    "vectors of another length": (with_note(lambda note: note | {"dim": 17}), "column vector claims"),
    "vectors of any length": (with_note(lambda note: note | {"dim": 10**12}), "'dim' is 1000000000000"),
    "length as a text": (with_note(lambda note: note | {"dim": "16"}), "'dim' is '16'"),
    "length with a point": (with_note(lambda note: note | {"dim": 16.5}), "'dim' is 16.5"),
    "no time": (with_note(lambda note: note | {"since": "yesterday"}), "'since' is 'yesterday'"),
}


def vectors(table: pa.Table) -> list[tuple[int, list[float]]]:
    return list(enumerate(table["vector"].to_pylist()))


def not_utf8(count: int) -> pa.Array:
    offsets = struct.pack(f"<{count + 1}i", *range(count + 1))
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(b"\xff" * count))


def held(library: Catalogue) -> object:
    """All that a library holds, its record included."""
    store, record = library.opened()
    rows = sorted((row for batch in store.rows(record.collection) for row in batch), key=lambda row: row["id"])
    return rows, record, library.status()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_table_is_refused_and_nothing_is_changed(
    name: str, library: Catalogue, whole: pa.Table, tmp_path: Path
) -> None:
    change, message = HOSTILE[name]
    path = tmp_path / "odd.parquet"
    parquet.write_table(change(whole), path)
    before = held(library)
    with pytest.raises(TableError, match=message) as refused:
        import_parquet(library, path)
    assert str(path) in str(refused.value)
    assert "xport" in str(refused.value), "what to do is said"
    assert refused.value.exit_status == 1
    assert held(library) == before
    with Catalogue(tmp_path / "new.db") as new, pytest.raises(TableError):
        import_parquet(new, path)
    assert [file.name for file in tmp_path.iterdir()] == ["odd.parquet"], "no library is made"


def test_a_model_that_gives_other_vectors_is_refused(library: Catalogue, whole: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "odd.parquet"
    longer = with_kind("vector", lambda t: pa.array([[*v, 0.0] for _, v in vectors(t)], pa.list_(pa.float32(), 17)))
    parquet.write_table(with_note(lambda note: note | {"dim": 17})(longer(whole)), path)
    before = held(library)
    with pytest.raises(ModelMismatchError, match=r"vectors of 16 numbers, and those of the model .* have 17"):
        import_parquet(library, path)
    assert held(library) == before


def test_a_wrong_length_of_the_bundled_model_is_refused(whole: pa.Table, tmp_path: Path) -> None:
    from zhclip.models.loading import installed_fingerprint

    path = tmp_path / "odd.parquet"
    mini = {"name": "mini", "fingerprint": installed_fingerprint("mini")}
    parquet.write_table(with_note(lambda note: note | mini)(whole), path)
    with Catalogue(tmp_path / "new.db") as new, pytest.raises(ModelMismatchError, match="vectors of 16 numbers"):
        import_parquet(new, path)
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "nothing", "name with a zero byte"])
def test_only_regular_files_are_read(kind: str, library: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "odd.parquet"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind != "nothing":
        path = tmp_path / "odd\0.parquet"
    with pytest.raises(LibraryError, match=r"no regular file|cannot be read") as refused:
        import_parquet(library, path)
    assert refused.value.exit_status == 2


def test_bytes_that_unpack_to_gigabytes_are_refused(library: Catalogue, whole: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "odd.parquet"
    big = with_kind("caption", lambda t: pa.array(["a" * 50_000_000] * len(t)))(whole)
    parquet.write_table(big, path, use_dictionary=False, compression="zstd")
    assert path.stat().st_size < 1_000_000
    used = pa.total_allocated_bytes()
    with pytest.raises(TableError, match="column caption claims 6 values of 300,"):
        import_parquet(library, path)
    assert pa.total_allocated_bytes() - used < 1_000_000


def test_tables_that_other_programs_wrote_are_read(library: Catalogue, whole: pa.Table, tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    fields = {
        "path": whole["path"].cast(pa.large_string()),
        "caption": whole["caption"].combine_chunks().dictionary_encode(),
        "width": whole["width"].cast(pa.int32()),
        "vector": whole["vector"].cast(pa.list_(pa.float64())),
    }
    odd = whole
    for name, column in fields.items():
        odd = with_kind(name, lambda t, column=column: column)(odd)  # type: ignore[misc]
    odd = odd.select(sorted(odd.column_names, reverse=True)).append_column("note", pa.array(["x"] * len(odd)))
    parquet.write_table(odd, path, compression="gzip", row_group_size=2, data_page_version="2.0")
    before = held(library)
    with Catalogue(tmp_path / "new.db") as new:
        assert import_parquet(new, path) == 6
        assert held(new)[0] == before[0]  # type: ignore[index]


def test_a_name_that_has_control_characters_goes_out_and_in(tmp_path: Path, tiny_encoder: Encoder) -> None:
    save_photo(tmp_path / "photos" / "a\nb.jpg", seed=1)
    with Catalogue(tmp_path / "old.db", model=tiny_encoder) as old:
        old.add(tmp_path / "photos")
        export_parquet(old, tmp_path / "whole.parquet")
    with Catalogue(tmp_path / "new.db") as new:
        assert import_parquet(new, tmp_path / "whole.parquet") == 1
        assert new.get(tmp_path / "photos" / "a\nb.jpg") is not None


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_files_are_refused_or_are_whole(
    data: st.DataObject, library: Catalogue, whole: pa.Table, tmp_path: Path
) -> None:
    """Any bytes changed, anywhere: what is not refused holds rows that are in order."""

    path = tmp_path / "odd.parquet"
    content = bytearray(Path(library.location).with_name("whole.parquet").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1) | st.integers(max(len(content) - 3000, 0), len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))])
    try:
        with open_table(path) as table:
            for rows, vectors in table.batches():
                assert len(rows) == len(vectors) <= 6
                assert np.isfinite(vectors).all()
                assert all(row["id"] == picture_id(row["path"]) for row in rows)
    except TableError as error:
        assert str(path) in str(error)
