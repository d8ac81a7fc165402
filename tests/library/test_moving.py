from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import LibraryError, ModelMismatchError, StoreError
from zhclip.library import Catalogue, export_parquet, import_parquet, migrate
from zhclip.library.state import State
from zhclip.library.store import Store


@pytest.fixture
def library(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> Catalogue:
    """A library with words, a copy and a failure."""
    (photos / "sea" / "photo 1.txt").write_text('海边 "日落"')
    save_photo(photos / "copy.jpg", seed=1)
    (photos / "bad.jpg").write_text("no picture")
    library = Catalogue(tmp_path / "old.db", model=encoder)
    library.add(photos)
    yield library
    library.close()


def answers(library: Catalogue, encoder: CountingEncoder) -> list[tuple[object, float]]:
    matches = library.nearest(encoder.encode_text("海边")[0], limit=20)
    return [((match.picture, match.paths), round(match.cosine, 4)) for match in matches]


@pytest.mark.parametrize("home", ["file", "server"])
def test_a_library_moves(
    home: str, library: Catalogue, make_location: Callable[[str], str], photos: Path, encoder: CountingEncoder
) -> None:
    with Catalogue(make_location(home), model=encoder) as target:
        moved = migrate(library, target)
        assert (moved.files, moved.copied, moved.verified) == (7, 7, 7)
        assert answers(target, encoder) == answers(library, encoder)
        assert target.failed() == library.failed()
        assert target.status().since == library.status().since
        assert target.add(photos).unchanged == 7
        assert encoder.embedded == 6
        again = migrate(library, target)
        assert (again.files, again.copied) == (7, 0)


def test_a_move_that_was_stopped_goes_on(
    library: Catalogue, tmp_path: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    upsert = Store.upsert

    def fail(self: Store, collection: str, rows: list[dict[str, object]], vectors: object) -> None:
        upsert(self, collection, rows[:4], vectors[:4])  # type: ignore[index]
        raise StoreError("the disk is full")

    with Catalogue(tmp_path / "new.db") as target:
        with monkeypatch.context() as patch:
            patch.setattr(Store, "upsert", fail)
            with pytest.raises(StoreError, match="disk is full"):
                migrate(library, target)
        assert not target.exists(), "half a copy is no library"
    with Catalogue(tmp_path / "new.db", model=encoder) as target:
        moved = migrate(library, target)
        assert (moved.files, moved.copied) == (7, 3)
        assert answers(target, encoder) == answers(library, encoder)


def test_what_changed_or_left_since_a_stopped_move_does_not_come_back(
    library: Catalogue, tmp_path: Path, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Catalogue(tmp_path / "new.db") as target:
        with monkeypatch.context() as patch:
            patch.setattr("zhclip.library.moving._verify", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                migrate(library, target)
        library.remove(photos / "sea")
        save_photo(photos / "forest" / "photo 0.jpg", seed=9)
        assert library.add(photos / "forest").updated == 1
        assert (migrate(library, target).copied, len(target)) == (1, len(library))
        assert answers(target, encoder) == answers(library, encoder)


def test_what_a_stopped_import_wrote_counts(
    library: Catalogue, tmp_path: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "library.parquet"
    export_parquet(library, file)
    with Catalogue(tmp_path / "new.db", model=encoder) as new:
        with monkeypatch.context() as patch:
            patch.setattr(State, "write", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                import_parquet(new, file)
        assert len(new) == new.status().files == len(library)
        first = new.nearest(encoder.encode_text("海边")[0], limit=1)[0].picture.path
        assert new.remove(first) == 1
        assert new.get(first) is None


def test_another_library_is_not_overwritten(
    library: Catalogue, tmp_path: Path, photos: Path, encoder: CountingEncoder
) -> None:
    with Catalogue(tmp_path / "other.db", model=encoder) as other:
        other.add(photos)
        with pytest.raises(LibraryError, match=r"another library at .*other.db"):
            migrate(library, other)
        with pytest.raises(LibraryError, match="the library itself"):
            migrate(library, library)


def test_parquet_goes_out_and_in(library: Catalogue, tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    path = tmp_path / "photos.parquet"
    assert export_parquet(library, path) == 7
    with Catalogue(tmp_path / "new.db", model=encoder) as target:
        assert import_parquet(target, path) == 7
        assert answers(target, encoder) == answers(library, encoder)
        assert target.add(photos).unchanged == 7
        assert import_parquet(target, path) == 7
        assert len(target) == 7

    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    assert {"path", "vector", "caption", "tags", "width"} <= set(table.column_names)
    assert len(table["vector"][0]) == encoder.dim


def test_parquet_of_another_kind_or_model_is_refused(
    library: Catalogue, tmp_path: Path, photos: Path, encoder: CountingEncoder
) -> None:
    import pyarrow
    import pyarrow.parquet

    with Catalogue(tmp_path / "new.db", model=encoder) as target:
        (tmp_path / "text.parquet").write_text("no parquet")
        with pytest.raises(LibraryError, match="cannot be read as Parquet"):
            import_parquet(target, tmp_path / "text.parquet")
        pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), tmp_path / "other.parquet")
        with pytest.raises(LibraryError, match="not written by zhclip"):
            import_parquet(target, tmp_path / "other.parquet")
        assert not target.exists()
    export_parquet(library, tmp_path / "photos.parquet")
    other = CountingEncoder(encoder.encoder, name="other", fingerprint="f" * 64)
    with Catalogue(tmp_path / "third.db", model=other) as target:
        with pytest.raises(ModelMismatchError):
            import_parquet(target, tmp_path / "photos.parquet")
        assert not target.exists(), "an empty library does not become another model's than the one asked for"
        target.add(photos)
        with pytest.raises(ModelMismatchError):
            import_parquet(target, tmp_path / "photos.parquet")
    with pytest.raises(LibraryError, match="cannot be written"):
        export_parquet(library, tmp_path / "no folder" / "photos.parquet")
