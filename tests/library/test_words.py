from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.library.encoders import CountingEncoder
from tests.library.pictures import save_photo
from zhclip.errors import LibraryError
from zhclip.library import Catalogue, Where, export_parquet, import_parquet, migrate, reindex
from zhclip.library.store import Store
from zhclip.library.wording import to_words, words_about

ODD = (
    "",
    " ",
    '"',
    "\\",
    "' or 1 == 1 --",
    "🙂",
    "的",
    "，。！",
    "\0\n\t",
    "%s {} $x",
    "العربية",
    "_",
    "a" * 20_000,
    "没有 " * 5_000,
)


@pytest.fixture
def worded(tmp_path: Path) -> Path:
    """A folder of pictures with captions, tags and names that say something."""
    folder = tmp_path / "worded"
    for number, (name, said) in enumerate(
        {
            "1.jpg": {"caption": "一只长颈鹿站在草地上"},
            "2.jpg": {"caption": "Two Dogs running on the beach", "tags": ["holiday", "海南"]},
            "IMG_sunset-2023.jpg": {},
            "4.jpg": {"caption": "沙灘上的夕陽"},
            "外婆的厨房.jpg": {},
            "6.jpg": {"tags": ["生日 蛋糕"], "caption": "Ｃａｆé"},
        }.items()
    ):
        save_photo(folder / name, seed=number)
        (folder / name).with_suffix(".json").write_text(json.dumps(said), encoding="utf-8")
    return folder


def found(library: Catalogue, text: str, **options: Where) -> list[str]:
    pictures, _ = library.candidates_by_words(text, rows=100, **options)
    assert all(score > 0 for _, score in pictures)
    return [picture.path.name for picture, _ in pictures]


def nearest(library: Catalogue, encoder: CountingEncoder) -> list[tuple[Path, float]]:
    matches = library.nearest(encoder.encode_text("狗")[0], limit=10)
    return [(match.picture.path, round(match.cosine, 4)) for match in matches]


def forget_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make libraries as they were before words could be searched."""
    init = Store.__init__

    def without(self: Store, *args: object, **options: object) -> None:
        init(self, *args, **options)  # type: ignore[arg-type]
        self.knows_words = False

    monkeypatch.setattr(Store, "__init__", without)


def test_captions_tags_and_names_are_found(worded: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "a.db", model=encoder) as library:
        library.add(worded)
        for text, name in {
            "长颈鹿": "1.jpg",
            "有长颈鹿吗？": "1.jpg",
            "dog": "2.jpg",
            "DOGS": "2.jpg",
            "海南": "2.jpg",
            "holiday": "2.jpg",
            "ｄｏｇ": "2.jpg",
            "sunset": "IMG_sunset-2023.jpg",
            "IMG_sunset-2023.jpg": "IMG_sunset-2023.jpg",
            "2023": "IMG_sunset-2023.jpg",
            "夕阳": "4.jpg",
            "沙滩上的夕阳": "4.jpg",
            "夕陽": "4.jpg",
            "外婆": "外婆的厨房.jpg",
            "蛋糕": "6.jpg",
            "café": "6.jpg",
        }.items():
            assert found(library, text)[:1] == [name], text
        assert found(library, "火车 train") == []
        assert found(library, "长颈鹿 dog sunset 的") == found(library, "sunset dog 长颈鹿")
        assert found(library, "dog 长颈鹿", where=Where(tags=("海南",))) == ["2.jpg"]
        before = encoder.embedded
        (worded / "1.json").write_text(json.dumps({"caption": "斑马"}), encoding="utf-8")
        library.add(worded)
        library.remove(worded / "2.jpg")
        assert (found(library, "长颈鹿"), found(library, "斑马"), found(library, "dog")) == ([], ["1.jpg"], [])
        assert encoder.embedded == before
    with Catalogue(tmp_path / "a.db", model=encoder) as library:
        assert found(library, "斑马 sunset") == found(library, "sunset 斑马") != []


def test_copies_are_one_picture(worded: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    (worded / "dog.jpg").write_bytes((worded / "2.jpg").read_bytes())
    with Catalogue(tmp_path / "a.db", model=encoder) as library:
        library.add(worded)
        assert len(found(library, "dog")) == 1


def test_odd_texts_do_no_harm(worded: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    with Catalogue(tmp_path / "a.db", model=encoder) as library:
        library.add(worded)
        for text in ODD:
            found(library, text)
            assert found(library, f"{text} 长颈鹿") == ["1.jpg"] or len(text) > 1000
        assert found(library, "长颈鹿") == ["1.jpg"]


def test_odd_captions_are_kept(tmp_path: Path, encoder: CountingEncoder) -> None:
    for number, text in enumerate(ODD):
        save_photo(tmp_path / "odd" / f"{number}.jpg", seed=number)
        (tmp_path / "odd" / f"{number}.txt").write_text(f"{text} 长颈鹿", encoding="utf-8")
    with Catalogue(tmp_path / "a.db", model=encoder) as library:
        assert library.add(tmp_path / "odd").added == len(ODD)
        assert len(found(library, "长颈鹿")) >= len(ODD) - 2, "all but those that are too long"


def test_words_move_with_a_library(worded: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    with (
        Catalogue(tmp_path / "a.db", model=encoder) as library,
        Catalogue(tmp_path / "b.db", model=encoder) as moved,
        Catalogue(tmp_path / "c.db", model=encoder) as imported,
    ):
        library.add(worded)
        migrate(library, moved)
        export_parquet(library, tmp_path / "a.parquet")
        import_parquet(imported, tmp_path / "a.parquet")
        for other in (moved, imported):
            for text in ("长颈鹿", "dog beach", "sunset"):
                assert found(other, text) == found(library, text) != []


def test_a_server_without_words_says_so(
    worded: Path, make_location: Callable[[str], str], tmp_path: Path, encoder: CountingEncoder
) -> None:
    with Catalogue(make_location("server"), model=encoder) as library, Catalogue(tmp_path / "b.db") as file:
        library.add(worded)
        with pytest.raises(LibraryError, match=r"Milvus 2\.5.*zhclip migrate"):
            library.candidates_by_words("dog", rows=5)
        migrate(library, file)
        assert found(file, "dog") == ["2.jpg"]


def test_a_library_from_before_learns_words_without_embedding(
    worded: Path, tmp_path: Path, encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        forget_words(patch)
        with Catalogue(tmp_path / "a.db", model=encoder) as library:
            library.add(worded)
    embedded = encoder.embedded
    with Catalogue(tmp_path / "a.db", model=encoder) as library:
        near = nearest(library, encoder)
        assert library.add(worded).unchanged == 6
        with pytest.raises(LibraryError, match=r"zhclip reindex$"):
            library.candidates_by_words("dog", rows=5)
        report = reindex(library)
        assert (report.added, report.reused, encoder.embedded) == (6, 6, embedded)
        assert found(library, "dog") == ["2.jpg"]
        assert nearest(library, encoder) == near
        assert library.add(worded).unchanged == 6
        with pytest.raises(LibraryError, match="already"):
            reindex(library)


def test_a_text_becomes_words() -> None:
    assert to_words("IMG_beachSunset-2023.jpg") == "img beach sunset 2023 jpg"
    assert to_words("“沙灘”，Ｂｅａｃｈ…") == "沙滩 beach"
    assert to_words(" \0🙂 ") == ""
    assert words_about("/photos/DSC_01.jpg", "海边", ("假期",)) == "dsc 01 假期 海边"
