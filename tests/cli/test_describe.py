from __future__ import annotations

import json
from pathlib import Path


def test_captions_of_the_library(zhclip, photos: Path, library: Path) -> None:
    result = zhclip("describe", photos / "red.png", library=library)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [result.stdout.split()[0], "蓝色的天空"]
    (found,) = json.loads(zhclip("describe", photos / "red.png", "--json", library=library).stdout)
    assert found["path"] == str(photos / "蓝色 天空.png")
    assert len(found["id"]) == 32
    assert found["relevance"] is None
    assert f"{found['score']:.3f}" in result.stdout


def test_captions_of_a_list(zhclip, photos: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    captions = tmp_path / "captions.txt"
    captions.write_text("一只狗\n\na red square\n夕阳\n", encoding="utf-8")
    command = ("describe", photos / "red.png", "--captions", captions, "--model", tiny_model_folder)
    lines = zhclip(*command, "--top-k", 2).stdout.splitlines()
    found = json.loads(zhclip(*command, "--json").stdout)
    assert {caption["text"] for caption in found} == {"一只狗", "a red square", "夕阳"}
    assert [line.split(maxsplit=1)[1] for line in lines] == [caption["text"] for caption in found[:2]]


def test_what_is_wrong_is_said_in_one_line(zhclip, photos: Path, library: Path, tmp_path: Path) -> None:
    for arguments, words in (
        ((tmp_path / "none.jpg",), "none.jpg"),
        ((photos / "red.png", "--captions", tmp_path / "none.txt"), "none.txt"),
    ):
        result = zhclip("describe", *arguments, library=library)
        assert (result.returncode, result.stdout) == (2, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith("zhclip: ") and words in line
