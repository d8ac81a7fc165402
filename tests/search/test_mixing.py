"""The rule that ranks pictures, on vectors made for the purpose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from zhclip.search.mixing import PICTURE_STRENGTH, TEXT_STRENGTH, Balance, Ingredient, Mix, Scale

DIM = 8
seeds = st.integers(0, 2**32 - 1)


def units(random: np.random.Generator, count: int) -> NDArray[np.float32]:
    vectors = random.standard_normal((count, DIM))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def ingredients(random: np.random.Generator, count: int) -> list[Ingredient]:
    return [
        Ingredient(
            vector, float(random.uniform(0.2, 3)), Scale(float(random.normal(0, 0.2)), random.uniform(0.05, 0.4))
        )
        for vector in units(random, count)
    ]


@given(seeds, st.integers(1, 4), st.integers(0, 3), st.booleans())
def test_no_picture_scores_more_than_its_bound(seed: int, asked: int, excluded: int, every: bool) -> None:
    random = np.random.default_rng(seed)
    mix = Mix(ingredients(random, asked), ingredients(random, excluded), every=every)
    pictures = units(random, 50)
    cosines = pictures @ mix.direction
    fits, scores = mix.score(cosines, pictures @ mix.vectors.T)
    assert np.all(scores <= fits + 1e-9)
    for cosine, fit in zip(cosines, fits, strict=True):
        assert fit <= mix.bound(float(cosine)) + 1e-5


@given(seeds, st.booleans())
def test_one_part_scores_its_cosine(seed: int, every: bool) -> None:
    random = np.random.default_rng(seed)
    (part,) = ingredients(random, 1)
    pictures = units(random, 20)
    mix = Mix([part], [], every=every)
    fits, scores = mix.score(pictures @ mix.direction, pictures @ mix.vectors.T)
    assert scores == pytest.approx(pictures @ part.vector, abs=1e-6)
    assert fits == pytest.approx(scores)


@given(seeds, st.integers(2, 4))
def test_every_text_scores_the_smallest_cosine(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    scale = Scale(0.3, 0.05)
    parts = [Ingredient(vector, 1.0, scale) for vector in units(random, count)]
    pictures = units(random, 20)
    mix = Mix(parts, [], every=True)
    fits, _ = mix.score(pictures @ mix.direction, pictures @ mix.vectors.T)
    assert fits == pytest.approx((pictures @ np.stack([part.vector for part in parts]).T).min(axis=1), abs=1e-6)


@given(seeds, st.floats(0.1, 10))
def test_only_the_proportion_of_weights_matters(seed: int, factor: float) -> None:
    parts = ingredients(np.random.default_rng(seed), 3)
    scaled = [Ingredient(part.vector, part.weight * factor, part.scale) for part in parts]
    assert Mix(scaled, []).direction == pytest.approx(Mix(parts, []).direction, abs=1e-6)


@given(seeds, st.floats(1.5, 20), st.floats(-1, 1))
def test_a_picture_does_not_drown_a_text(seed: int, louder: float, offset: float) -> None:
    """Cosines that lie higher and vary more count no more."""
    random = np.random.default_rng(seed)
    text, picture = units(random, 2)
    loud = Ingredient(louder * picture, 1.0, Scale(offset, louder))
    even = text + picture
    mix = Mix([Ingredient(text, 1.0, Scale()), loud], [])
    assert mix.direction == pytest.approx(even / np.linalg.norm(even), abs=1e-5)
    every = Mix([Ingredient(text, 1.0, Scale()), Ingredient(louder * picture, 1.0, Scale(0, louder))], [], every=True)
    pictures = units(random, 30)
    fits, _ = every.score(pictures @ every.direction, pictures @ every.vectors.T)
    weakest = np.minimum(pictures @ text, pictures @ picture)
    assert np.array_equal(np.argsort(-fits), np.argsort(-weakest))


@pytest.mark.parametrize(("is_picture", "strength"), [(False, TEXT_STRENGTH), (True, PICTURE_STRENGTH)])
def test_an_exclusion_takes_away_what_fits_it(is_picture: bool, strength: float) -> None:
    scale = Scale(0.1, 0.2)
    wanted, unwanted = np.eye(3, dtype=np.float32)[:2]
    mix = Mix([Ingredient(wanted, 1.0, scale)], [Ingredient(unwanted, 2.0, scale, is_picture)])
    pictures = np.array([[0.8, 0.05, 0.6], [0.8, 0.5, 0.33], [0.2, 0.97, 0.1]], dtype=np.float32)
    fits, scores = mix.score(pictures @ mix.direction, pictures @ mix.vectors.T)
    assert fits == pytest.approx([0.8, 0.8, 0.2])
    assert scores[0] == pytest.approx(0.8)  # below what is usual: nothing of it is there
    assert scores[1] == pytest.approx(0.8 - 2 * strength * (0.5 - scale.mean))
    # A copy of an excluded picture is no hit; no picture is a copy of a text.
    assert np.isfinite(scores[2]) != is_picture


def test_a_balance_is_what_is_usual_in_the_library() -> None:
    random = np.random.default_rng(0)
    middle = units(random, 1)
    pictures = units(random, 400) + 2 * middle
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True)
    balance = Balance.measure(units(random, 200), pictures)
    cosines = pictures @ pictures.T
    others = cosines[~np.eye(400, dtype=bool)]
    assert balance.picture.mean == pytest.approx(others.mean(), abs=1e-4)
    assert balance.picture.spread == pytest.approx(others.std(), rel=0.2)
    assert balance.picture.mean > balance.text.mean + 0.5


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_library_of_hardly_any_pictures_has_usable_scales(count: int) -> None:
    random = np.random.default_rng(1)
    balance = Balance.measure(units(random, 5), units(random, count))
    assert all(np.isfinite(value) for scale in balance for value in scale)
    assert all(scale.spread > 0 for scale in balance)
