from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from zhclip.file_names import as_seen, find_file, on_disk

COMPOSED = unicodedata.normalize("NFC", "É/café.jpg")
APART = unicodedata.normalize("NFD", COMPOSED)


@pytest.mark.parametrize("there", [COMPOSED, APART, APART.replace(".jpg", ".JPG")])
@pytest.mark.parametrize("asked", [COMPOSED, APART, COMPOSED.replace("/", "\\"), COMPOSED.replace(".jpg", ".JpG")])
def test_a_file_is_found_as_people_see_its_name(tmp_path: Path, there: str, asked: str) -> None:
    path = tmp_path / there
    path.parent.mkdir()
    path.touch()
    assert find_file(tmp_path, asked) == str(path)
    assert find_file("/nowhere", str(tmp_path / asked).replace("\\", "/")) == str(path)
    assert on_disk(tmp_path / asked.replace("\\", "/")) == str(path)


def test_a_name_itself_goes_before_what_looks_like_it(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.JPG", "b\\c.jpg"):
        (tmp_path / name).touch()
        assert find_file(tmp_path, name) == str(tmp_path / name)


@pytest.mark.parametrize("name", ["nowhere.jpg", "\\", "..\\x", "a\\b", "", "\0"])
def test_what_is_not_there_stays_as_it_was_written(tmp_path: Path, name: str) -> None:
    assert find_file(tmp_path, name) == str(Path(tmp_path, name))


def test_a_file_that_came_since_is_found(tmp_path: Path) -> None:
    assert find_file(tmp_path, "A.JPG") == str(tmp_path / "A.JPG")
    (tmp_path / "A.jpg").touch()
    assert find_file(tmp_path, "A.JPG") == str(tmp_path / "A.jpg")


def test_only_the_case_of_suffixes_is_left_aside() -> None:
    assert as_seen(APART.upper().replace(".JPG", ".jpg")) == as_seen("É/CAFÉ.JPG")
    assert as_seen("a.jpg") != as_seen("A.jpg")
