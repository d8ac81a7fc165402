from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.library.pictures import save_photo
from zhclip.errors import LibraryError
from zhclip.library.scan import count_gone, scan


def names(tmp_path: Path, **options: list[str]) -> list[str]:
    return [str(Path(file.path).relative_to(tmp_path)) for file in scan([tmp_path], **options).files]


def test_folders_are_searched_in_order(tmp_path: Path) -> None:
    for name in ("b/2.jpg", "a/1.jpg", "a/z/3.png", "c.gif", ".hidden.jpg", "@eaDir/t.jpg"):
        save_photo(tmp_path / name)
    assert names(tmp_path) == ["c.gif", "a/1.jpg", "a/z/3.png", "b/2.jpg"]


def test_patterns_include_and_exclude(tmp_path: Path) -> None:
    for name in ("b/2.jpg", "a/1.jpg", "a/1.png", "thumbs/1.jpg"):
        save_photo(tmp_path / name)
    assert names(tmp_path, include=["*.jpg"], exclude=["thumbs/"]) == ["a/1.jpg", "b/2.jpg"]
    assert names(tmp_path, include=["a/*"]) == ["a/1.jpg", "a/1.png"]
    assert names(tmp_path, exclude=["a/1.*"]) == ["b/2.jpg", "thumbs/1.jpg"]


def test_patterns_are_matched_as_people_see_names(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "é.JPG")
    for name in ("1.JPG", "2.jpg", apart, "A.png"):
        save_photo(tmp_path / name)
    assert names(tmp_path, include=["*.jpg"]) == names(tmp_path, include=["*.JPG"]) == ["1.JPG", "2.jpg", apart]
    assert names(tmp_path, include=[unicodedata.normalize("NFC", "é.*")]) == [apart]
    assert names(tmp_path, include=["a.png"]) == []


def test_links_are_followed_without_loops(tmp_path: Path) -> None:
    save_photo(tmp_path / "real" / "1.jpg")
    (tmp_path / "a link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "loop").symlink_to(tmp_path)
    (tmp_path / "file link.jpg").symlink_to(tmp_path / "real" / "1.jpg")
    assert names(tmp_path) == ["file link.jpg", "real/1.jpg"], "the real place goes before a link to it"
    outside = scan([tmp_path / "a link"]).files
    assert outside[0].path == str(tmp_path / "real" / "1.jpg")


def test_one_file_and_overlapping_folders(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "a" / "1.jpg")
    save_photo(tmp_path / "a" / "2.jpg")
    assert [file.path for file in scan([path]).files] == [str(path)]
    assert len(scan([tmp_path, tmp_path / "a", path]).files) == 2
    assert scan([path]).covers(str(path))
    assert not scan([path]).covers(str(tmp_path / "a" / "2.jpg"))


def test_files_that_are_gone_are_counted(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "target.png"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "link.png").symlink_to(tmp_path / "target.png")
    names = ("a.png", "b.png", "link.png", "never.png", "no folder/1.png", "no folder/2.png", "a.png/inside a file.png")
    paths = [str(tmp_path / name) for name in names]
    assert count_gone(paths) == 4
    (tmp_path / "target.png").unlink()
    (tmp_path / "b.png").unlink()
    assert count_gone(paths) == 6
    assert count_gone([]) == 0


def test_the_mark_follows_the_sidecars(tmp_path: Path) -> None:
    save_photo(tmp_path / "1.jpg")
    before = scan([tmp_path]).files[0]
    assert before.sidecar_mark == 0
    (tmp_path / "1.txt").write_text("words")
    (file,) = scan([tmp_path]).files
    assert file.sidecars == (str(tmp_path / "1.txt"),)
    (tmp_path / "1.txt").write_text("other words")
    assert len({0, file.sidecar_mark, scan([tmp_path]).files[0].sidecar_mark}) == 3


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="nowhere"):
        scan([tmp_path, tmp_path / "nowhere"])
