"""Hostile and damaged input against the real functions: what is refused, what is taken, and what is neither.

Pictures, the files beside them, tables, imports, model files and requests to the page and to ``/v1`` are made by
Hypothesis out of whole ones: bytes are changed, numbers made huge, parts cut out, doubled and cut off. Each must be
taken or be refused with an error of zhclip's own (a status below 500 over HTTP), and what stands beside it must be as
before. What fails is printed, and ends the run with 1; the same ``--seed`` makes the same examples again.

JSON keys: for each target ``taken`` and ``refused``; ``failed``: the targets with a failure.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image
from pyarrow import parquet

from report import report
from stores import make_photo
from zhclip.errors import ZhclipError
from zhclip.library.captions import CaptionTable
from zhclip.library.moving import export_parquet, import_parquet
from zhclip.library.picture import picture_id
from zhclip.models import ImagePreparation
from zhclip.models.chinese_clip import read_checkpoint
from zhclip.page.app import add_page
from zhclip.search import Library, Query
from zhclip.server.app import create_service
from zhclip.server.limits import check_picture
from zhclip.server.originals import read_original
from zhclip.training.data_config import SourceConfig
from zhclip.training.sources import read_raw

Target = Callable[[st.DataObject], bool]
"""Makes one example and tries it: whether it was taken; an exception other than a refusal is a failure."""

INTERESTING = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63, 2**64 - 1)
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description><dc:description><rdf:Alt><rdf:li xml:lang="zh">海边'
    "</rdf:li></rdf:Alt></dc:description><dc:subject><rdf:Bag><rdf:li>海</rdf:li></rdf:Bag></dc:subject>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
TAKEOUT = {
    "title": "a.jpg",
    "description": "海边",
    "caption": "海边的日落",
    "tags": ["海", "sea"],
    "photoTakenTime": {"timestamp": "1559392200", "formatted": "2019"},
    "geoData": {"latitude": 39.9, "longitude": 116.4, "altitude": 1.0},
}


@st.composite
def damaged(draw: st.DrawFn, wholes: list[bytes]) -> bytes:
    """One of some files with a few edits."""
    content = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(0, 6))):
        if not content:
            break
        # Heads matter most, and the ends of files.
        place = draw(st.integers(0, min(len(content) - 1, draw(st.sampled_from((64, 600, len(content)))))))
        match draw(st.sampled_from(("byte", "number", "cut", "double", "insert", "end"))):
            case "byte":
                content[place] = draw(st.integers(0, 255))
            case "number":
                size, order = draw(st.sampled_from((2, 4, 8))), draw(st.sampled_from(("big", "little")))
                number = draw(st.sampled_from(INTERESTING)) % 256**size
                content[place : place + size] = number.to_bytes(size, "big" if order == "big" else "little")
            case "cut":
                del content[place : place + draw(st.integers(1, 200))]
            case "double":
                content[place:place] = content[place : place + draw(st.integers(1, 200))]
            case "insert":
                content[place:place] = draw(st.binary(min_size=1, max_size=20))
            case "end":
                del content[place:]
    return bytes(content)


def json_values() -> st.SearchStrategy[Any]:
    """Whatever JSON can say, and Python's JSON beyond it."""
    texts = st.text(max_size=30) | st.sampled_from(
        ("\0", "\ud800", "/etc/passwd", "../..", "a" * 5000, "9999-12-31", "")
    )
    plain = st.none() | st.booleans() | st.integers() | st.floats() | texts
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))


@st.composite
def altered(draw: st.DrawFn, whole: Any) -> Any:
    """A JSON value of which some places hold something else."""
    if draw(st.integers(0, 5)) == 0:
        return draw(json_values())
    if isinstance(whole, dict):
        return {key: draw(altered(value)) for key, value in whole.items() if draw(st.integers(0, 9))}
    if isinstance(whole, list):
        return [draw(altered(value)) for value in whole]
    return whole


def refused(work: Callable[[], object]) -> bool:
    """Do something that may be refused; whether it was."""
    try:
        work()
    except ZhclipError:
        return True
    return False


