from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import FolderError
from zhclip.library import Catalogue, IndexReport
from zhclip.library.watching import watch


@pytest.fixture
def watched(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> Iterator[tuple[Catalogue, list[IndexReport]]]:
    """A library that follows the photos, and the reports of its runs."""
    reports: list[IndexReport] = []
    stop = threading.Event()
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        thread = threading.Thread(
            target=watch, args=(library, photos), kwargs={"quiet_seconds": 0.3, "report": reports.append, "stop": stop}
        )
        thread.start()
        wait_for(lambda: len(reports) == 1)
        yield library, reports
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_changes_are_followed(
    watched: tuple[Catalogue, list[IndexReport]], photos: Path, encoder: CountingEncoder
) -> None:
    library, reports = watched
    assert reports[0].added == 6
    for number in range(20):
        save_photo(photos / "new" / f"{number}.jpg", seed=100 + number)
    wait_for(lambda: len(library) == 26)
    assert len(reports) <= 4, "a burst is a run or two"
    (photos / "sea" / "photo 1.jpg").rename(photos / "moved.jpg")
    wait_for(lambda: library.get(photos / "moved.jpg") is not None)
    assert encoder.embedded == 26
    (photos / "moved.jpg").unlink()
    wait_for(lambda: len(library) == 25)
    save_photo(photos / "forest" / "photo 0.jpg", seed=77)
    wait_for(lambda: encoder.embedded == 27)


def test_a_folder_that_was_emptied_keeps_no_pictures(
    watched: tuple[Catalogue, list[IndexReport]], photos: Path
) -> None:
    library, reports = watched
    shutil.rmtree(photos / "sea")
    wait_for(lambda: len(library) == 3)
    for path in (photos / "forest").iterdir():
        path.unlink()
    wait_for(lambda: len(library) == 0)
    assert sum(report.removed for report in reports) == 6
    save_photo(photos / "back.jpg", seed=1)
    wait_for(lambda: len(library) == 1)


def test_a_folder_that_is_away_keeps_its_pictures(
    watched: tuple[Catalogue, list[IndexReport]], photos: Path, tmp_path: Path
) -> None:
    """As a disk that is taken off: its files are gone, and none of them was deleted."""
    library, _ = watched
    photos.rename(tmp_path / "elsewhere")
    photos.mkdir()
    assert library.add(tmp_path / "elsewhere", photos).removed == 0
    assert library.get(photos / "sea" / "photo 1.jpg") is not None


def test_odd_files_do_not_end_it(watched: tuple[Catalogue, list[IndexReport]], photos: Path) -> None:
    library, _ = watched
    save_photo(photos / "odd.jpg", seed=50, xmp=b'<?xml version="1.0" encoding="gb2312"?><x/>')
    (photos / "sea" / "photo 1.json").write_text("[" * 200_000)
    (photos / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    wait_for(lambda: len(library) == 7 and len(library.failed()) == 2)
    save_photo(photos / "next.jpg", seed=51)
    wait_for(lambda: len(library) == 8)


def test_a_table_that_is_spoiled_meanwhile_does_not_end_it(
    tmp_path: Path, photos: Path, encoder: CountingEncoder
) -> None:
    table = photos / "captions.csv"
    table.write_text("image,caption\nphoto 1.jpg,sea\n")
    reports: list[IndexReport] = []
    stop = threading.Event()
    options = {"captions": table, "quiet_seconds": 0.3, "report": reports.append, "stop": stop}
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        thread = threading.Thread(target=watch, args=(library, photos), kwargs=options)
        thread.start()
        wait_for(lambda: len(reports) == 1)
        table.write_bytes("夕阳下的海边".encode("gbk"))
        wait_for(lambda: len(reports) == 2)
        assert [failure.path for failure in reports[1].failed] == [table]
        table.write_text("image,caption\nphoto 2.jpg,forest\n")
        wait_for(lambda: len(reports) == 3)
        stop.set()
        thread.join(30)
        assert not thread.is_alive()
        picture = library.get(photos / "forest" / "photo 2.jpg")
        assert picture is not None and picture.caption == "forest"


def test_a_missing_folder_is_refused(tmp_path: Path, encoder: CountingEncoder) -> None:
    with pytest.raises(FolderError, match="nowhere"):
        watch(Catalogue(tmp_path / "l.db", model=encoder), tmp_path / "nowhere")
