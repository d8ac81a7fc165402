from __future__ import annotations

from pathlib import Path

import pytest

from zhclip.errors import DataError
from zhclip.text_file import read_lines, read_rows, read_text


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_no_text(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(mark + "猫\r\n\ufeff狗".encode())
    assert read_text(path) == "猫\r\n\ufeff狗"
    assert list(read_lines(path)) == ["猫\r\n", "\ufeff狗"]


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("gbk", "not UTF-8 but GBK; convert it: iconv -f GB18030 -t UTF-8 a.csv > a-utf8.csv"),
        ("utf-16", "not UTF-8 but UTF-16; convert it: iconv -f UTF-16 -t UTF-8 a.csv > a-utf8.csv"),
    ],
)
def test_another_encoding_is_named_with_the_remedy(tmp_path: Path, encoding: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("夕阳下的海边".encode(encoding))
    for read in (read_text, lambda path: list(read_lines(path)), lambda path: list(read_rows(path))):
        with pytest.raises(DataError) as caught:
            read(path)
        assert message in str(caught.value)
    path.write_bytes(b"\xff\xff\xff")
    with pytest.raises(DataError, match=r"is not UTF-8; save a\.csv as UTF-8"):
        read_text(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_are_split_as_their_first_line_says(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'image{delimiter}caption\na.jpg{delimiter}"two\nlines, {delimiter}"\n')
    assert list(read_rows(path)) == [(1, ["image", "caption"]), (3, ["a.jpg", f"two\nlines, {delimiter}"])]
    path.write_text(f'image{delimiter}caption\na.jpg{delimiter}"open\n')
    with pytest.raises(DataError, match=r"a\.csv, line 2: .*write a quotation mark inside"):
        list(read_rows(path))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file at"):
        read_text(tmp_path / "a")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        list(read_lines(tmp_path))