class Fuzzer:
    """The targets, and what they share.

    Args:
        folder: Where their files lie.
        library: A library of a few pictures.
    """

    def __init__(self, folder: Path, library: Library) -> None:
        self.folder = folder
        self.library = library
        self.pictures = picture_files()
        library.add(write_photos(folder / "photos"))
        self.id = picture_id(folder / "photos" / "p0.jpg")
        assert library.get_by_id(self.id) is not None
        export_parquet(library, folder / "whole.parquet")
        self.rows = parquet.read_table(folder / "whole.parquet")
        self.checkpoint = small_checkpoint()
        app = create_service(library)
        add_page(app)
        # Not of this machine: nobody may add its folders.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("203.0.113.5", 1))
        self.loop = asyncio.new_event_loop()
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
        visit = self.ask("GET", "/page/visit")
        self.token = visit.json()["token"] if visit.status_code == 200 else ""

    def ask(self, method: str, place: str, **sent: Any) -> httpx.Response:
        """Ask the service."""
        return self.loop.run_until_complete(self.client.request(method, place, **sent))

    def targets(self) -> dict[str, Target]:
        """By name."""
        return {
            "pictures": self.picture,
            "files": self.files,
            "captions": self.captions,
            "training tables": self.table,
            "imports": self.imported,
            "checkpoints": self.model,
            "page events": self.event,
            "page uploads": self.upload,
            "v1 requests": self.request,
        }

    def picture(self, data: st.DataObject) -> bool:
        """A picture that is opened."""
        content = data.draw(damaged(self.pictures))
        refused_as_sent = refused(lambda: check_picture(content, max_pixels=64_000_000))
        return not refused(lambda: ImagePreparation(size=32).read(content)) and not refused_as_sent

    def files(self, data: st.DataObject) -> bool:
        """A picture and the files beside it in a folder that is indexed; another picture there is none the worse."""
        folder = fresh(self.folder / "files")
        suffix = data.draw(st.sampled_from((".jpg", ".png", ".webp", ".heic", ".tif", ".gif", ".avif", ".bmp")))
        (folder / f"a{suffix}").write_bytes(data.draw(damaged(self.pictures)))
        sidecars = {
            ".txt": damaged(["海边的日落\n".encode(), "海边".encode("gbk"), "海".encode("utf-16")]),
            ".xmp": damaged(
                [XMP.encode(), XMP.encode("utf-16"), ('<?xml version="1.0" encoding="x"?>' + XMP).encode()]
            ),
            ".json": damaged([json.dumps(TAKEOUT).encode()]) | altered(TAKEOUT).map(lambda v: json.dumps(v).encode()),
        }
        for kind, contents in sidecars.items():
            if data.draw(st.booleans()):
                name = data.draw(st.sampled_from((f"a{kind}", f"a{suffix}{kind}", f"good.jpg{kind}")))
                (folder / name).write_bytes(data.draw(contents))
        make_photo(10_001, (60, 40)).save(folder / "good.jpg")
        outcome = self.library.add(folder)
        assert self.library.get(folder / "good.jpg") is not None, "the picture beside it was not indexed"
        return not outcome.failed

    def captions(self, data: st.DataObject) -> bool:
        """A table of captions for a library."""
        path = self.folder / f"captions.{data.draw(st.sampled_from(('csv', 'tsv')))}"
        wholes = [
            'image,caption,tags\na.jpg,海边,"海,sea"\nb\\c.jpg,x,\n'.encode(),
            "image\tcaption\na.jpg\t猫\n".encode(),
        ]
        path.write_bytes(data.draw(damaged([*wholes, wholes[0].decode().encode("gbk"), b"\xef\xbb\xbf" + wholes[0]])))
        return not refused(
            lambda: CaptionTable(path).choose([str(self.folder / "a.jpg"), str(self.folder / "b/c.jpg")])
        )

    def table(self, data: st.DataObject) -> bool:
        """A table of training data, with its pictures."""
        lines = [json.dumps({"image": "p0.jpg", "zh": "猫", "en": ["a cat"]}), '{"image": "p1.jpg", "zh": "狗"}']
        wholes = {
            "jsonl": "\n".join(lines).encode(),
            "csv": 'image,zh,en\np0.jpg,猫,a cat\n"p1.jpg","狗,\n",b\n'.encode(),
            "tsv": "image\tzh\np0.jpg\t猫\n".encode(),
        }
        kind = data.draw(st.sampled_from(tuple(wholes)))
        path = self.folder / "photos" / f"table.{kind}"
        path.write_bytes(data.draw(damaged([wholes[kind]])))

        def read() -> None:
            for sample in read_raw([SourceConfig(path=str(path))], ["zh", "en"]):
                refused(sample.picture.read)

        return not refused(read)

    def imported(self, data: st.DataObject) -> bool:
        """A table that is imported; the library searches on."""
        path = self.folder / "odd.parquet"
        if data.draw(st.booleans()):
            path.write_bytes(data.draw(damaged([(self.folder / "whole.parquet").read_bytes()])))
        else:
            parquet.write_table(data.draw(odd_tables(self.rows)), path)
        with Library(fresh(self.folder / "imports") / "photos.db") as library:
            library.add(self.folder / "photos" / "p5.jpg")
            outcome = not refused(lambda: import_parquet(library, path))
            library.status()
            for hit in library.search(Query("海", min_relevance=0), top_k=20):
                picture = library.get_by_id(hit.metadata["id"])
                assert picture is not None
                refused(partial(read_original, picture))
            assert library.get(self.folder / "photos" / "p5.jpg") is not None, "what was there is gone"
        return outcome

    def model(self, data: st.DataObject) -> bool:
        """A checkpoint."""
        path = self.folder / "odd.pt"
        path.write_bytes(data.draw(damaged([self.checkpoint])))
        return not refused(lambda: read_checkpoint(path))

    def event(self, data: st.DataObject) -> bool:
        """An event of the page."""
        name = data.draw(st.sampled_from(("act", "send", "more", "why", "folder", "library", "add_folder")))
        whole = {
            "at": f"?q=海&p={self.id}&not=人&folder=/a&from=2024-01-01&until=9999-12-31",
            "do": "example",
            "id": self.id,
            "text": "海 -人",
            "values": {"name": "a", "folder": "/etc", "camera": "x\ny", "until": "9999-12-31"},
            "pictures": [{"id": self.id}, {"path": "/etc/passwd"}],
            "folder": "/etc",
            "offset": 0,
            "count": 24,
        }
        asked = data.draw(altered(whole))
        language = data.draw(st.sampled_from(("zh", "en", "xx")))
        headers = {"X-Zhclip-Token": self.token, "Content-Type": "application/json"}
        response = self.ask("POST", f"/page/{language}/{name}", content=json.dumps(asked).encode(), headers=headers)
        return self._answered(response)

    def upload(self, data: st.DataObject) -> bool:
        """A picture that is dropped on the page."""
        form = {"files": ("a.jpg", data.draw(damaged(self.pictures)), "image/jpeg")}
        response = self.ask("POST", "/zh/gradio_api/upload", files=form)
        if response.status_code == 200:
            for key in response.json():
                assert self.ask("GET", f"/uploads/{key}").status_code < 500
        return self._answered(response)

    def request(self, data: st.DataObject) -> bool:
        """A request to ``/v1``."""
        where = {"folder": "/a", "name": "x", "formats": ["JPEG\n"], "taken_until": "9998-12-31", "near": [1, 2]}
        parts = ["海", {"text": "b", "weight": 2}, {"id": self.id}]
        wholes: dict[str, Any] = {
            "search": {"query": {"parts": parts, "exclude": ["人"], "where": where, "words": 0.5}, "top_k": 3},
            "why": {"query": "海", "id": self.id},
            "describe": {"captions": ["海", "a dog"], "id": self.id, "top_k": 1},
            "classify": {"labels": ["海", "狗"], "id": self.id},
        }
        route = data.draw(st.sampled_from(tuple(wholes)))
        body = json.dumps(data.draw(altered(wholes[route]))).encode()
        headers = {"Content-Type": "application/json"}
        return self._answered(self.ask("POST", f"/v1/{route}", content=body, headers=headers))

    def _answered(self, response: httpx.Response) -> bool:
        assert response.status_code < 500, f"{response.status_code}: {response.text[:500]}"
        assert "root:" not in response.text, "a file of the machine is told"
        return response.status_code < 400


