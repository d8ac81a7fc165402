"""Every format of training data, good and bad."""

from __future__ import annotations

import base64
import csv
import io
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import tarfile
import unicodedata
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import lmdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.training.conftest import MakeConfig
from zhclip.errors import DataError, PictureError
from zhclip.models import open_image
from zhclip.text_file import read_lines
from zhclip.training.data_config import SourceConfig
from zhclip.training.pictures import Base64Picture, FilePicture, PackedPicture
from zhclip.training.sources import Sample, read_raw, read_sources
from zhclip.training.sources.captions import language_of

DATA = {
    "sea": {"zh": ["夕阳下的大海", "海边的沙滩"], "en": ["the sea at sunset"]},
    "dog": {"zh": ["一只狗在雪地里"], "en": ['a "good" dog, running', "a dog in snow"]},
    "cat": {"zh": ["猫"], "en": []},
}
COLOURS = {"sea": "navy", "dog": "tan", "cat": "orange"}


def picture_bytes(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (24, 16), colour).save(file, "PNG")
    return file.getvalue()


def write_pictures(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, colour in COLOURS.items():
        (folder / f"{name}.png").write_bytes(picture_bytes(colour))


def captions(name: str) -> list[str]:
    return [text for texts in DATA[name].values() for text in texts]


def write_jsonl(folder: Path) -> Path:
    write_pictures(folder)
    lines = [json.dumps({"image": f"{name}.png", **texts}, ensure_ascii=False) for name, texts in DATA.items()]
    (folder / "data.jsonl").write_text("\n\n".join(lines), encoding="utf-8")
    return folder / "data.jsonl"


def write_jsonl_of_pairs(folder: Path) -> Path:
    write_pictures(folder)
    lines = [json.dumps({"file_name": f"{name}.png", "text": text}) for name in DATA for text in captions(name)]
    (folder / "pairs.jsonl").write_text("\n".join(lines), encoding="utf-8-sig")
    return folder / "pairs.jsonl"


def write_csv_of_pairs(folder: Path) -> Path:
    write_pictures(folder)
    with (folder / "pairs.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["FileName", "Caption"])
        rows.writerows((f"{name}.png", text) for name in DATA for text in captions(name))
    return folder / "pairs.csv"


def write_tsv_of_languages(folder: Path) -> Path:
    write_pictures(folder / "pictures")
    with (folder / "table.tsv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter="\t")
        rows.writerow(["zh", "path", "en"])
        for name, texts in DATA.items():
            for number in range(max(map(len, texts.values()))):
                zh, en = ("".join(texts[language][number : number + 1]) for language in ("zh", "en"))
                rows.writerow([zh, f"pictures/{name}.png", en])
    return folder / "table.tsv"


def write_folder(folder: Path) -> Path:
    write_pictures(folder / "deep" / "er")
    for name in DATA:
        (folder / "deep" / "er" / f"{name}.txt").write_text("\n".join(captions(name)) + "\n", encoding="utf-8")
    return folder


def write_folder_of_languages(folder: Path) -> Path:
    write_pictures(folder)
    for name, texts in DATA.items():
        for language, lines in texts.items():
            (folder / f"{name}.{language}.txt").write_text("\r\n".join(lines), encoding="utf-8")
    return folder


def write_chinese_clip(folder: Path, split: str = "train") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    ids = {name: 1000 + number for number, name in enumerate(DATA)}
    with (folder / f"{split}_imgs.tsv").open("w") as file:
        for name, number in ids.items():
            file.write(f"{number}\t{base64.urlsafe_b64encode(picture_bytes(COLOURS[name])).decode()}\n")
    pairs = [(name, text) for name in DATA for text in captions(name)]
    with (folder / f"{split}_texts.jsonl").open("w", encoding="utf-8") as file:
        for number, (name, text) in enumerate(pairs):
            record = {"text_id": number, "text": text, "image_ids": [ids[name]]}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return folder / f"{split}_texts.jsonl"


def write_lmdb(folder: Path) -> Path:
    """With the reference's own script, so that the format is the real one."""
    write_chinese_clip(folder)
    package = find_spec("cn_clip")
    assert package is not None and package.submodule_search_locations
    script = Path(package.submodule_search_locations[0]) / "preprocess" / "build_lmdb_dataset.py"
    command = [sys.executable, str(script), "--data_dir", str(folder), "--splits", "train"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "lmdb" / "train"


def write_tar(path: Path, members: list[tuple[str, bytes]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def write_tar_of_texts(folder: Path) -> Path:
    members = []
    for name in DATA:
        members += [
            (f"./{name}.PNG", picture_bytes(COLOURS[name])),
            (f"./{name}.txt", "\n".join(captions(name)).encode()),
        ]
    return write_tar(folder / "train.tar", members)


def write_tars_of_json(folder: Path) -> Path:
    for number, (name, texts) in enumerate(DATA.items()):
        record = json.dumps({**texts, "width": 24}).encode()
        # The texts come first, and the members of a key need not follow each other.
        members = [("a/0.json", record), ("a/1.cls", b"7"), ("a/0.png", picture_bytes(COLOURS[name]))]
        write_tar(folder / f"train-{number + 8:03}.tar", members)
    return folder / "train-{008..010}.tar"


WRITERS = [
    write_jsonl,
    write_jsonl_of_pairs,
    write_csv_of_pairs,
    write_tsv_of_languages,
    write_folder,
    write_folder_of_languages,
    write_chinese_clip,
    write_lmdb,
    write_tar_of_texts,
    write_tars_of_json,
]


def read(path: Path, wanted: tuple[str, ...] = ("zh", "en"), **settings: object) -> list[Sample]:
    return read_sources([SourceConfig.model_validate({"path": str(path), **settings})], wanted)


def content(sample: Sample) -> bytes:
    source = sample.picture.read()
    if isinstance(source, bytes):
        return source
    assert isinstance(source, str)
    return Path(source).read_bytes()


@pytest.mark.parametrize("write", WRITERS)
def test_every_format_reads_as_the_same_data(write: Callable[[Path], Path], tmp_path: Path) -> None:
    found = {content(sample): sample.captions for sample in read(write(tmp_path / "data"))}
    assert found == {picture_bytes(COLOURS[name]): texts for name, texts in DATA.items()}


@pytest.mark.parametrize("write", WRITERS)
def test_pictures_can_be_sent_to_a_worker(write: Callable[[Path], Path], tmp_path: Path) -> None:
    samples = read(write(tmp_path / "data"))
    for sample in samples:
        copy = pickle.loads(pickle.dumps(sample))
        assert copy == sample
        assert content(copy) == content(sample)
        assert copy.picture.identity() == sample.picture.identity()
    assert (
        len({sample.picture.identity() for sample in samples}) == len({sample.picture.name for sample in samples}) == 3
    )


@pytest.mark.parametrize("write", WRITERS)
def test_the_identity_changes_when_the_picture_does(
    write: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "data")
    before = {sample.picture.identity() for sample in read(path)}
    assert {sample.picture.identity() for sample in read(path)} == before
    monkeypatch.setattr(f"{__name__}.COLOURS", dict.fromkeys(COLOURS, "lime"))
    assert write(tmp_path / "data") == path
    assert not before & {sample.picture.identity() for sample in read(path)}


def test_a_file_keeps_its_identity_when_another_changes(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path)
    before = [sample.picture.identity() for sample in read(path)]
    (tmp_path / "dog.png").write_bytes(picture_bytes("black"))
    after = [sample.picture.identity() for sample in read(path)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]


def test_an_lmdb_is_read_on_both_sides_of_a_fork(tmp_path: Path) -> None:
    samples = read(write_lmdb(tmp_path))
    expected = [content(sample) for sample in samples]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(content, samples) == expected
    assert [content(sample) for sample in samples] == expected


@pytest.mark.parametrize("write", [write_chinese_clip, write_lmdb, write_tar_of_texts])
def test_a_run_trains_on_pictures_that_worker_processes_read(
    write: Callable[[Path], Path], make_config: MakeConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from zhclip.training.loop import train

    source = [{"path": str(write(tmp_path / "data"))}]
    image = {"state": "unlocked", "weights": str(make_config().model.image.weights)}
    recalls = train(
        make_config(
            data={"train": source, "validation": source, "workers": 1},
            model={**make_config().model.model_dump(exclude_unset=True), "image": image},
            optimizer={"batch_size": 4, "passes": 2},
        )
    )
    assert recalls["zh"].text_to_image[-1] == 100  # of three pictures, all are among the first ten
    assert "left out" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("一只狗", "zh"),
        ("a dog", "en"),
        ("iPhone 15 手机壳", "zh"),
        ('the word "福" on a red door', "en"),
        ("12345", "en"),
        ("𠮷野家", "zh"),
        ("", "en"),
    ],
)
def test_language_goes_by_script(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_field_that_names_its_language_wins_over_one_that_does_not(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps({"image": "a.jpg", "zh": ["狗"], "caption": ["一只狗", "a dog"], "title": "DSC"}))
    assert read(path)[0].captions == {"zh": ["狗"], "en": ["a dog"]}
    assert read(path, ("zh",))[0].captions == {"zh": ["狗"]}
    # A renamed field means its language whatever its script.
    assert read(path, ("fr",), languages={"fr": "caption"})[0].captions == {"fr": ["一只狗", "a dog"]}


def test_columns_of_a_table_are_renamed_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("Image;Caption_CN;Price\na.jpg;狗;5\n", encoding="utf-8")
    assert read(tmp_path / "data.csv", languages={"zh": "Caption_CN"})[0].captions == {"zh": ["狗"], "en": []}


def test_a_picture_of_several_sources_is_one_sample(tmp_path: Path) -> None:
    (tmp_path / "zh.jsonl").write_text('{"image": "a.jpg", "zh": "狗"}\n{"image": "b.jpg", "zh": "猫"}', "utf-8")
    (tmp_path / "en.csv").write_text("image,en\n./a.jpg, a dog\n", "utf-8")
    samples = read_sources(
        [SourceConfig(path=str(tmp_path / "zh.jsonl")), SourceConfig(path=str(tmp_path / "en.csv"))], ["zh", "en"]
    )
    assert [sample.captions for sample in samples] == [{"zh": ["狗"], "en": ["a dog"]}, {"zh": ["猫"], "en": []}]


def test_pictures_may_lie_elsewhere_and_be_chosen_by_prefix(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "data")
    (sample,) = read(path, pictures=str(tmp_path / "elsewhere"), prefix="do")
    assert sample.picture == FilePicture(str(tmp_path / "elsewhere" / "dog.png"))
    with pytest.raises(DataError, match=r"no pictures whose name begins with 'x'; nothing to use"):
        read(path, prefix="x")


def test_what_has_no_caption_is_left_out_and_still_known(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    (tmp_path / "sea.txt").write_text("大海\n\n  \n", encoding="utf-8")
    (tmp_path / "dog.txt").write_text("\n", encoding="utf-8")
    (tmp_path / "._sea.png").write_bytes(b"")
    assert [sample.captions for sample in read(tmp_path)] == [{"zh": ["大海"], "en": []}]
    raw = read_raw([SourceConfig(path=str(tmp_path))], ["zh", "en"])
    assert [(Path(sample.picture.name).stem, sample.captions) for sample in raw] == [
        ("cat", {"zh": [], "en": []}),
        ("dog", {"zh": [], "en": [""]}),
        ("sea", {"zh": ["大海"], "en": ["", "  "]}),
    ]


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="/."), min_size=1)
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")), max_size=3)
RECORDS = st.dictionaries(NAMES, st.fixed_dictionaries({"zh": TEXTS, "en": TEXTS}), min_size=1, max_size=5)
RELAXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def usable(records: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    clean = {
        name: {language: [text for text in texts if text.strip()] for language, texts in record.items()}
        for name, record in records.items()
    }
    return {name: record for name, record in clean.items() if any(record.values())}


def check_round_trip(path: Path, records: dict[str, dict[str, list[str]]]) -> None:
    expected = usable(records)
    if expected:
        found = {Path(sample.picture.name).name: sample.captions for sample in read(path)}
        assert found == expected
    else:
        with pytest.raises(DataError):
            read(path)


@RELAXED
@given(records=RECORDS, ascii_only=st.booleans())
def test_jsonl_gives_back_what_was_written(
    records: dict[str, dict[str, list[str]]], ascii_only: bool, tmp_path: Path
) -> None:
    path = tmp_path / "data.jsonl"
    lines = [json.dumps({"image": name, **record}, ensure_ascii=ascii_only) for name, record in records.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    check_round_trip(path, records)


@RELAXED
@given(
    records=RECORDS,
    suffix=st.sampled_from([".csv", ".tsv"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_gives_back_what_was_written(
    records: dict[str, dict[str, list[str]]], suffix: str, encoding: str, line_end: str, tmp_path: Path
) -> None:
    path = tmp_path / f"data{suffix}"
    with path.open("w", encoding=encoding, newline="") as file:
        rows = csv.writer(
            file,
            delimiter="," if suffix == ".csv" else "\t",
            lineterminator=line_end,
            quoting=csv.QUOTE_ALL,  # the csv module itself writes a lone blank without quotes
        )
        rows.writerow(["image", "zh", "en"])
        for name, record in records.items():
            for language, texts in record.items():
                rows.writerows([name, *(text if key == language else "" for key in ("zh", "en"))] for text in texts)
    check_round_trip(path, records)


@RELAXED
@given(junk=st.binary(max_size=200), suffix=st.sampled_from([".jsonl", ".csv", ".tsv", ".tar", "_imgs.tsv"]))
def test_junk_is_refused_in_our_own_words(junk: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"train{suffix}"
    path.write_bytes(junk)
    (tmp_path / "train_texts.jsonl").write_text('{"text_id": 1, "text": "狗", "image_ids": [1]}', "utf-8")
    with pytest.raises((DataError, PictureError)):
        for sample in read(path):
            open_image(sample.picture.read())


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("name", "text", "encoding", "message"),
    [
        ("a.jsonl", '{"image": "a.jpg", "zh": "一只狗"}', "gbk", r"line 1 is not UTF-8 but GBK; convert it: iconv"),
        ("a{b}.jsonl", "狗", "gbk", r"UTF-8 a\{b\}\.jsonl > a\{b\}-utf8\.jsonl"),
        ("a.csv", "image,zh\na.jpg,b\nb.jpg,雪地里的狗", "gb18030", r"a\.csv, line 3 is not UTF-8 but GBK"),
        ("a.csv", "image,zh\na.jpg,狗", "utf-16", r"line 1 is not UTF-8 but UTF-16; convert it: iconv -f UTF-16"),
        ("a.jsonl", '{"image": "a.jpg", "zh": "狗"}\n\n{"image": ', "utf-8", r"line 3 is not JSON: Expecting value"),
        ("a.jsonl", "[" * 100_000, "utf-8", r"line 1 is not JSON"),
        ("a.jsonl", '["a.jpg", "狗"]', "utf-8", r"line 1 is JSON but not an object"),
        ("a.jsonl", '{"url": "x", "zh": "狗"}', "utf-8", r"has no field that names the picture; it has url, zh"),
        ("a.jsonl", '{"image": 5, "zh": "狗"}', "utf-8", r"'image' is 5, not the name of a picture"),
        ("a.jsonl", '{"image": "a.jpg", "zh": {"a": 1}}', "utf-8", r"'zh' is \{'a': 1\}, neither a text nor"),
        ("a.jsonl", '{"image": "a.jpg", "标题": "狗"}', "utf-8", r"a caption in zh or en; its fields are image, 标题"),
        ("a.csv", "url,zh\nx,狗\n", "utf-8", r"has no field that names the picture; it has url, zh"),
        ("a.csv", "", "utf-8", r"has no field that names the picture; it has none"),
        ("a.csv", "image,zh\na.jpg,狗,猫\n", "utf-8", r"line 2 has 3 columns and the header 2; quote texts"),
        ("a.csv", "image,zh\n,狗\n", "utf-8", r"line 2 has no picture name in its column 'image'"),
        ("a.tsv", 'image\tzh\na.jpg\t"狗\nb.jpg\t"猫"\n', "utf-8", r"line 3: .*; write a quotation mark inside"),
        ("a.csv", "image,price\na.jpg,5\n", "utf-8", r"its fields are image, price; name the one that holds captions"),
        ("a.csv", "image,zh\ra.jpg,b\r", "utf-8", r"a\.csv, line 1: new-line character seen"),
        ("a.csv", "image,zh\n", "utf-8", r"has no pictures; nothing to use"),
        ("a.xlsx", "PK", "utf-8", r"a\.xlsx ends in none of \.csv, \.tsv, .*; say what it is with format"),
        ("a.tar", "no tar", "utf-8", r"a\.tar is damaged: .*; write or download it again"),
        ("a.tar.gz", "no tar", "utf-8", r"a\.tar\.gz is compressed or not a tar"),
        ("a_imgs.tsv", "1\tAAAA\nno tab here\n", "utf-8", r"line 2 is not a picture's id, a tab and its base64"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_with_what_is_wrong(
    name: str, text: str, encoding: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "a_texts.jsonl").write_text('{"text_id": 1, "text": "狗", "image_ids": [1]}', "utf-8")
    with pytest.raises(DataError, match=message):
        read(write(tmp_path / name, text, encoding))


@pytest.mark.parametrize("name", ["no.jsonl", "no.csv", "no", "no-{0..3}.tar", "no*.tar"])
def test_a_missing_source_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no (data|tar) at .*no.*; check the path"):
        read(tmp_path / name)


def test_a_folder_of_several_splits_says_which(tmp_path: Path) -> None:
    write_chinese_clip(tmp_path, "train")
    write_chinese_clip(tmp_path, "valid")
    with pytest.raises(DataError, match=r"holds train_texts\.jsonl, valid_texts\.jsonl; give the path of the one"):
        read(tmp_path)
    assert len(read(tmp_path / "valid_imgs.tsv")) == 3
    write_lmdb(tmp_path)
    with pytest.raises(DataError, match=r"it holds the splits train: add one to the path"):
        read(tmp_path / "lmdb", format="lmdb")


def test_broken_base64_is_one_bad_picture(tmp_path: Path) -> None:
    path = write_chinese_clip(tmp_path)
    images = tmp_path / "train_imgs.tsv"
    lines = images.read_bytes().splitlines(keepends=True)
    images.write_bytes(lines[0] + lines[1][:40] + b"!!\n" + lines[2])
    sea, dog, cat = read(path)
    with pytest.raises(PictureError, match=r"train_imgs\.tsv: 1001 is not whole base64"):
        dog.picture.read()
    assert [content(sea), content(cat)] == [picture_bytes("navy"), picture_bytes("orange")]


def test_a_text_of_a_picture_that_is_not_there_is_one_bad_picture(tmp_path: Path) -> None:
    path = write_chinese_clip(tmp_path)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"text_id": 99, "text": "鱼", "image_ids": [77]}\n')
    with pytest.raises(PictureError, match=r"train_imgs\.tsv has no picture 77"):
        read(path)[-1].picture.read()


class Hostile:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (b"\x80\x04junk", r"pairs, pair 1 is damaged"),
        (pickle.dumps(["a", "list"]), r"pairs, pair 1 is not \(image id, text id, text\)"),
        (None, r"pairs, pair 1 is missing"),
    ],
)
def test_a_damaged_pair_is_named(pair: bytes | None, message: str, tmp_path: Path) -> None:
    path = write_lmdb(tmp_path)
    change_pair(path, pair)
    with pytest.raises(DataError, match=message):
        read(path)


def test_a_pair_that_would_run_code_is_refused_and_does_not_run(tmp_path: Path) -> None:
    path = write_lmdb(tmp_path)
    change_pair(path, pickle.dumps((1000, 1, Hostile(tmp_path / "ran"))))
    with pytest.raises(DataError, match=r"pair 1 would run (posix|nt)\.system when loaded and was refused"):
        read(path)
    assert not (tmp_path / "ran").exists()


def change_pair(path: Path, pair: bytes | None) -> None:
    with lmdb.open(str(path / "pairs")) as environment, environment.begin(write=True) as transaction:
        if pair is None:
            transaction.delete(b"1")
        else:
            transaction.put(b"1", pair)


def test_a_cut_tar_is_refused(tmp_path: Path) -> None:
    path = write_tar_of_texts(tmp_path)
    path.write_bytes(path.read_bytes()[:1800])
    with pytest.raises(DataError, match=r"train\.tar is damaged: unexpected end of data"):
        read(path)


def test_a_picture_that_a_dot_in_its_name_would_hide_is_named(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", [("7.png", picture_bytes("red")), ("7.mask.png", b""), ("7.txt", b"red")])
    assert [content(sample) for sample in read(path)] == [picture_bytes("red")]
    write_tar(path, [("IMG.2024.png", picture_bytes("red")), ("IMG.2024.txt", b"red")])
    with pytest.raises(DataError, match=r"a\.tar: IMG\.2024\.png has a dot in its name"):
        read(path)


def test_pictures_without_texts_beside_them(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    with pytest.raises(DataError, match=r"no texts belong to its pictures, such as dog\.txt to dog\.jpg"):
        read(tmp_path)


def test_tars_are_found_by_folder_and_by_pattern(tmp_path: Path) -> None:
    for number in range(12):
        members = [("0.png", picture_bytes("red")), ("0.zh.txt", f"图{number}".encode())]
        write_tar(tmp_path / f"part-{number // 6}" / f"{number:02}.tar", members)
    texts = [f"图{number}" for number in range(12)]
    for pattern, expected in (
        ("part-0", texts[:6]),
        ("part-{0,1}/*.tar", texts),
        ("part-1/{08..10}.tar", texts[8:11]),
        ("part-?/0[68].tar", [texts[6], texts[8]]),
    ):
        assert [sample.captions["zh"] for sample in read(tmp_path / pattern)] == [[text] for text in expected]
    # A tar among pictures is one more file there.
    write_folder_of_languages(tmp_path / "part-0")
    assert len(read(tmp_path / "part-0")) == 3


def test_a_bad_text_in_a_tar_is_named(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", [("0.png", picture_bytes("red")), ("0.txt", "一只狗".encode("gbk"))])
    with pytest.raises(DataError, match=r"a\.tar: 0\.txt is not UTF-8 but GBK"):
        read(path)


def test_file_names_need_not_be_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode("狗".encode("gbk"))
    (tmp_path / f"{name}.png").write_bytes(picture_bytes("tan"))
    (tmp_path / f"{name}.txt").write_text("一只狗", encoding="utf-8")
    (sample,) = read(tmp_path)
    assert content(sample) == picture_bytes("tan")
    assert sample.picture.identity().encode()


@pytest.mark.parametrize("name", ["", "\ud800", "x" * 600])
def test_a_key_that_an_lmdb_cannot_have_is_one_bad_picture(name: str, tmp_path: Path) -> None:
    path = write_lmdb(tmp_path)
    change_pair(path, pickle.dumps((name, 1, "鱼")))
    picture = next(sample.picture for sample in read(path) if "鱼" in sample.captions["zh"])
    assert picture.identity().encode()
    with pytest.raises(PictureError):
        picture.read()


def test_half_a_surrogate_pair_does_not_reach_the_tokenizer(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"image": "a.jpg", "en": "a dog \\ud83d"}')
    assert read(path)[0].captions["en"] == ["a dog ?"]


def test_lines_keep_their_numbers_and_ends(tmp_path: Path) -> None:
    assert list(read_lines(write(tmp_path / "a.txt", "一\r\n\n二", "utf-8-sig"))) == ["一\r\n", "\n", "二"]


def test_packed_pictures_of_a_lost_file_say_so(tmp_path: Path) -> None:
    for kind in (PackedPicture, Base64Picture):
        picture = kind(str(tmp_path / "lost.tar"), 0, 5, "1.jpg")
        with pytest.raises(PictureError, match=r"lost\.tar: 1\.jpg cannot be read: No such file"):
            picture.read()
        assert "lost.tar" in picture.identity()


@pytest.mark.data
def test_real_captions_are_all_there(data_folder: Path) -> None:
    samples = read(data_folder / "flickr8k-cn" / "train.jsonl", ("zh", "en", "zh_mt"))
    assert len(samples) == 6000
    assert {tuple(map(len, sample.captions.values())) for sample in samples} == {(5, 5, 5)}
    scenes = read(data_folder / "labelled" / "labels.jsonl", prefix="images/sun-")
    assert {Path(sample.picture.name).parent.name[:4] for sample in scenes} == {"sun-"}


def test_byte_order_marks_in_a_tar_are_no_text(tmp_path: Path) -> None:
    members = [
        ("1.png", picture_bytes("red")),
        ("1.json", b"\xef\xbb\xbf" + '{"caption": "狗"}'.encode()),
        ("2.png", picture_bytes("blue")),
        ("2.txt", "\ufeff一只狗\r\n".encode()),
    ]
    samples = read(write_tar(tmp_path / "marks.TAR", members))
    assert [sample.captions["zh"] for sample in samples] == [["狗"], ["一只狗"]]


def test_empty_lines_and_spaces_between_chinese_clips_pictures_do_not_matter(tmp_path: Path) -> None:
    write_chinese_clip(tmp_path)
    images = tmp_path / "train_imgs.tsv"
    pictures = [content(sample) for sample in read(tmp_path)]
    lines = images.read_bytes().splitlines()
    images.write_bytes(b"\n".join([b"", *(b" \r\n".join([line + b" \t"]) for line in lines), b"  ", b"", b""]))
    assert [content(sample) for sample in read(tmp_path)] == pictures


@pytest.mark.parametrize("written", ["café.jpg", "café.JPG", "in\\café.jpg"])
@pytest.mark.parametrize("table", ["csv", "jsonl"])
def test_tables_name_pictures_as_people_see_them(tmp_path: Path, written: str, table: str) -> None:
    written = unicodedata.normalize("NFC", written)
    path = tmp_path / ("in" if "in" in written else "") / unicodedata.normalize("NFD", "café.jpg")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(picture_bytes("red"))
    listed = tmp_path / f"table.{table}"
    listed.write_text(
        f"image,zh\n{written},咖啡\n" if table == "csv" else json.dumps({"image": written, "zh": "咖啡"}),
        encoding="utf-8",
    )
    (sample,) = read(listed)
    assert sample.picture.name == str(path)


def test_texts_beside_pictures_are_found_as_people_see_their_names(tmp_path: Path) -> None:
    (tmp_path / unicodedata.normalize("NFD", "é.PNG")).write_bytes(picture_bytes("red"))
    (tmp_path / unicodedata.normalize("NFC", "é.Txt")).write_bytes("\ufeff一只猫".encode())
    (sample,) = read(tmp_path)
    assert sample.captions["zh"] == ["一只猫"]
    tar = write_tar(
        tmp_path / "a.tar",
        [
            (unicodedata.normalize("NFD", "é.png"), picture_bytes("red")),
            (unicodedata.normalize("NFC", "é.txt"), b"cat"),
        ],
    )
    (sample,) = read(tar)
    assert sample.captions["en"] == ["cat"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.tar", "train_imgs.tsv", "train_texts.jsonl"])
def test_a_pipe_is_not_waited_for(name: str, tmp_path: Path) -> None:
    write_chinese_clip(tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    for path in (tmp_path / name, *([tmp_path] if name.startswith("train") else [])):
        with pytest.raises(DataError):
            read(path)


@pytest.mark.parametrize(("name", "head"), [("a.csv", b"image,zh\n"), ("a.jsonl", b"")])
def test_a_line_of_hundreds_of_megabytes_is_named(name: str, head: bytes, tmp_path: Path) -> None:
    with (tmp_path / name).open("wb") as file:
        file.write(head)
        file.truncate(300_000_000)  # of which the disk keeps nothing
    with pytest.raises(DataError, match=rf"{name}, line [12] has over 16,777,216 bytes"):
        read(tmp_path / name)
