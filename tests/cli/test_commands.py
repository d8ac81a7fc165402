"""The commands do their work, end to end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from PIL import Image

from zhclip.models import Encoder
from zhclip.search import Library

ZHCLIP = Path(sys.executable).with_name("zhclip")
COMMANDS = ("index", "search", "demo", "status")


def test_indexing_again_embeds_nothing_and_follows_the_folder(
    zhclip, photos: Path, tiny_model_folder: Path, tmp_path: Path
) -> None:
    folder, library = tmp_path / "photos", tmp_path / "photos.db"
    shutil.copytree(photos, folder)
    assert "added 3," in zhclip("index", folder, "--library", library, "--model", tiny_model_folder).stdout
    assert "added 0, updated 0, unchanged 3, removed 0, failed 0" in zhclip("index", folder, library=library).stdout
    (folder / "red.png").unlink()
    Image.new("RGB", (64, 48), "purple").save(folder / "new.png")
    assert "added 1, updated 0, unchanged 2, removed 1, failed 0" in zhclip("index", folder, library=library).stdout
    assert zhclip("remove", folder / "new.png", library=library).stdout == "1 pictures removed\n"
    assert json.loads(zhclip("status", "--json", library=library).stdout)["pictures"] == 2


def test_a_search_gives_what_python_gives(zhclip, library: Path, tiny_encoder: Encoder) -> None:
    result = zhclip("search", "夕阳", "大海", "沙滩", "--json", library=library)
    with Library(library, model=tiny_encoder) as opened:
        hits = opened.search("夕阳 大海 沙滩")
    found = json.loads(result.stdout)
    assert [hit["path"] for hit in found] == [str(hit.path) for hit in hits]
    assert [hit["rank"] for hit in found] == [1, 2, 3]
    assert all(abs(mine["score"] - hit.score) < 1e-4 for mine, hit in zip(found, hits, strict=True))
    assert result.stderr == ""


def test_a_picture_finds_itself(zhclip, photos: Path, library: Path) -> None:
    path = photos / "蓝色 天空.png"
    (hit,) = json.loads(zhclip("search", "--image", path, "--top-k", 1, "--json", library=library).stdout)
    assert hit["path"] == str(path)
    assert hit["score"] > 0.999
    assert hit["caption"] == "蓝色的天空"


def test_the_table_is_aligned_and_paths_are_whole_in_a_pipe(zhclip, photos: Path, library: Path) -> None:
    lines = zhclip("search", "a dog", library=library, language="zh_CN.UTF-8").stdout.splitlines()
    assert lines[0].split() == ["#", "得分", "图片", "说明"]
    assert sorted(line.split("  ")[2].strip() for line in lines[1:]) == sorted(map(str, photos.glob("*.png")))
    # Chinese letters are two columns wide; the caption starts at the same column all the same.
    with_caption = next(line for line in lines if "蓝色的天空" in line)
    assert _columns(with_caption.split("蓝色的天空")[0]) == _columns(lines[0].split("说明")[0])


def _columns(text: str) -> int:
    return sum(2 if "\u2e80" <= letter <= "\uffef" else 1 for letter in text)


def test_status_says_what_the_library_holds(zhclip, library: Path, tiny_model_folder: Path) -> None:
    facts = json.loads(zhclip("status", "--json", library=library).stdout)
    assert facts["location"] == str(library)
    assert facts["model"] == str(tiny_model_folder)
    assert (facts["pictures"], facts["files"], facts["failed"], facts["failures"]) == (3, 3, 0, [])
    assert "图片: 3" in zhclip("status", library=library, language="zh_CN.UTF-8").stdout


def test_status_counts_the_files_that_are_gone(zhclip, photos: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    folder, library = tmp_path / "photos", tmp_path / "photos.db"
    shutil.copytree(photos, folder)
    zhclip("index", folder, "--model", tiny_model_folder, library=library)
    assert "place" not in zhclip("status", library=library).stdout
    next(folder.glob("*.png")).unlink()
    assert json.loads(zhclip("status", "--json", library=library).stdout)["gone"] == 1
    folder.rename(tmp_path / "elsewhere")
    assert "no longer at their place: 3" in zhclip("status", library=library).stdout


def test_a_library_moves_to_another_file_and_through_parquet(zhclip, library: Path, tmp_path: Path) -> None:
    copy, table, again = tmp_path / "copy.db", tmp_path / "photos.parquet", tmp_path / "again.db"
    assert "3 pictures are at" in zhclip("migrate", "--to", copy, library=library).stdout
    assert zhclip("export", table, library=copy).stdout == f"3 pictures written to {table}\n"
    assert "3 pictures read from" in zhclip("import", table, library=again).stdout
    before, after = (json.loads(zhclip("search", "狗", "--json", library=path).stdout) for path in (library, again))
    assert [hit["path"] for hit in before] == [hit["path"] for hit in after]


def test_captions_come_from_a_table(zhclip, photos: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "captions.csv"
    table.write_text("image,caption\nred.png,一块红色\n", encoding="utf-8")
    library = tmp_path / "photos.db"
    zhclip("index", photos, "--captions", table, "--model", tiny_model_folder, "--exclude", "green*", library=library)
    found = json.loads(zhclip("search", "狗", "--json", library=library).stdout)
    assert {Path(hit["path"]).name: hit["caption"] for hit in found} == {
        "red.png": "一块红色",
        "蓝色 天空.png": "蓝色的天空",
    }


def test_version_and_help(zhclip) -> None:
    assert zhclip("--version").stdout == f"zhclip {version('zhclip')}\n"
    for arguments in ((), ("--help",), ("-h",)):
        result = zhclip(*arguments)
        assert result.returncode == 0
        assert all(word in result.stdout for word in COMMANDS)
    assert "zhclip search 夕阳 大海 沙滩" in zhclip("search", "--help").stdout
    assert "图库" in zhclip("index", "--help", language="zh_CN.UTF-8").stdout


def test_ctrl_c_stops_cleanly_and_what_is_done_stays(zhclip, tiny_model_folder: Path, tmp_path: Path) -> None:
    folder, library = tmp_path / "photos", tmp_path / "photos.db"
    folder.mkdir()
    # Small files that take long to decode, of different content.
    Image.new("RGB", (3000, 2000), "teal").save(folder / "0.png")
    content = (folder / "0.png").read_bytes()
    for number in range(1, 100):
        (folder / f"{number}.png").write_bytes(content + bytes([number]))
    command = [str(ZHCLIP), "index", str(folder), "--library", str(library), "--model", str(tiny_model_folder)]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
        # A shell's background jobs, and so all that they start, ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stderr is not None
        shown = b""
        while b"/100" not in shown:
            shown += process.stderr.read(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert errors.decode().rstrip().endswith("zhclip: stopped; what is done stays")
    result = zhclip("index", folder, library=library)
    assert result.returncode == 0
    assert json.loads(zhclip("status", "--json", library=library).stdout)["pictures"] == 100
