"""What ``zhclip search`` understands of its options."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from zhclip.cli.query_options import to_day, to_image_part, to_place, to_text_part
from zhclip.errors import QueryError
from zhclip.models import Encoder
from zhclip.search import Library, Part, Query, Where


@pytest.mark.parametrize(
    ("value", "text", "weight"),
    [
        ("花", "花", 1.0),
        ("蜜蜂:2", "蜜蜂", 2.0),
        ("蜜蜂：0.5", "蜜蜂", 0.5),
        ("a red car: .5", "a red car", 0.5),
        ("16:9:1", "16:9", 1.0),
        ("note: blue", "note: blue", 1.0),
    ],
)
def test_a_text_may_carry_its_weight(value: str, text: str, weight: float) -> None:
    assert to_text_part(value) == Part(text, weight)


def test_a_picture_may_carry_its_weight(tmp_path: Path) -> None:
    assert to_image_part("bee.jpg:2.5") == Part(Path("bee.jpg"), 2.5)
    named = tmp_path / "at 12:30"
    assert to_image_part(str(named)) == Part(tmp_path / "at 12", 30.0)
    named.touch()
    assert to_image_part(str(named)) == Part(named, 1.0)


def test_days_are_years_months_days_and_moments() -> None:
    assert (to_day("2024"), to_day("2024", last=True)) == (date(2024, 1, 1), date(2024, 12, 31))
    assert (to_day("2024-02"), to_day("2024-02", last=True)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert to_day("2024-5-7") == to_day("2024-05-07", last=True) == date(2024, 5, 7)
    assert to_day("2024-05-07T18:30") == datetime(2024, 5, 7, 18, 30)
    for wrong in ("yesterday", "2024-13", "2024-02-30", "24-1-1"):
        with pytest.raises(QueryError, match=f"{wrong} is no day"):
            to_day(wrong)


def test_places_are_two_numbers() -> None:
    assert to_place("18.25,109.5") == to_place("18.25， 109.5") == (18.25, 109.5)
    for wrong in ("Sanya", "18", "1,2,3"):
        with pytest.raises(QueryError, match="is no place"):
            to_place(wrong)


def test_all_options_make_the_query_that_python_makes(
    zhclip, photos: Path, library: Path, tiny_encoder: Encoder
) -> None:
    red, green = photos / "red.png", photos / "green.png"
    result = zhclip(
        *("search", "蓝色", "天空", "--also", "海:2", "--image", f"{red}:0.5", "--exclude", "人"),
        *("--exclude-image", green, "--every", "--min-relevance", 0, "--folder", photos, "--format", "png"),
        *("--orientation", "landscape", "--min-width", 10, "--min-height", 10, "--min-bytes", 1),
        *("--max-bytes", 100_000, "--taken-from", 2000, "--top-k", 2, "--json"),
        library=library,
    )
    query = Query(
        "蓝色 天空",
        Part("海", 2),
        Part(red, 0.5),
        exclude=["人", green],
        every=True,
        where=Where(
            folder=photos, formats=("png",), orientation="landscape", min_width=10, taken_from=date(2000, 1, 1)
        ),
    )
    with Library(library, model=tiny_encoder) as opened:
        hits = opened.search(query, top_k=2)
    found = json.loads(result.stdout)
    assert [hit["path"] for hit in found] == [str(hit.path) for hit in hits]
    assert [hit["score"] for hit in found] == pytest.approx([hit.score for hit in hits], abs=1e-4)
    nothing = zhclip("search", "天空", "--min-width", 1000, library=library)
    assert nothing.stderr.startswith("nothing fits well; ")


def test_what_is_negated_is_said_and_can_be_switched_off(zhclip, library: Path) -> None:
    understood = zhclip("search", "没有人的海滩", "--offset", 1, library=library)
    assert understood.stderr == "understood: 海滩, without 人 (--literal takes the words as they are)\n"
    assert [line.split()[0] for line in understood.stdout.splitlines()] == ["#", "2", "3"]
    literal = zhclip("search", "没有人的海滩", "--literal", "--offset", 3, library=library)
    assert (literal.stdout, literal.stderr) == ("", "no more hits\n")


def test_values_that_make_no_sense_are_refused(zhclip, library: Path) -> None:
    result = zhclip("search", "海", "--taken-from", "昨天", library=library, language="zh_CN.UTF-8")
    assert result.returncode == 2
    assert result.stderr == "zhclip: 昨天 不是日期；请写成 2024、2024-05、2024-05-01 或 2024-05-01T18:30\n"
    assert "query is empty" in zhclip("search", "--exclude", "人", library=library).stderr


@pytest.mark.parametrize(("language", "note"), [("C.UTF-8", "knows no word of '🐶'"), ("zh_CN.UTF-8", "不认识 '🐶'")])
def test_a_query_of_which_the_model_knows_nothing_is_said_so(zhclip, library: Path, language: str, note: str) -> None:
    result = zhclip("search", "🐶", library=library, language=language)
    assert result.returncode == 0
    assert note in result.stderr
    assert "knows" not in zhclip("search", "🐶 狗", library=library).stderr
