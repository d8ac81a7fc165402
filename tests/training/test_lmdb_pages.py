"""Damaged LMDB files are refused; nothing in them ends the process that looks at them."""

from __future__ import annotations

import base64
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import lmdb
import pytest

from zhclip.errors import DataError
from zhclip.training.sources.chinese_clip_lmdb import read_lmdb
from zhclip.training.sources.lmdb_pages import check_pages

PICTURES = 600
"""So many that there are branch pages, and some of them larger than a page."""

READING = """
import random, shutil, sys
from pathlib import Path
from zhclip.errors import ZhclipError
from zhclip.training.sources.chinese_clip_lmdb import _environment, read_lmdb

whole, folder, first, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
refused = 0
for seed in range(first, first + count):
    choose = random.Random(seed)
    part = choose.choice(["imgs", "pairs"])
    target = folder / str(seed)
    shutil.copytree(whole, target)
    content = bytearray((target / part / "data.mdb").read_bytes())
    pages = len(content) // 4096
    for _ in range(choose.choice([1, 1, 3, 30])):
        page = choose.randrange(2, pages) if choose.random() < 0.8 else choose.randrange(2)
        # Headers, and the pointers behind them, are what is followed.
        place = page * 4096 + choose.randrange(choose.choice([16, 40, 200, 4096]))
        content[place] = choose.choice([0, 1, 255, choose.randrange(256)])
    if choose.random() < 0.2:
        del content[choose.randrange(len(content)) :]
    (target / part / "data.mdb").write_bytes(content)
    try:
        for entry in read_lmdb(target):
            try:
                entry.picture.read()
            except ZhclipError:
                pass
    except ZhclipError:
        refused += 1
    _environment.cache_clear()
    shutil.rmtree(target)
print(refused)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A split as Chinese-CLIP writes it."""
    folder = tmp_path_factory.mktemp("lmdb")
    choose = random.Random(0)
    with lmdb.open(str(folder / "imgs"), map_size=1 << 26) as images, images.begin(write=True) as writing:
        for number in range(PICTURES):
            writing.put(str(number).encode(), base64.b64encode(choose.randbytes(choose.choice([20, 300, 9000]))))
        writing.put(b"num_images", str(PICTURES).encode())
    with lmdb.open(str(folder / "pairs"), map_size=1 << 26) as pairs, pairs.begin(write=True) as writing:
        for number in range(PICTURES):
            writing.put(str(number).encode(), pickle.dumps((number, number, f"第{number}张照片")))
        writing.put(b"num_samples", str(PICTURES).encode())
    return folder


def test_what_lmdb_wrote_is_in_order(whole: Path) -> None:
    for part in ("imgs", "pairs"):
        check_pages(whole / part / "data.mdb")
    assert [entry.fields["text"] for entry in read_lmdb(whole)][:2] == ["第0张照片", "第1张照片"]


def test_an_empty_database_and_one_that_was_changed_are_in_order(tmp_path: Path) -> None:
    with lmdb.open(str(tmp_path / "a"), map_size=1 << 24) as environment:
        with environment.begin(write=True) as writing:
            writing.put(b"a", b"b")
            writing.delete(b"a")
        check_pages(tmp_path / "a" / "data.mdb")
        for turn in range(5):
            with environment.begin(write=True) as writing:
                for number in range(0, 2000, turn + 1):
                    writing.put(str(number).encode(), os.urandom(10 + 1000 * (number % 7 == 0)))
        check_pages(tmp_path / "a" / "data.mdb")


@pytest.mark.parametrize("part", ["imgs", "pairs"])
@pytest.mark.parametrize("kept", [0, 10, 4096, 8192, 8192 + 4096, -1])
def test_a_file_that_is_cut_short_is_refused(whole: Path, tmp_path: Path, part: str, kept: int) -> None:
    for name in ("imgs", "pairs"):
        (tmp_path / name).mkdir()
        content = (whole / name / "data.mdb").read_bytes()
        (tmp_path / name / "data.mdb").write_bytes(content[:kept] if name == part else content)
    with pytest.raises(DataError, match=rf"{part}/data\.mdb is (cut short|damaged)"):
        list(read_lmdb(tmp_path))


def test_no_damage_ends_the_process(whole: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", READING, str(whole), str(tmp_path), "0", "150"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert result.returncode == 0, result.stderr[-2000:]
    assert int(result.stdout) > 50, "most of the damage was harmless, so the test shows nothing"


@pytest.mark.parametrize("missing", ["imgs", "pairs"])
def test_the_missing_half_is_named(whole: Path, tmp_path: Path, missing: str) -> None:
    other = "pairs" if missing == "imgs" else "imgs"
    (tmp_path / other).mkdir()
    (tmp_path / other / "data.mdb").write_bytes((whole / other / "data.mdb").read_bytes())
    with pytest.raises(DataError, match=rf"lacks {missing}/data\.mdb"):
        list(read_lmdb(tmp_path))


@pytest.mark.timeout(60)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "data.mdb")
    with pytest.raises(DataError):
        check_pages(tmp_path / "data.mdb")
