"""Several processes with one library in a file, and what is left when one of them is killed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from pymilvus import MilvusClient

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import LibraryError, LibraryLockedError
from zhclip.library import Catalogue
from zhclip.library.state import State


@contextmanager
def holder(location: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has a library open."""
    code = (
        "import sys; from zhclip.library import Catalogue\n"
        f"library = Catalogue({str(location)!r}); library.exists(); print('open', flush=True)\n"
        "for line in sys.stdin: print(len(library), flush=True)\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


def stores(location: Path) -> list[int]:
    """The processes of Milvus Lite that have a library open."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"milvus_lite" in words[0] and os.fsencode(location) in words:
            found.append(int(folder.name))
    return found


def asked(process: subprocess.Popen[str]) -> int:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def test_processes_read_and_write_one_library(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    location = tmp_path / "照片 1.db"
    with holder(location) as other, Catalogue(location, model=encoder) as library:
        assert library.add(photos).added == 6
        assert asked(other) == 6, "what another process wrote is seen"
        assert len(stores(location)) == 1
        save_photo(photos / "new.jpg", seed=9)
        assert library.add(photos).added == 1
        assert asked(other) == library.status().files == 7
        other.kill()
        other.wait()
        vector = encoder.encode_image(photos / "new.jpg")[0]
        assert library.nearest(vector, limit=1)[0].picture.path == photos / "new.jpg", "it goes on without its starter"
        with holder(location) as third:
            assert asked(third) == 7
    assert stores(location) == [], "the last one ended it"


def test_a_store_that_died_is_started_again(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    location = tmp_path / "l.db"
    with (
        Catalogue(location, model=encoder) as one,
        Catalogue(location, model=encoder) as two,
        holder(location) as other,
    ):
        one.add(photos)
        vector = encoder.encode_image(photos / "sea" / "photo 1.jpg")[0]
        for _ in range(2):
            [store] = stores(location)
            os.kill(store, signal.SIGKILL)
            for library in (two, one):
                assert library.nearest(vector, limit=1)[0].picture.path == photos / "sea" / "photo 1.jpg"
            assert asked(other) == 6
        os.kill(stores(location)[0], signal.SIGKILL)
        save_photo(photos / "new.jpg", seed=9)
        assert two.add(photos).added == 1
        assert len(one) == 7


def test_a_folder_that_was_deleted_stays_so(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "folder" / "l.db", model=encoder) as library:
        library.add(photos)
        shutil.rmtree(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_processes_that_start_at_once_share_one_store(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, tiny_model_folder: Path
) -> None:
    location = tmp_path / "l.db"
    code = (
        "import sys; from zhclip.library import Catalogue\n"
        f"library = Catalogue({str(location)!r}, model={str(tiny_model_folder)!r})\n"
        "library.encoder; print('ready', flush=True); sys.stdin.readline()\n"
        "print(library.add(sys.argv[1]).added, flush=True); sys.stdin.read()\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(photos / name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("sea", "forest")
    ]
    try:
        for process in processes:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        assert [process.stdout.readline() for process in processes if process.stdout] == ["3\n", "3\n"]
        assert len(stores(location)) == 1
        with Catalogue(location, model=encoder) as library:
            assert len(library.nearest(encoder.encode_text("海")[0], limit=20)) == len(library) == 6
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_what_was_killed_between_store_and_state_can_be_deleted(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        save_photo(photos / "private.jpg", seed=9)
        for name in ("write", "forget"):
            with monkeypatch.context() as patch:
                patch.setattr(State, name, lambda *_, **__: 1 / 0)
                if name == "forget":
                    (photos / "private.jpg").unlink()
                with pytest.raises(ZeroDivisionError):
                    library.add(photos)
            assert library.status().files == len(library) == (7 if name == "write" else 6)
        library.add(photos)
        vector = encoder.encode_image(photos / "sea" / "photo 1.jpg")[0]
        assert "private.jpg" not in [match.picture.path.name for match in library.nearest(vector, limit=20)]


def test_a_library_of_an_earlier_version_is_whole(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    (photos / "bad.jpg").write_text("no picture")
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        failed = library.failed()
    with closing(sqlite3.connect(tmp_path / "l.db.files")) as state, state:
        state.execute("DROP TABLE intended")
        state.execute("DELETE FROM about WHERE key = 'format'")
        # What a run wrote that was killed before it was remembered: earlier versions made no note of it.
        state.execute("DELETE FROM files WHERE path LIKE '%photo 1.jpg'")
    (photos / "sea" / "photo 1.jpg").unlink()
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        assert (len(library), library.failed()) == (6, failed)
        report = library.add(photos)
        assert (report.unchanged, report.removed, encoder.embedded) == (5, 1, 6)
        assert library.failed() == failed


def test_what_a_killed_run_began_to_make_is_made_anew(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(client: MilvusClient, collection: str, schema: object, **_: object) -> None:
        MilvusClient.create_collection(client, collection, schema=schema)
        raise KeyboardInterrupt

    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        store = library._open()
        with monkeypatch.context() as patch:
            patch.setattr(store._client, "create_collection", partial(begin, store._client))
            for _ in range(2):
                with pytest.raises(KeyboardInterrupt):
                    library.add(photos)
        with monkeypatch.context() as patch:
            patch.setattr(store, "_create_record_collection", lambda: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                library.add(photos)
        assert not library.exists()
        assert library.add(photos).added == 6
        assert len(library.nearest(encoder.encode_text("海")[0], limit=20)) == 6


def test_files_are_the_users_alone(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    (tmp_path / "old.db").touch(0o644)
    for location in (tmp_path / "old.db", tmp_path / "l.db", tmp_path / ("d" * 120) / "l.db"):
        with Catalogue(location, model=encoder) as library:
            library.add(photos)
            files = [path for path in location.parent.iterdir() if location.name in path.name]
            assert {oct(stat.S_IMODE(path.lstat().st_mode)) for path in files} == {"0o600"}, files
            if len(str(location)) < 100:
                assert stat.S_ISSOCK((location.parent / f".{location.name}.sock").lstat().st_mode)
    assert not list(tmp_path.rglob("*.sock"))


def test_a_kill_while_the_record_is_replaced_loses_no_library(
    tmp_path: Path, photos: Path, encoder: CountingEncoder
) -> None:
    """Milvus deletes the row before it inserts the new one."""
    location = tmp_path / "photos.db"
    with Catalogue(location, model=encoder) as library:
        library.add(photos)
        store, record = library.opened()
        store.write_record(record.signed())
        store._client.delete("zhclip_library", ids=["record"])
    with Catalogue(location, model=encoder) as library:
        assert len(library) == 6
        assert library.add(photos).unchanged == 6
        assert library.nearest(encoder.encode_text("海")[0], limit=3)


def test_opening_the_state_again_keeps_its_locks(tmp_path: Path) -> None:
    """Else another process would believe that it is the last, and delete what this one goes on writing to."""
    path = tmp_path / "photos.db.files"
    ask = "import sys; from pathlib import Path; from zhclip.library.lock import FileLock\n"
    ask += "print(FileLock(Path(sys.argv[1]), sys.argv[1]).other())"
    with closing(State(path)) as state:
        state.describe({"library": "photos"})
        with closing(State(path)) as again:
            assert again.about() == {"library": "photos"}
        answer = subprocess.run([sys.executable, "-c", ask, path], capture_output=True, text=True, check=True).stdout
    assert answer == f"{os.getpid()}\n"


def test_a_name_that_is_too_long_is_said(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    for length in (240, 300):
        with pytest.raises(LibraryError, match="is too long for a library"):
            Catalogue(tmp_path / ("n" * length))
    with pytest.raises(LibraryError, match="cannot be a library: File name too long"):
        Catalogue(tmp_path / ("n" * 300) / "l.db")
    with Catalogue(tmp_path / ("n" * 239), model=encoder) as library:
        assert library.add(photos).added == 6


def test_a_file_that_was_replaced_under_an_open_store_is_refused(
    tmp_path: Path, photos: Path, encoder: CountingEncoder
) -> None:
    location = tmp_path / "l.db"
    with Catalogue(location, model=encoder) as library:
        library.add(photos)
    with holder(location):
        location.unlink()
        with pytest.raises(LibraryLockedError, match="deleted or replaced"), Catalogue(location, model=encoder) as new:
            new.add(photos)
