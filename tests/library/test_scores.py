"""Cosines of pictures that are known already, and a sample of vectors, in both homes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.library.pictures import save_photo
from tests.search.encoders import SpreadEncoder
from zhclip.library import Catalogue

COUNT = 30


@pytest.mark.parametrize("home", ["file", "server"])
def test_cosines_and_samples_are_those_of_the_vectors(
    home: str, make_location: Callable[[str], str], tmp_path: Path
) -> None:
    encoder = SpreadEncoder()
    paths = [save_photo(tmp_path / f"{number:02}.png", seed=number, size=(48, 32)) for number in range(COUNT)]
    vectors = encoder.encode_image(paths)
    asked = encoder.encode_text(["花", "蜜蜂", "dog"])
    with Catalogue(make_location(home), model=encoder) as library:
        library.add(tmp_path)
        ids = [picture.id for picture in map(library.get, paths) if picture]
        assert len(ids) == COUNT
        for index in ("FLAT", "HNSW") if home == "server" else ("FLAT",):
            if home == "server":
                library.change_index(index)
            assert library.cosines(asked, ids) == pytest.approx(vectors @ asked.T, abs=1e-5)
            assert library.cosines(asked, [ids[3], "0" * 32])[1] == pytest.approx([-1, -1, -1])
        everything = library.sample(COUNT)
        assert sorted(everything.tolist()) == pytest.approx(np.array(sorted(vectors.tolist())), abs=1e-5)
        some = library.sample(COUNT // 2)
        assert 0 < len(some) < COUNT
        assert (some @ everything.T).max(axis=1) == pytest.approx(1, abs=1e-5)
        assert np.array_equal(library.sample(COUNT // 2), some)
        assert library.cosines(asked, []).shape == (0, 3)
