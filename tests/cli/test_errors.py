"""What a user can get wrong: one line that says what, which and what to do, and the exit status."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from zhclip.cli import main as command_line
from zhclip.errors import StoreError
from zhclip.models import Encoder
from zhclip.search import Library


def only_line(result: subprocess.CompletedProcess[str], status: int = 2) -> str:
    """The one line on standard error of a command that could not do its work."""
    lines = [line for line in result.stderr.splitlines() if "picture/s" not in line]
    assert result.returncode == status, result.stderr
    assert result.stdout == ""
    assert len(lines) == 1
    assert lines[0].startswith("zhclip: ")
    return lines[0]


def test_a_folder_that_does_not_exist(zhclip, tmp_path: Path) -> None:
    line = only_line(zhclip("index", tmp_path / "nowhere", library=tmp_path / "photos.db"))
    assert f"no folder {tmp_path / 'nowhere'}" in line


def test_an_empty_folder(zhclip, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    line = only_line(zhclip("index", tmp_path / "empty", library=tmp_path / "photos.db"))
    assert f"no pictures in {tmp_path / 'empty'}" in line


def test_a_text_file_named_jpg_costs_no_other_picture(
    zhclip, photos: Path, tiny_model_folder: Path, tmp_path: Path
) -> None:
    folder, library = tmp_path / "photos", tmp_path / "photos.db"
    shutil.copytree(photos, folder)
    (folder / "notes.jpg").write_text("this is text")
    result = zhclip("index", folder, "--model", tiny_model_folder, library=library)
    warnings = [line for line in result.stderr.splitlines() if line.startswith("zhclip: ")]
    assert result.returncode == 0
    assert "added 3, updated 0, unchanged 0, removed 0, failed 1" in result.stdout
    assert len(warnings) == 1
    assert "notes.jpg is not a picture" in warnings[0]
    assert "notes.jpg" in zhclip("status", "--failed", library=library).stdout


def test_what_was_passed_over_is_said(zhclip, photos: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    folder, library = tmp_path / "photos", tmp_path / "photos.db"
    shutil.copytree(photos, folder)
    for name in ("a.dng", "b.CR2", "c.svg"):
        (folder / name).write_bytes(b"another kind")
    table = tmp_path / "captions.csv"
    table.write_text("image,caption\nnowhere.jpg,gone\n")
    result = zhclip("index", folder, "--captions", table, "--model", tiny_model_folder, library=library)
    notes = [line for line in result.stderr.splitlines() if line.startswith("zhclip: ")]
    assert notes == [
        "zhclip: 3 files of kinds that are not read were passed over: .cr2 1, .dng 1, .svg 1",
        "zhclip: 1 rows of the table of captions fit no picture: nowhere.jpg",
    ]
    folder.rename(tmp_path / "new place")
    result = zhclip("index", tmp_path / "new place", library=library)
    assert result.returncode == 0
    assert f"3 files of the same pictures are gone, such as {folder}" in result.stderr
    assert f"zhclip remove {folder}" in result.stderr


def test_nothing_but_a_text_file_named_jpg(zhclip, tiny_model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("this is text")
    result = zhclip("index", tmp_path, "--model", tiny_model_folder, library=tmp_path / "photos.db")
    assert result.returncode == 2
    assert "none of the pictures could be read" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["", "   ", "\u3000"])
def test_an_empty_query(zhclip, library: Path, text: str) -> None:
    assert "empty" in only_line(zhclip("search", text, library=library))


def test_neither_words_nor_a_picture(zhclip, library: Path) -> None:
    assert "give words to search for, or a picture" in only_line(zhclip("search", library=library))


def test_a_query_that_is_too_long_is_answered_with_a_warning(zhclip, library: Path) -> None:
    result = zhclip("search", "一只狗在草地上奔跑" * 20, "--json", library=library)
    (line,) = result.stderr.splitlines()
    assert result.returncode == 0
    assert line.startswith("zhclip: warning: ")
    assert "was left out" in line
    assert '"rank": 1' in result.stdout


def test_a_picture_that_is_missing_or_none(zhclip, library: Path, tmp_path: Path) -> None:
    assert "no picture at" in only_line(zhclip("search", "--image", tmp_path / "gone.jpg", library=library))
    (tmp_path / "notes.jpg").write_text("this is text")
    assert "notes.jpg is not a picture" in only_line(
        zhclip("search", "--image", tmp_path / "notes.jpg", library=library)
    )


def test_a_library_made_with_another_model(zhclip, library: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny_model_folder, other)
    settings = json.loads((other / "zhclip.json").read_text())
    settings["text"]["context_length"] = 40
    (other / "zhclip.json").write_text(json.dumps(settings))
    line = only_line(zhclip("search", "a dog", "--model", other, library=library))
    assert str(other) in line
    assert "made with" in line


def test_a_library_that_another_process_holds_is_shared(zhclip, library: Path, tiny_encoder: Encoder) -> None:
    with Library(library, model=tiny_encoder) as held:
        assert len(held) == 3
        found = zhclip("search", "a dog", library=library)
        assert (found.returncode, found.stderr) == (0, "")
        assert "red.png" in found.stdout
        status = zhclip("status", library=library)
        assert (status.returncode, status.stderr) == (0, "")


@pytest.mark.parametrize("command", [("search", "a dog"), ("status",), ("remove", "dog.jpg")])
def test_no_library_yet(zhclip, tmp_path: Path, command: tuple[str, ...]) -> None:
    line = only_line(zhclip(*command, library=tmp_path / "photos.db"))
    assert str(tmp_path / "photos.db") in line
    assert "zhclip index" in line


def test_a_model_that_does_not_exist(zhclip, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    line = only_line(zhclip("index", photos, "--model", tmp_path / "empty", library=tmp_path / "photos.db"))
    assert str(tmp_path / "empty") in line


def test_a_port_that_is_taken(zhclip, library: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in only_line(zhclip("demo", "--port", port, library=library))


def test_commands_and_options_that_do_not_exist(zhclip) -> None:
    assert "Did you mean 'search'" in only_line(zhclip("serch", "dog"))
    assert "--top-k" in only_line(zhclip("search", "dog", "--top", 3))
    assert "greater than or equal to 1" in only_line(zhclip("search", "dog", "--top-k", 0))


def test_errors_are_chinese_where_the_system_is(zhclip, library: Path, tmp_path: Path) -> None:
    def chinese(*arguments: object, library: Path = library) -> str:
        return only_line(zhclip(*arguments, library=library, language="zh_CN.UTF-8"))

    assert f"没有文件夹 {tmp_path / 'nowhere'}" in chinese("index", tmp_path / "nowhere")
    assert "查询是空的" in chinese("search", "")
    assert "还没有图库" in chinese("search", "狗", library=tmp_path / "photos.db")


def test_what_could_not_be_read_is_told_in_the_language_of_who_asks(
    zhclip, photos: Path, tiny_model_folder: Path, tmp_path: Path
) -> None:
    folder, library = tmp_path / "photos", tmp_path / "photos.db"
    shutil.copytree(photos, folder)
    (folder / "notes.jpg").write_text("this is text")
    indexed = zhclip("index", folder, "--model", tiny_model_folder, library=library, language="zh_CN.UTF-8")
    assert f"zhclip: 警告：{folder / 'notes.jpg'} 不是可读取的图片" in indexed.stderr
    assert "新增 3" in indexed.stdout
    for language, reason in (("C.UTF-8", "is not a picture"), ("zh_CN.UTF-8", "不是可读取的图片")):
        assert reason in zhclip("status", "--failed", library=library, language=language).stdout


def test_what_nobody_expected_is_one_line_and_a_traceback_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(command_line, "app", fail)
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.delenv("ZHCLIP_DEBUG", raising=False)
    with pytest.raises(SystemExit) as exit_:
        command_line.main()
    assert exit_.value.code == 1
    assert capsys.readouterr().err == "zhclip: unexpected error: RuntimeError: two lines (see ZHCLIP_DEBUG=1)\n"
    monkeypatch.setenv("ZHCLIP_DEBUG", "1")
    with pytest.raises(RuntimeError):
        command_line.main()


def test_a_failure_on_the_way_exits_with_its_own_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(command_line, "app", fail)
    with pytest.raises(SystemExit) as exit_:
        command_line.main()
    assert exit_.value.code == 1
    assert capsys.readouterr().err == "zhclip: the disk is full\n"


def test_help_imports_nothing_heavy() -> None:
    heavy = {"torch", "transformers", "gradio", "pymilvus", "fastapi", "onnxruntime", "matplotlib"}
    code = f"import sys, zhclip.cli.main; print(*({heavy!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
