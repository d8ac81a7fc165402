from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import LibraryError, LibraryNotFoundError
from zhclip.library import Catalogue, reindex
from zhclip.models import Encoder


@pytest.fixture
def other(tiny_encoder: Encoder) -> CountingEncoder:
    """Another model: its vectors point the other way."""
    return CountingEncoder(tiny_encoder, name="other", fingerprint="f" * 64)


def test_the_library_changes_to_the_other_model(
    location: str, photos: Path, encoder: CountingEncoder, other: CountingEncoder
) -> None:
    save_photo(photos / "copy of 0.jpg", seed=0)
    with Catalogue(location, model=encoder) as library:
        library.add(photos)
        report = reindex(library, other)
        assert (report.added, report.unchanged, report.reused, report.failed) == (7, 0, 1, [])
        assert other.embedded == 6
        assert library.status().model == "other"
        (match,) = library.nearest(other.encode_image(photos / "sea" / "photo 1.jpg")[0], limit=1)
        assert match.picture.path == photos / "sea" / "photo 1.jpg"
        assert match.cosine == pytest.approx(1, abs=1e-5)
        assert library.add(photos).unchanged == 7
    with Catalogue(location, model=other) as library:
        assert len(library) == 7
        assert library.status().files == 7
        store, record = library.opened()
        names = [name for name in store._names if name.startswith("zhclip_pictures")]
        assert names == [record.collection], "the old vectors are gone"


def test_the_old_model_answers_until_all_is_embedded(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, other: CountingEncoder
) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        broken = photos / "sea" / "photo 1.jpg"
        content = broken.read_bytes()
        broken.write_bytes(b"no picture")
        with pytest.raises(LibraryError, match=r"1 of the pictures cannot be read .*photo 1.jpg.*--drop-missing"):
            reindex(library, other)
        assert library.status().model == encoder.name
        assert library.status().next_model == "other"
        (match,) = library.nearest(encoder.encode_image(photos / "sea" / "photo 3.jpg")[0], limit=1)
        assert match.cosine == pytest.approx(1, abs=1e-5)

        broken.write_bytes(content)
        report = reindex(library, other)
        assert (report.added, report.unchanged) == (1, 5), "the second run goes on where the first ended"
        assert library.status().model == "other"
        assert library.status().next_model is None


def test_what_changed_or_left_since_a_stopped_run_does_not_come_back(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, other: CountingEncoder
) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        (photos / "sea" / "photo 1.jpg").write_bytes(b"no picture")
        with pytest.raises(LibraryError, match="cannot be read"):
            reindex(library, other)
        (photos / "sea" / "photo 1.jpg").unlink()
        (photos / "sea" / "photo 3.jpg").unlink()
        save_photo(photos / "sea" / "photo 5.jpg", seed=9)
        assert library.add(photos).removed == 2
        report = reindex(library, other)
        assert (report.added, report.unchanged) == (1, 3)
        vector = other.encode_image(photos / "sea" / "photo 5.jpg")[0]
        matches = library.nearest(vector, limit=20)
        assert (matches[0].picture.path.name, matches[0].cosine) == ("photo 5.jpg", pytest.approx(1, abs=1e-5))
        assert len(matches) == len(library) == 4


def test_pictures_that_cannot_be_read_can_be_let_go(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, other: CountingEncoder
) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        (photos / "sea" / "photo 1.jpg").unlink()
        report = reindex(library, other, drop_missing=True)
        assert [failure.path.name for failure in report.failed] == ["photo 1.jpg"]
        assert len(library) == library.status().files == 5


def test_reindexing_with_the_same_model_is_refused(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        with pytest.raises(LibraryNotFoundError):
            reindex(library, encoder)
        library.add(photos)
        with pytest.raises(LibraryError, match=r"of the model .* already"):
            reindex(library, encoder)
        assert np.isfinite(library.nearest(encoder.encode_text("海")[0], limit=1)[0].cosine)