@st.composite
def odd_tables(draw: st.DrawFn, rows: pa.Table) -> pa.Table:
    """An exported table with columns that hold other values, are of another type, or are missing."""
    values: dict[str, list[Any]] = rows.to_pydict()
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(tuple(values)))
        if draw(st.integers(0, 4)) == 0:
            del values[name]
            continue
        place = draw(st.integers(0, len(values[name]) - 1))
        texts = st.sampled_from(("", "\0", "/etc/passwd", "../x", "a" * 70_000, '"', "海\n", "0" * 32))
        numbers = st.sampled_from((0, -1, 2**31, 2**63 - 1, -(2**63), 10**12))
        floats = st.sampled_from((0.0, float("nan"), float("inf"), 1e38, -1e300, 91.0))
        lists = st.lists(floats, max_size=3) | st.lists(texts, max_size=3)
        kinds = {str: texts, int: numbers, float: floats, list: lists}
        values[name][place] = draw(st.none() | kinds.get(type(values[name][place]), texts))
    columns = {}
    for name, column in values.items():
        try:
            columns[name] = pa.array(column, rows.schema.field(name).type)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            columns[name] = pa.array([str(value) for value in column])
    return pa.table(columns).replace_schema_metadata(rows.schema.metadata)


def picture_files() -> list[bytes]:
    """Small pictures of every format that is read, with what cameras and programs write beside the pixels."""
    photo = make_photo(1, (48, 32))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "相机", 6
    exif.get_ifd(0x8769)[0x9003] = "2019:06:01 12:30:00"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 1.0)
    saved: list[tuple[Image.Image, str, dict[str, Any]]] = [
        (photo, "JPEG", {"exif": exif, "xmp": XMP.encode(), "icc_profile": b"not a profile"}),
        (photo, "JPEG", {"progressive": True}),
        (photo, "PNG", {"exif": exif}),
        (photo.convert("P"), "PNG", {}),
        (photo.convert("RGBA"), "PNG", {}),
        (photo, "WEBP", {"exif": exif, "xmp": XMP.encode()}),
        (photo.convert("P"), "GIF", {"save_all": True, "append_images": [photo.rotate(90).convert("P")]}),
        (photo, "TIFF", {"compression": "tiff_lzw"}),
        (photo.convert("F"), "TIFF", {}),
        (photo, "BMP", {}),
        (photo, "AVIF", {}),
    ]
    files = []
    for image, form, options in saved:
        content = io.BytesIO()
        image.save(content, form, **options)
        files.append(content.getvalue())
    from pillow_heif import from_pillow

    content = io.BytesIO()
    from_pillow(photo).save(content)
    return [*files, content.getvalue()]


