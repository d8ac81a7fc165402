"""Why a picture was found: words by what leaving them out changes, and where the query is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.evaluation.colours import ColourEncoder
from tests.library.pictures import save_photo
from zhclip.errors import LibraryNotFoundError, QueryError, TextCutWarning, ZhclipWarning
from zhclip.models import Encoder
from zhclip.search import Library, Part, Query
from zhclip.search.explanation import Explanation


class PlacesEncoder(ColourEncoder):
    """Knows the colours of 4 x 4 places, too."""

    def _position_features(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        places = pixels.reshape(len(pixels), 3, 4, 2, 4, 2).mean(axis=(3, 5))
        places = places - places.min(axis=1, keepdims=True)
        return np.moveaxis(np.concatenate([places, np.full_like(places[:, :1], 0.5)], axis=1), 1, -1)


@pytest.fixture
def colours(tmp_path: Path) -> Library:
    """No library yet, which a query of one text does without."""
    return Library(tmp_path / "none.db", model=PlacesEncoder())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("photos")
    for number in range(8):
        save_photo(folder / f"{number}.jpg", seed=number)
    with Library(folder / "library" / "photos.db", model=tiny_model_folder) as library:
        library.add(folder)
        yield library


def halves(left: str, right: str, size: tuple[int, int] = (120, 60)) -> Image.Image:
    picture = Image.new("RGB", size, left)
    picture.paste(right, (size[0] // 2, 0, *size))
    return picture


def contributions(explanation: Explanation) -> dict[str, float]:
    return {word.text: word.contribution for word in explanation.words}


def test_words_of_both_languages_by_what_they_do(colours: Library) -> None:
    text = "红色的汽车, a blue sky!"
    explanation = colours.explain(text, Image.new("RGB", (20, 10), "#f00"))
    assert [word.text for word in explanation.words] == ["红色", "的", "汽车", "a", "blue", "sky"]
    assert all(text[word.start : word.stop] == word.text for word in explanation.words)
    done = contributions(explanation)
    assert done["红色"] > 0.3
    assert done["blue"] < -0.05
    assert [done[word] for word in ("的", "汽车", "a", "sky")] == pytest.approx([0, 0, 0, 0])


def test_a_contribution_is_the_change_of_the_score(colours: Library) -> None:
    picture = Image.new("RGB", (20, 10), "#f40")
    explanation = colours.explain("红色和蓝色", picture)
    without = {"红色": "和蓝色", "和": "红色蓝色", "蓝色": "红色和"}
    for word, rest in without.items():
        expected = explanation.score - colours.explain(rest, picture).score
        assert contributions(explanation)[word] == pytest.approx(expected, abs=1e-6)


def test_a_single_word_is_compared_with_any_text(colours: Library) -> None:
    assert contributions(colours.explain("red", Image.new("RGB", (9, 9), "#f00")))["red"] > 0.2
    assert contributions(colours.explain("red", Image.new("RGB", (9, 9), "#0f0")))["red"] < 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("紅色的汽車", ["紅色", "的", "汽車"]),
        ("ＲＥＤ 汽车", ["ＲＥＤ", "汽车"]),
        ("a well-known dog's ball, 2024", ["a", "well-known", "dog's", "ball", "2024"]),
        ("一只狗running在雪地", ["一只", "狗", "running", "在", "雪地"]),
        ("？！", []),
        ("🐶", []),
    ],
)
def test_what_a_word_is(colours: Library, text: str, words: list[str]) -> None:
    explanation = colours.explain(text, Image.new("RGB", (9, 9), "#f00"))
    assert [word.text for word in explanation.words] == words


def test_the_score_is_that_of_the_hit(library: Library) -> None:
    picture = library.search("x", top_k=1)[0].path
    for query in (
        "夕阳 大海 沙滩",
        picture,
        Query("狗", Part("a beach", weight=2)),
        Query("狗", "海滩", "a tree", every=True),
        Query("街景", picture),
        Query("没有人的海滩"),
        Query("狗", exclude=["海滩", picture]),
    ):
        for hit in library.search(query, top_k=3):
            explanation = library.explain(query, hit.metadata["id"])
            assert explanation.score == pytest.approx(hit.score, abs=1e-5), query
            assert explanation.heat is not None


def test_words_of_several_texts_and_of_exclusions(library: Library) -> None:
    (hit,) = library.search("狗", top_k=1)
    explanation = library.explain(Query("狗 跑", "没有人的海滩", exclude="car"), hit.path)
    named = [(word.text, word.part) for word in explanation.words]
    assert named == [("狗", 0), ("跑", 0), ("海滩", 1), ("car", 2), ("人", 3)]
    assert [part.text for part in explanation.query.exclude] == ["car", "人"]
    literal = library.explain(Query("没有人的海滩", negation=False), hit.path)
    assert {word.part for word in literal.words} == {0}


def test_a_text_longer_than_the_model_reads_warns_once(library: Library) -> None:
    picture = library.search("x", top_k=1)[0].path
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        explanation = library.explain("很长的句子。" * 2000, picture)
    assert [warning.category for warning in caught] == [TextCutWarning]
    assert 10 < len(explanation.words) <= 52


def test_the_map_is_warm_where_the_query_is(colours: Library) -> None:
    picture = halves("#f00", "#00f")
    for text, warm in (("红色", slice(None, 28)), ("blue", slice(28, None))):
        heat = colours.explain(text, picture).heat
        assert heat is not None and heat.dtype == np.float32
        assert heat.shape == (28, 56)
        assert (heat.min(), heat.max()) == (0, pytest.approx(1))
        assert heat[:, warm].sum() > 0.9 * heat.sum()
    upright = colours.explain("红色", picture.rotate(90, expand=True)).heat
    assert upright is not None and upright.shape == (56, 28)
    assert upright[28:].sum() > 0.9 * upright.sum()


@pytest.mark.parametrize("size", [(1, 1), (4000, 3), (3, 4000), (57, 56)])
def test_maps_of_odd_pictures(colours: Library, size: tuple[int, int]) -> None:
    explanation = colours.explain("red", Image.new("RGB", size, "#f00"))
    assert explanation.heat is not None and np.isfinite(explanation.heat).all()
    assert explanation.heat.max() < 0.01  # every place fits alike
    assert max(explanation.heat.shape) <= 140
    assert explanation.overlay(Image.new("RGB", size, "#f00")).size == size


def test_the_overlay_colours_the_warm_places(colours: Library) -> None:
    picture = halves("#f00", "#00f", (300, 200))
    shown = np.asarray(colours.explain("blue", picture).overlay(picture), dtype=int)
    changed = np.abs(shown - np.asarray(picture, dtype=int)).sum(axis=2)
    assert shown.shape == (200, 300, 3)
    assert changed[:, 200:].mean() > 3 * changed[:, :100].mean()


def test_a_model_without_places_gives_words_alone(tmp_path: Path) -> None:
    picture = halves("#f00", "#00f")
    with pytest.warns(ZhclipWarning, match="no features of the places"):
        explanation = Library(tmp_path / "none.db", model=ColourEncoder()).explain("red", picture)
    assert explanation.heat is None
    assert explanation.words[0].contribution > 0
    np.testing.assert_array_equal(explanation.overlay(picture), picture)


def test_what_cannot_be_explained(colours: Library, library: Library, tiny_encoder: Encoder) -> None:
    picture = Image.new("RGB", (9, 9))
    with pytest.raises(QueryError, match="empty"):
        colours.explain(" ", picture)
    with pytest.raises(QueryError, match="no picture of the id 'unknown'"):
        library.explain("x", "unknown")
    with pytest.raises(LibraryNotFoundError):  # what is usual in the library is needed to weigh these
        colours.explain(Query("x", exclude="y"), picture)
