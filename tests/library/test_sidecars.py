from __future__ import annotations

import json
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from tests.library.pictures import save_photo
from zhclip.errors import DataError
from zhclip.library.exif import parse_time, to_text
from zhclip.library.metadata import read_picture, read_sidecar
from zhclip.library.picture import Picture
from zhclip.library.scan import scan

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def read(path: Path) -> Picture:
    (file,) = [file for file in scan([path.parent]).files if file.path == str(path)]
    return read_picture(file, "0" * 32)[0]


def xmp(inner: str, attributes: str = "") -> str:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {RDF}><rdf:Description {attributes}>{inner}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2019:06:01 12:30:05", datetime(2019, 6, 1, 12, 30, 5)),
        ("2019-06-01T12:30:05+08:00", datetime(2019, 6, 1, 12, 30, 5)),
        ("2019-06-01T12:30:05.123Z", datetime(2019, 6, 1, 12, 30, 5)),
        ("2019/06/01 12:30:05", datetime(2019, 6, 1, 12, 30, 5)),
        (" 2019:6:1 12:30", datetime(2019, 6, 1, 12, 30)),
        ("2019.06.01", datetime(2019, 6, 1)),
        ("20190601T123005", datetime(2019, 6, 1, 12, 30, 5)),
        ("2019:06:01 24:30:00", datetime(2019, 6, 2, 0, 30)),
        ("2019:12:31 24:00:00", datetime(2020, 1, 1)),
        ("2019:06:01 下午 3:20:10", datetime(2019, 6, 1, 15, 20, 10)),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("2019:13:01 12:30:05", None),
        ("2019:06:01 25:00:00", None),
        ("9999:12:31 24:00:00", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_times_are_read_as_cameras_write_them(text: str, time: datetime | None) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("华为".encode(), "华为"),
        ("小米".encode("gbk"), "小米"),
        ("Canon  EOS\tR5\0\0junk", "Canon EOS R5"),
        ("Résumé".encode("latin-1"), "Résumé"),
        (("Nikon",), "Nikon"),
        (None, ""),
        ((), ""),
        (7, "7"),
    ],
)
def test_texts_are_read_as_cameras_write_them(value: Any, text: str) -> None:
    assert to_text(value) == text
    if isinstance(value, bytes):
        assert to_text(value.decode("latin-1")) == text, "as Pillow gives them"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_camera_and_the_time_of_digitizing_are_read(tmp_path: Path, form: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "华为".encode()
    exif[ExifTags.Base.Orientation] = 6
    part = exif if form == "TIFF" else exif.get_ifd(ExifTags.IFD.Exif)  # where programs write it, too
    part[ExifTags.Base.DateTimeDigitized] = "2019:06:01 12:30:05"
    picture = read(save_photo(tmp_path / f"a.{form.lower()}", size=(64, 48), exif=exif))
    assert (picture.camera, picture.taken) == ("华为", datetime(2019, 6, 1, 12, 30, 5))
    assert (picture.width, picture.height) == (48, 64)


@pytest.mark.parametrize(
    "content",
    [
        xmp("<dc:description><rdf:Alt><rdf:li>海边</rdf:li></rdf:Alt></dc:description>"
            "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>海</rdf:li></rdf:Bag></dc:subject>"),
        xmp("<dc:description><rdf:Seq><rdf:li>海边</rdf:li></rdf:Seq></dc:description>"
            "<dc:subject><rdf:Seq><rdf:li>sea</rdf:li><rdf:li>海</rdf:li></rdf:Seq></dc:subject>"),
        xmp("<dc:description>海边</dc:description><dc:subject>sea, 海</dc:subject>"),
        xmp("", 'dc:description="海边" dc:subject="sea;海"'),
    ],
    ids=["bag", "seq", "plain", "attribute"],
)  # fmt: skip
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "\ufeff{}",
        '<?xml version="1.0" encoding="x-foo"?>{}',
        '<?xpacket begin="" id="W5M0"?>{}<?xpacket end="w"?>  \0\0',
        "{} left <over </x:xmpmeta",
    ],
)
def test_xmp_is_read_as_programs_write_it(tmp_path: Path, content: str, around: str) -> None:
    path = tmp_path / "a.xmp"
    for encoding in ("utf-8", "utf-16", "gb18030"):
        path.write_bytes(around.format(content).encode(encoding))
        words = read_sidecar(path)
        assert (words.caption, words.tags) == ("海边", ("sea", "海"))
    inside = save_photo(tmp_path / "b.jpg", xmp=around.format(content).encode())
    assert (read(inside).caption, read(inside).tags) == ("海边", ("sea", "海"))