def small_checkpoint() -> bytes:
    """Weights by names of Chinese-CLIP's, and what training keeps beside them."""
    names = ("bert.embeddings.word_embeddings.weight", "text_projection", "visual.conv1.weight", "logit_scale")
    state = {f"module.{name}": torch.full((4, 4), 0.5) for name in names}
    content = io.BytesIO()
    torch.save({"epoch": 1, "step": np.int64(3), "state_dict": state}, content)
    return content.getvalue()


def write_photos(folder: Path) -> Path:
    """A folder of a few pictures."""
    folder.mkdir()
    for number in range(6):
        make_photo(number, (64, 48)).save(folder / f"p{number}.jpg")
    return folder


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def fuzz(target: Target, counts: Counter[str], *, seconds: float, first: int) -> None:
    """Try examples of a target for so long, and count what was taken and refused.

    Raises:
        Exception: What the target raised for an example, which Hypothesis has printed.
    """
    end = time.monotonic() + seconds
    turn = first
    while time.monotonic() < end:

        @seed(turn)
        @settings(
            max_examples=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
            print_blob=False,
        )
        @given(st.data())
        def run(data: st.DataObject) -> None:
            counts["taken" if target(data) else "refused"] += 1

        run()
        turn += 1


def main() -> int:
    """Run the targets one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="all targets together (default: 1)")
    parser.add_argument("--seed", type=int, default=0, help="another number, other examples (default: 0)")
    parser.add_argument("--only", default="", help="the targets whose names hold this")
    options = parser.parse_args()
    counts: dict[str, Counter[str]] = {}
    failed: list[str] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zhclip-fuzz-")))
        warnings.simplefilter("ignore")
        fuzzer = Fuzzer(folder, stack.enter_context(Library(folder / "photos.db")))
        targets = {name: target for name, target in fuzzer.targets().items() if options.only in name}
        for name, target in targets.items():
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                seconds = 60 * options.minutes / len(targets)
                fuzz(target, counts.setdefault(name, Counter()), seconds=seconds, first=1000 * options.seed)
            except Exception as error:  # noqa: BLE001 - whatever it is, it should not have come out
                traceback.print_exception(error)
                failed.append(name)
    rows = [
        (name, count["taken"], count["refused"], "failed" if name in failed else "") for name, count in counts.items()
    ]
    figures = {name: {"taken": count["taken"], "refused": count["refused"]} for name, count in counts.items()}
    report("Fuzzing", ("target", "taken", "refused", ""), rows, {**figures, "failed": failed})
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
