from __future__ import annotations

import json
import unicodedata
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import LibraryError
from zhclip.library import Catalogue
from zhclip.library.captions import CaptionTable
from zhclip.library.metadata import make_words, read_picture, read_sidecar
from zhclip.library.scan import scan

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">日落 &amp; 海</rdf:li></rdf:Alt></dc:description>
<dc:subject><rdf:Bag><rdf:li>sunset</rdf:li><rdf:li>海</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def read(path: Path):
    (file,) = [file for file in scan([path.parent]).files if file.path == str(path)]
    return read_picture(file, "0" * 32)


def test_exif_is_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Canon", "Canon EOS R5"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2024:05:06 07:08:09"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "S", (33.0, 51.0, 30.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (151.0, 12.0, 0.0)
    path = save_photo(tmp_path / "a.jpg", size=(64, 48), exif=exif)
    picture, problems = read(path)
    assert (picture.format, picture.width, picture.height, picture.camera) == ("JPEG", 48, 64, "Canon EOS R5")
    assert picture.taken == datetime(2024, 5, 6, 7, 8, 9)
    assert picture.latitude == pytest.approx(-33.858333, abs=1e-5)
    assert picture.longitude == pytest.approx(151.2)
    assert picture.bytes == path.stat().st_size
    assert problems == {}


def test_without_exif_the_time_is_the_files(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "a.png")
    picture, _ = read(path)
    assert picture.taken == datetime.fromtimestamp(int(path.stat().st_mtime))
    assert (picture.camera, picture.latitude, picture.caption, picture.tags) == ("", None, None, ())


def test_sidecars_are_read(tmp_path: Path) -> None:
    path = save_photo(tmp_path / "a.jpg")
    (tmp_path / "a.txt").write_text("\ufeff海边的\n日落", encoding="utf-8")
    (tmp_path / "a.jpg.json").write_text(json.dumps({"caption": "second", "tags": ["beach", "sea", "beach", 3]}))
    (tmp_path / "a.xmp").write_text(XMP, encoding="utf-8")
    picture, problems = read(path)
    assert picture.caption == "海边的 日落"
    assert picture.tags == ("beach", "sea", "3", "sunset", "海")
    assert problems == {}
    assert read_sidecar(tmp_path / "a.xmp").caption == "日落 & 海"


def test_tags_may_be_one_string() -> None:
    assert make_words("  a\tb ", "海，beach; 2024 ;;") == make_words("a b", ["海", "beach", "2024"])
    assert make_words("", None) == make_words(None, 5)


def test_more_words_than_a_store_takes_are_cut() -> None:
    words = make_words("海" * 40_000, [f"标签 {number}" for number in range(20_000)])
    assert words.caption == "海" * 16_000
    assert 1000 < len(words.tags) < 2000
    assert len(json.dumps(words.tags, ensure_ascii=False).encode()) < 65_536


def test_a_broken_sidecar_costs_its_words_alone(tmp_path: Path, encoder: CountingEncoder) -> None:
    folder = tmp_path / "photos"
    save_photo(folder / "a.jpg")
    (folder / "a.json").write_text("{broken")
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        report = library.add(folder)
        assert report.added == 1
        (failure,) = report.failed
        assert failure.path == folder / "a.json"
        assert len(library.add(folder).failed) == 1
        (folder / "a.json").write_text('{"caption": "mended"}')
        report = library.add(folder)
        assert (report.updated, report.reused, report.failed, encoder.embedded) == (1, 1, [], 1)
        picture = library.get(folder / "a.jpg")
        assert picture is not None and picture.caption == "mended"
        (folder / "a.json").unlink()
        library.add(folder)
        picture = library.get(folder / "a.jpg")
        assert picture is not None and picture.caption is None


def test_a_table_gives_captions(tmp_path: Path, encoder: CountingEncoder) -> None:
    folder = tmp_path / "photos"
    for number, name in enumerate(("a/1.jpg", "a/2.jpg", "b/2.jpg", "c.jpg")):
        save_photo(folder / name, seed=number)
    (folder / "c.txt").write_text("beside it")
    table = tmp_path / "captions.csv"
    table.write_text(
        '\ufeffImage,caption,Tags\nphotos/a/1.jpg,"海边, 日落","sea; 海"\n2.jpg,two,\nphotos/c.jpg,,c\n',
        encoding="utf-8",
    )
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        library.add(folder, captions=table)
        pictures = {name: library.get(folder / name) for name in ("a/1.jpg", "a/2.jpg", "b/2.jpg", "c.jpg")}
        assert [(picture.caption, picture.tags) for picture in pictures.values() if picture] == [
            ("海边, 日落", ("sea", "海")), ("two", ()), ("two", ()), ("beside it", ("c",)),
        ]  # fmt: skip
        assert library.add(folder, captions=table).unchanged == 4
        table.write_text("image|caption\n")
        with pytest.raises(LibraryError, match=r"captions.csv needs a first line"):
            library.add(folder, captions=table)
        assert library.add(folder).updated == 4
        assert encoder.embedded == 4


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="nowhere"):
        CaptionTable(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("name", ["photos/café.JPG", "café.jpg", "photos\\café.jpg"])
def test_a_table_names_pictures_as_people_see_them(tmp_path: Path, encoder: CountingEncoder, name: str) -> None:
    save_photo(tmp_path / "photos" / unicodedata.normalize("NFD", "café.jpg"))
    table = tmp_path / "captions.csv"
    table.write_text(unicodedata.normalize("NFC", f"image;caption\n{name};咖啡\ngone.jpg;不在\nphotos/gone.jpg;\n"))
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        report = library.add(tmp_path / "photos", captions=table)
        assert report.unmatched == ["gone.jpg", "photos/gone.jpg"]
        (match,) = library.nearest(np.ones(16, dtype=np.float32), limit=1)
        assert match.picture.caption == "咖啡"
        table.write_bytes("image,caption\na.jpg,夕阳下的海边\n".encode("gbk"))
        with pytest.raises(LibraryError, match=r"captions\.csv, line 2 is not UTF-8 but GBK; convert it: iconv"):
            library.add(tmp_path / "photos", captions=table)


def test_rows_about_other_folders_are_not_missed(tmp_path: Path, encoder: CountingEncoder) -> None:
    for folder in ("one", "two"):
        save_photo(tmp_path / folder / "a.jpg")
    table = tmp_path / "captions.csv"
    table.write_text("image,caption\none/a.jpg,1\ntwo/a.jpg,2\n")
    with Catalogue(tmp_path / "l.db", model=encoder) as library:
        assert library.add(tmp_path / "one", captions=table).unmatched == []