@pytest.mark.parametrize(
    ("prefix", "name", "namespace"),
    [
        ("exif", "DateTimeOriginal", "http://ns.adobe.com/exif/1.0/"),
        ("photoshop", "DateCreated", "http://ns.adobe.com/photoshop/1.0/"),
        ("xmp", "CreateDate", "http://ns.adobe.com/xap/1.0/"),
    ],
)
def test_the_time_of_xmp_is_read_where_exif_has_none(tmp_path: Path, prefix: str, name: str, namespace: str) -> None:
    said = xmp("", f'xmlns:{prefix}="{namespace}" {prefix}:{name}="2019-06-01T12:30:05.00+08:00"')
    assert read(save_photo(tmp_path / "a.jpg", xmp=said.encode())).taken == datetime(2019, 6, 1, 12, 30, 5)
    (tmp_path / "b.xmp").write_text(said)
    assert read(save_photo(tmp_path / "b.png")).taken == datetime(2019, 6, 1, 12, 30, 5)
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "2020:01:02 03:04:05"
    assert read(save_photo(tmp_path / "b.jpg", exif=exif)).taken == datetime(2020, 1, 2, 3, 4, 5)


def test_one_tag_of_a_list_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xmp"
    path.write_text(xmp("<dc:subject><rdf:Bag><rdf:li>Paris, France</rdf:li></rdf:Bag></dc:subject>"))
    assert read_sidecar(path).tags == ("Paris, France",)


@pytest.mark.parametrize(
    "beside",
    [
        "IMG_1.jpg.json",
        "IMG_1.jpg.supplemental-metadata.json",
        "IMG_1.jpg.supplemental-met.json",
        "IMG_1.JPG.JSON",
    ],
)
def test_google_takeouts_json_is_read(tmp_path: Path, beside: str) -> None:
    said = {
        "title": "IMG_1.jpg",
        "description": "海边",
        "photoTakenTime": {"timestamp": str(int(datetime(2018, 5, 4, 3, 2, 1).timestamp())), "formatted": "..."},
        "geoData": {"latitude": 0.0, "longitude": 0.0},
        "geoDataExif": {"latitude": 31.2, "longitude": 121.5},
        "people": [{"name": "小明"}, {"name": ""}, 3],
    }
    (tmp_path / beside).write_text(json.dumps(said))
    picture = read(save_photo(tmp_path / "IMG_1.jpg"))
    assert (picture.caption, picture.tags) == ("海边", ("小明",))
    assert picture.taken == datetime(2018, 5, 4, 3, 2, 1)
    assert (picture.latitude, picture.longitude) == (31.2, 121.5)
    edited = read(save_photo(tmp_path / "IMG_1-edited.jpg", seed=1))
    assert edited.caption == "海边"


def test_google_takeouts_numbers_and_cut_names_are_understood(tmp_path: Path) -> None:
    long = "a very long name of a picture as messengers make them"
    for photo, beside in (
        ("IMG_2(1).jpg", "IMG_2.jpg(1).json"),
        ("IMG_3(2).jpg", "IMG_3.jpg.supplemental-metadata(2).json"),
        (f"{long}.jpg", f"{long[:46]}.json"),
    ):
        save_photo(tmp_path / photo)
        (tmp_path / beside).write_text(json.dumps({"description": photo}))
        assert read(tmp_path / photo).caption == photo
    save_photo(tmp_path / "IMG_2.jpg")
    assert read(tmp_path / "IMG_2.jpg").caption is None


def test_takeouts_values_may_be_anything(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for taken in ("x", None, {}, {"timestamp": None}, {"timestamp": "9" * 30}, {"timestamp": []}):
        path.write_text(json.dumps({"photoTakenTime": taken, "geoData": taken, "people": taken, "caption": 3}))
        assert read_sidecar(path).caption == "3"
    for text in ("[" * 200_000, "[]", "{", '{"caption": "\\ud800"}'):
        path.write_text(text)
        if text.startswith('{"'):
            assert read_sidecar(path).caption is None
        else:
            with pytest.raises(DataError):
                read_sidecar(path)


@pytest.mark.parametrize("beside", ["é.txt", "é.TXT", "é.jpg.txt", "é.JPG.Txt"])
def test_sidecars_are_found_as_people_see_their_names(tmp_path: Path, beside: str) -> None:
    photo = save_photo(tmp_path / unicodedata.normalize("NFD", "é.jpg"))
    (tmp_path / unicodedata.normalize("NFC", beside)).write_text("words")
    assert read(photo).caption == "words"
