from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.library import Catalogue


def blocks() -> Image.Image:
    """A picture without symmetry, large enough for a JPEG to be true to it."""
    values = np.random.default_rng(3).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    return Image.fromarray(values).resize((128, 96), Image.Resampling.NEAREST)


def write_png_header(path: Path, width: int, height: int) -> None:
    """A PNG that claims a size, and holds next to nothing: a decompression bomb."""
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "PNG")
    content = bytearray(buffer.getvalue())
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    path.write_bytes(content)


@pytest.fixture
def good(tmp_path: Path) -> dict[str, Path]:
    """Files that are odd, and pictures all the same."""
    folder = tmp_path / "photos"
    folder.mkdir()
    picture = blocks()
    picture.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    Image.fromarray((np.asarray(picture.convert("L")).astype(np.uint16)) * 257).save(folder / "sixteen.png")
    transparent = picture.convert("P")
    transparent.info["transparency"] = 0
    transparent.save(folder / "palette.png", transparency=0)
    picture.save(folder / "animated.gif", save_all=True, append_images=[Image.new("RGB", picture.size)] * 3)
    for name in ("plain.webp", "plain.bmp", "plain.tiff", "plain.avif", "plain.heic"):
        if name.endswith("heic"):
            from pillow_heif import register_heif_opener

            register_heif_opener()
        picture.save(folder / name)
    (folder / "no suffix").write_bytes((folder / "plain.webp").read_bytes() + b"\0")
    for name in ("with space.png", "new\nline.png", 'quote".png', "it's.png", "照片.png", "😀.png", "100%_.png"):
        picture.rotate(len(name)).save(folder / name)
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture
def bad(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    """Files that cannot be indexed, each with a part of the reason."""
    folder = tmp_path / "photos"
    save_photo(folder / "whole.jpg", seed=9, size=(400, 300))
    content = (folder / "whole.jpg").read_bytes()
    (folder / "whole.jpg").unlink()
    (folder / "truncated.jpg").write_bytes(content[: len(content) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("这不是照片")
    write_png_header(folder / "bomb.png", 30_000, 30_000)
    (folder / "dangling.jpg").symlink_to(folder / "nowhere.jpg")
    reasons = {
        "truncated.jpg": "truncated",
        "empty.jpg": "not a picture",
        "text.jpg": "not a picture",
        "bomb.png": "30000 x 30000",
        "dangling.jpg": "leads nowhere",
    }
    return {name: (folder / name, reason) for name, reason in reasons.items()}


def test_each_is_indexed_right_or_in_the_ledger(
    tmp_path: Path, good: dict[str, Path], bad: dict[str, tuple[Path, str]], encoder: CountingEncoder
) -> None:
    folder = tmp_path / "photos"
    (folder / "notes.txt").write_text("no picture")
    (folder / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    (folder / "inner").mkdir()
    (folder / "inner" / "loop").symlink_to(folder)
    (folder / ".hidden").mkdir()
    save_photo(folder / ".hidden" / "thumbnail.jpg")
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        report = library.add(folder)
        assert {failure.path for failure in report.failed} == {path for path, _ in bad.values()}
        for failure in library.failed():
            assert bad[failure.path.name][1] in failure.reason
            assert failure.tries == 1
            assert "\n" not in failure.reason
        assert report.added == len(library) == len(good)
        for path in good.values():
            picture = library.get(path)
            assert picture is not None and picture.path == path
            matches = library.nearest(encoder.encode_image(path)[0], limit=len(good))
            (own,) = [match for match in matches if path in match.paths]
            assert own.cosine == pytest.approx(1, abs=1e-4)

        again = library.add(folder)
        assert (again.added, again.unchanged) == (0, len(good))
        assert {failure.tries for failure in again.failed if failure.path.name != "dangling.jpg"} == {1}, (
            "not tried again"
        )
        save_photo(bad["text.jpg"][0], seed=11)
        save_photo(folder / "nowhere.jpg", seed=12)
        mended = library.add(folder)
        assert mended.added == 3
        assert {failure.path.name for failure in mended.failed} == {"truncated.jpg", "empty.jpg", "bomb.png"}
        bad["empty.jpg"][0].unlink()
        library.add(folder)
        assert {failure.path.name for failure in library.failed()} == {"truncated.jpg", "bomb.png"}


def test_a_picture_that_breaks_leaves_and_comes_back(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        path = photos / "sea" / "photo 1.jpg"
        content = path.read_bytes()
        for tries in (1, 2):
            path.write_bytes(b"broken" * tries)
            assert [failure.tries for failure in library.add(photos).failed] == [tries]
            assert (len(library), library.get(path)) == (5, None)
        path.write_bytes(content)
        assert library.add(photos).failed == []
        assert len(library) == 6


def test_a_folder_that_may_not_be_read_keeps_its_pictures(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(folder: str) -> Iterator[os.DirEntry[str]]:
        if str(folder).endswith("sea"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        with monkeypatch.context() as patch:  # root, whom tests may run as, can read everything
            patch.setattr(os, "scandir", refuse)
            report = library.add(photos)
        assert report.removed == 0, "a folder that cannot be read says nothing of its pictures"
        assert [(failure.path, failure.reason) for failure in report.failed] == [
            (photos / "sea", "the folder cannot be read: Permission denied")
        ]
        assert library.add(photos).failed == []
        assert len(library) == 6


def test_a_file_is_tried_again_when_its_permissions_change(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = photos / "sea" / "photo 1.jpg"
    opening = Path.open

    def refuse(self: Path, *arguments: Any, **named: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return opening(self, *arguments, **named)

    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", refuse)
            (failure,) = library.add(photos).failed
        assert failure.reason == f"{path} cannot be read: Permission denied"
        assert len(library.add(photos).failed) == 1, "nothing changed"
        path.chmod(0o600)
        assert library.add(photos).added == 1
        assert library.failed() == []


def test_all_orientations_give_equal_vectors(tmp_path: Path, encoder: CountingEncoder) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    folder = tmp_path / "photos"
    folder.mkdir()
    upright = blocks()
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        turned = upright.transpose(undo[orientation]) if orientation in undo else upright
        turned.save(folder / f"{orientation}.png", exif=exif)
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        assert library.add(folder).added == 8
        store, record = library.opened()
        rows = store.query(record.collection, 'id != ""', fields=("path", "vector", "width", "height"))
    vectors = np.array([row["vector"] for row in rows])
    assert {(row["width"], row["height"]) for row in rows} == {(128, 96)}
    np.testing.assert_allclose(vectors, np.broadcast_to(vectors[0], vectors.shape), atol=1e-6)


def test_names_that_are_not_utf8_are_in_the_ledger(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    odd = photos / os.fsdecode(b"gb\xba\xa3.jpg")
    odd.write_bytes((photos / "sea" / "photo 1.jpg").read_bytes())
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        report = library.add(photos)
        assert report.added == 6
        (failure,) = report.failed
        assert "not UTF-8" in failure.reason


def _spoil(folder: Path, kind: str) -> None:
    path = save_photo(folder / "odd.jpg", seed=99)
    if kind == "xmp":
        path.unlink()
        save_photo(path, seed=99, xmp=b'<?xml version="1.0" encoding="x-foo"?><x/>')
    elif kind == "exif":
        path.unlink()
        save_photo(path, seed=99, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + bytes(50))
    elif kind == "mtime":
        os.utime(path, (2**33 + 2**31, 2**33 + 2**31))
    elif kind == "early":
        os.utime(path, (-(2**40), -(2**40)))
    elif kind == "json":
        (folder / "odd.json").write_text("[" * 200_000)
    elif kind == "pipe":
        os.mkfifo(folder / "odd.txt")
    elif kind == "long":
        (folder / "odd.txt").write_text("a" * 20_000_000)
    elif kind == "encoding":
        (folder / "odd.xmp").write_bytes(b"\xff\xfe<\0\xd8\xd8")


@pytest.mark.parametrize("kind", ["xmp", "exif", "mtime", "early", "json", "pipe", "long", "encoding"])
def test_what_is_odd_about_one_picture_costs_none(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, kind: str
) -> None:
    _spoil(photos / "sea", kind)
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        report = library.add(photos)
        assert (report.added, len(library)) == (7, 7)
        assert {failure.path.stem for failure in report.failed} <= {"odd"}
        assert library.add(photos).unchanged == 7


def test_whatever_fails_is_that_files_line_in_the_ledger(
    tmp_path: Path, photos: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zhclip.library import pipeline

    read_picture = pipeline.read_picture

    def fail(file: Any, *rest: Any) -> Any:
        if file.path.endswith("photo 1.jpg"):
            raise LookupError("of a kind that nobody thought of")
        return read_picture(file, *rest)

    monkeypatch.setattr(pipeline, "read_picture", fail)
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        report = library.add(photos)
        assert (report.added, len(library)) == (5, 5)
        (failure,) = report.failed
        assert failure.reason == f"{photos / 'sea' / 'photo 1.jpg'} cannot be read: of a kind that nobody thought of"


def test_what_was_passed_over_is_said_each_time(tmp_path: Path, photos: Path, encoder: CountingEncoder) -> None:
    for name in ("a.dng", "b.CR2", "c.cr2", "film.mp4", "README"):
        (photos / name).write_bytes(b"II*\0 and so on" if name != "README" else b"words")
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        for _ in range(2):
            assert library.add(photos).passed_over == {".dng": 1, ".cr2": 2, ".mp4": 1, "README": 1}


def test_a_hit_of_a_folder_that_moved_is_where_it_is_now(
    tmp_path: Path, photos: Path, encoder: CountingEncoder
) -> None:
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(photos)
        vector = encoder.encode_image(photos / "sea" / "photo 1.jpg")[0]
        photos.rename(tmp_path / "somewhere else")
        report = library.add(tmp_path / "somewhere else")
        assert (report.added, report.removed, len(report.gone)) == (6, 0, 6)
        assert report.gone[0].is_relative_to(photos)
        match = library.nearest(vector, limit=1)[0]
        assert match.picture.path == match.paths[0] == tmp_path / "somewhere else" / "sea" / "photo 1.jpg"
        assert match.paths[1:] == (photos / "sea" / "photo 1.jpg",)
        assert library.remove(photos) == 6
