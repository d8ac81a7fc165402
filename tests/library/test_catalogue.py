from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import (
    LibraryError,
    LibraryLockedError,
    LibraryNotFoundError,
    ModelMismatchError,
    SlowLibraryWarning,
    StoreError,
)
from zhclip.library import Catalogue, IndexReport, catalogue
from zhclip.library.scan import scan
from zhclip.models import Encoder


def counts(report: IndexReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.removed


def test_a_folder_is_kept_up_with(location: str, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(location, model=encoder) as library:
        assert counts(library.add(photos)) == (6, 0, 0, 0)
        assert len(library) == 6
        assert counts(library.add(photos)) == (0, 0, 6, 0)
        assert encoder.embedded == 6

        save_photo(photos / "sea" / "photo 1.jpg", seed=21)
        save_photo(photos / "new.png", seed=22)
        (photos / "forest" / "photo 0.jpg").unlink()
        report = library.add(photos)
        assert (counts(report), report.reused) == ((1, 1, 4, 1), 0)
        assert encoder.embedded == 8
        assert len(library) == 6
        assert library.get(photos / "forest" / "photo 0.jpg") is None

        for path in sorted(photos.rglob("photo*.jpg")):
            vector = encoder.encode_image(path)[0]
            (best,) = library.nearest(vector, limit=1)
            assert best.picture.path == path
            assert best.cosine == pytest.approx(1, abs=1e-5)


def test_copies_and_moves_reuse_the_vector(location: str, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(location, model=encoder) as library:
        library.add(photos)
        shutil.copyfile(photos / "sea" / "photo 1.jpg", photos / "copy.jpg")
        (photos / "sea" / "photo 3.jpg").rename(photos / "moved.jpg")
        report = library.add(photos)
        assert (counts(report), report.reused) == ((2, 0, 5, 1), 2)
        assert encoder.embedded == 6
        assert len(library) == 7
        matches = library.nearest(encoder.encode_image(photos / "copy.jpg")[0], limit=10)
        assert len(matches) == 6
        assert matches[0].paths == (photos / "copy.jpg", photos / "sea" / "photo 1.jpg")


def test_copies_in_one_run_are_embedded_once(tmp_path: Path, encoder: CountingEncoder) -> None:
    for number in range(100):
        save_photo(tmp_path / "photos" / f"{number}.png", seed=number % 2)
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        report = library.add(tmp_path / "photos")
        assert (report.added, report.reused, encoder.embedded) == (100, 98, 2)
        matches = library.nearest(encoder.encode_image(tmp_path / "photos" / "0.png")[0], limit=5)
        assert [len(match.paths) for match in matches] == [50, 50]


def test_offset_goes_on_where_limit_ended(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        vector = encoder.encode_text("大海")[0]
        every = [match.picture.path for match in library.nearest(vector, limit=10)]
        pages = [library.nearest(vector, limit=2, offset=offset) for offset in (0, 2, 4, 6)]
        assert [match.picture.path for page in pages for match in page] == every
        assert len(every) == 6


def test_files_that_are_gone_can_be_kept(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        (photos / "sea" / "photo 1.jpg").unlink()
        assert library.add(photos, keep_missing=True).removed == 0
        assert len(library) == 6
        assert library.add(photos / "forest").removed == 0, "a folder says nothing of another one"
        assert library.add(photos).removed == 1


def test_an_empty_folder_beside_others_keeps_its_pictures(
    tmp_path: Path, photos: Path, encoder: CountingEncoder
) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos / "sea", photos / "forest")
        (photos / "sea").rename(tmp_path / "unmounted")
        (photos / "sea").mkdir()
        report = library.add(photos / "sea", photos / "forest")
        assert (counts(report), len(library)) == ((0, 0, 3, 0), 6)
        (failure,) = report.failed
        assert (failure.path, "zhclip remove" in failure.reason) == (photos / "sea", True)
        (photos / "sea").rmdir()
        (tmp_path / "unmounted").rename(photos / "sea")
        assert (counts(library.add(photos)), library.failed()) == ((0, 0, 6, 0), [])


def test_a_library_that_gets_slow_names_the_remedy(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhclip.library.catalogue.EXACT_IN_A_FILE", 5)
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos / "sea")
        with pytest.warns(SlowLibraryWarning, match=r"holds 6 pictures.*zhclip migrate --to"):
            library.add(photos)


def test_remove_takes_a_folder_out(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        assert library.remove(photos / "sea") == 3
        assert len(library) == 3
        assert library.add(photos).added == 3


def test_the_library_remembers_its_model(tmp_path: Path, photos: Path, tiny_model_folder: Path) -> None:
    with Catalogue(tmp_path / "l.db", model=tiny_model_folder) as library:
        library.add(photos)
    with Catalogue(tmp_path / "l.db") as library:
        assert library.encoder.name == str(tiny_model_folder)


def test_another_model_is_refused(tmp_path: Path, photos: Path, tiny_encoder: Encoder) -> None:
    with Catalogue(tmp_path / "l.db", model=tiny_encoder) as library:
        library.add(photos)
    other = CountingEncoder(tiny_encoder, name="other", fingerprint="0" * 64)
    with Catalogue(tmp_path / "l.db", model=other) as library, pytest.raises(ModelMismatchError, match="reindex"):
        library.add(photos)
    changed = CountingEncoder(tiny_encoder, fingerprint="0" * 64)
    with (
        Catalogue(tmp_path / "l.db", model=changed) as library,
        pytest.raises(ModelMismatchError, match="changed since"),
    ):
        library.require()


def test_a_model_that_changed_is_noticed_where_no_picture_did(
    tmp_path: Path, photos: Path, tiny_model_folder: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_model_folder, model)
    with Catalogue(tmp_path / "l.db", model=model) as library:
        library.add(photos)
    for asked in (None, model):
        with Catalogue(tmp_path / "l.db", model=asked) as library:
            assert library.add(photos).unchanged == 6
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\x80\x3f")
    for asked in (None, model):
        with (
            Catalogue(tmp_path / "l.db", model=asked) as library,
            pytest.raises(ModelMismatchError, match="changed since"),
        ):
            library.add(photos)


def test_the_state_is_made_anew_from_the_store(
    location: str, photos: Path, encoder: CountingEncoder, own_state: Path
) -> None:
    with Catalogue(location, model=encoder) as library:
        library.add(photos)
        library.close()
        states = [*photos.parent.glob("*.files"), *own_state.rglob("*.files")]
        assert states
        for state in states:
            state.unlink()
        assert counts(library.add(photos)) == (0, 0, 6, 0)
        assert encoder.embedded == 6


def test_an_older_copy_of_the_library_is_noticed(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
    shutil.copyfile(tmp_path / "l.db", tmp_path / "backup.db")
    save_photo(photos / "later.jpg", seed=30)
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
    shutil.copyfile(tmp_path / "backup.db", tmp_path / "l.db")
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        assert counts(library.add(photos)) == (1, 0, 6, 0)
        assert len(library) == 7


def test_missing_and_empty_folders_are_refused(tmp_path: Path, encoder: CountingEncoder) -> None:
    library = Catalogue(tmp_path / "l.db", model=encoder)
    with pytest.raises(LibraryError, match=r"there is no folder .*nowhere"):
        library.add(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LibraryError, match=r"no pictures in .*empty"):
        library.add(tmp_path / "empty")
    with pytest.raises(LibraryError, match="is a folder"):
        Catalogue(tmp_path / "empty")
    with pytest.raises(LibraryNotFoundError, match="zhclip index"):
        library.nearest(np.ones(16, dtype=np.float32), limit=1)
    assert not list(tmp_path.glob("*l.db*")), "nothing was made"


def test_a_file_that_is_no_library_is_refused(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    (tmp_path / "l.db").write_text("not a library " * 1000)
    with Catalogue(tmp_path / "l.db", model=encoder) as library, pytest.raises(StoreError, match=r"l.db"):
        library.add(photos)


def test_no_server_is_one_line() -> None:
    with pytest.raises(LibraryError, match=r"no Milvus server answers at http://127.0.0.1:9") as caught:
        Catalogue("http://127.0.0.1:9").require()
    assert "\n" not in str(caught.value)


def test_who_holds_the_library_and_does_not_share_it_is_said(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhclip.library.lite._PATIENCE", 0.2)
    with Catalogue(tmp_path / "照片.db", model=encoder) as library:
        library.add(photos)
    code = (
        f"import fcntl, sys; file = open({str(tmp_path / '.照片.db.lock')!r}, 'a')\n"
        "fcntl.lockf(file, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, "--token", "SECRET"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None and holder.stdout.readline() == "held\n"
            with pytest.raises(LibraryLockedError, match=rf"process {holder.pid} \(python") as caught:
                len(Catalogue(tmp_path / "照片.db"))
            assert "SECRET" not in str(caught.value)
        finally:
            holder.kill()
    with Catalogue(tmp_path / "照片.db", model=encoder) as library:
        assert len(library) == 6, "a holder that was killed holds it no longer"


def test_two_in_one_process_share_the_file(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as one, Catalogue(tmp_path / "l.db", model=encoder) as two:
        one.add(photos)
        assert len(two) == 6
        one.close()
        assert len(two) == 6


def test_nothing_is_printed_and_nothing_heavy_imported(tmp_path: Path) -> None:
    code = (
        "import sys, zhclip\n"
        f"library = zhclip.Library({str(tmp_path / 'l.db')!r})\n"
        "assert not library.exists()\n"
        "assert not {'torch', 'pymilvus', 'transformers', 'gradio'} & set(sys.modules), sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_another_run_finds_meanwhile_stays(
    location: str, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that has waited for another one knows the folders as they were before it waited."""
    scans = []

    def scan_and_wait(*args: object, **options: object) -> object:
        found = scan(*args, **options)  # type: ignore[arg-type]
        scans.append(found)
        if len(scans) == 1:
            save_photo(photos / "meanwhile.jpg", seed=31)
            other.add(photos)
        return found

    with Catalogue(location, model=encoder) as library, Catalogue(location, model=encoder) as other:
        library.add(photos)
        monkeypatch.setattr(catalogue, "scan", scan_and_wait)
        report = library.add(photos)
        assert (report.removed, report.unchanged, len(library)) == (0, 7, 7)
        assert library.get(photos / "meanwhile.jpg") is not None


def test_a_model_that_was_loaded_before_the_library_was_made_is_checked(
    location: str, photos: Path, encoder: CountingEncoder
) -> None:
    another = CountingEncoder(encoder.encoder, name="another", fingerprint="e" * 64)
    with Catalogue(location, model=another) as early, Catalogue(location, model=encoder) as other:
        assert early.encoder is another and not early.exists()
        other.add(photos)
        with pytest.raises(ModelMismatchError):
            early.add(photos)
        with pytest.raises(ModelMismatchError):
            early.nearest(another.encode_text("海")[0], limit=1)
        assert other.nearest(encoder.encode_image(photos / "sea" / "photo 1.jpg")[0], limit=1)[0].cosine > 0.99
