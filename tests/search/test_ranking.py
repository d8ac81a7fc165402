"""What queries of several parts find, compared with every picture scored one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.library.pictures import save_photo
from tests.search.encoders import SpreadEncoder
from zhclip.errors import QueryError
from zhclip.models.calibration import Calibration
from zhclip.search import Hit, Library, Part, Query, Where
from zhclip.search.mixing import COPY, EVERYDAY, PICTURE_STRENGTH, TEXT_STRENGTH

COUNT = 150


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    for number in range(COUNT):
        save_photo(folder / f"{number:03}.png", seed=number, size=(48, 32) if number % 3 else (32, 48))
    save_photo(folder / "again" / "000.png", seed=0, size=(32, 48))
    return folder


@pytest.fixture(scope="module")
def library(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("library") / "many.db", model=SpreadEncoder()) as library:
        library.add(folder)
        yield library


@pytest.fixture
def calibrated(library: Library, monkeypatch: pytest.MonkeyPatch) -> Library:
    """The library with a model that knows what its cosines mean: a half at 0.25, the threshold there."""
    monkeypatch.setattr(library.encoder, "calibration", Calibration(slope=20.0, offset=-5.0, threshold=0.5))
    return library


class Exhaustive:
    """Every picture of the folder, scored by the rules as the documentation states them."""

    def __init__(self, library: Library, folder: Path) -> None:
        self.encoder = library.encoder
        self.paths = sorted(folder.glob("*.png"))
        self.pictures = self.encoder.encode_image(self.paths).astype(np.float64)
        files = np.vstack([self.pictures, self.pictures[:1]])  # one has a copy
        texts = files @ self.encoder.encode_text(EVERYDAY).T
        others = files @ files.T
        np.fill_diagonal(others, np.nan)
        self.usual = {
            True: (texts.mean(), texts.std(axis=0).mean()),
            False: (np.nanmean(others), np.nanstd(others, axis=0).mean()),
        }

    def cosines(self, part: Part) -> NDArray[np.float64]:
        encode = self.encoder.encode_text if part.text else self.encoder.encode_image
        return self.pictures @ encode(part.content)[0]  # type: ignore[operator]

    def fit(self, part: Part) -> NDArray[np.float64]:
        mean, spread = self.usual[part.text is not None]
        return (self.cosines(part) - mean) / spread

    def order(self, query: Query) -> list[Path]:
        fits = np.stack([self.fit(part) for part in query.parts])
        weights = np.array([1.0 if query.every else part.weight for part in query.parts])
        weights /= weights.sum()
        spreads = np.array([self.usual[part.text is not None][1] for part in query.parts])
        scores = fits.min(axis=0) if query.every else weights @ fits
        if not query.every:  # as a cosine with the mix
            mixed = sum(
                weight
                / spread
                * (self.encoder.encode_text if part.text else self.encoder.encode_image)(part.content)[0]  # type: ignore[operator]
                for weight, spread, part in zip(weights, spreads, query.parts, strict=True)
            )
            scores = scores / np.linalg.norm(mixed)
        else:
            scores = scores * (weights @ spreads)
        for part in query.exclude:
            strength = TEXT_STRENGTH if part.text else PICTURE_STRENGTH
            scores = scores - strength * part.weight * (weights @ spreads) * np.maximum(self.fit(part), 0)
            if not part.text:
                scores[self.cosines(part) > COPY] = -np.inf
        kept = np.flatnonzero(np.isfinite(scores))
        return [self.paths[row] for row in kept[np.argsort(-scores[kept])]]


@pytest.fixture(scope="module")
def exhaustive(library: Library, folder: Path) -> Exhaustive:
    return Exhaustive(library, folder)


def queries(folder: Path) -> dict[str, Query]:
    picture, other = folder / "003.png", folder / "077.png"
    return {
        "texts": Query(Part("花"), Part("蜜蜂", 2.0)),
        "text and picture": Query("街景", picture),
        "weighted": Query(Part("街景", 3.0), Part(picture, 0.5), Part(other, 1.5)),
        "excluded text": Query("海滩", exclude="人"),
        "excluded picture": Query("海滩", exclude=picture),
        "mix and exclusions": Query("海滩", picture, exclude=[Part("人", 2.0), other, "狗"]),
        "every text": Query("狗", "海滩", "雪", every=True),
        "every modality": Query("狗", picture, every=True),
        "every and exclusions": Query("狗", "海滩", every=True, exclude=["人", other]),
    }


@pytest.mark.parametrize("name", queries(Path()))
def test_pages_are_the_order_of_every_picture_scored_alone(
    name: str, library: Library, folder: Path, exhaustive: Exhaustive
) -> None:
    query = queries(folder)[name]
    paged: list[Hit] = []
    for offset in range(0, COUNT, 40):
        paged += library.search(query, top_k=40, offset=offset)
    assert [hit.path.name for hit in paged] == [path.name for path in exhaustive.order(query)]
    assert [hit.rank for hit in paged] == list(range(1, len(paged) + 1))
    scores = [hit.score for hit in paged]
    assert scores == sorted(scores, reverse=True)
    assert library.search(query, top_k=3) == paged[:3]
    assert library.search(query, top_k=5, offset=31) == paged[31:36]
    assert library.search(query, offset=COUNT) == []


def test_an_excluded_picture_is_gone_with_its_copies(library: Library, folder: Path) -> None:
    excluded = folder / "000.png"
    hits = library.search(Query("海滩", exclude=excluded), top_k=COUNT)
    assert len(hits) == COUNT - 1
    assert excluded not in {path for hit in hits for path in hit.metadata["paths"]}


def test_files_of_the_same_content_are_one_hit_of_a_mix(library: Library, folder: Path) -> None:
    best = library.search(Query(folder / "000.png", folder / "000.png", "海滩"), top_k=1)[0]
    assert best.metadata["paths"] == [folder / "000.png", folder / "again" / "000.png"]


def test_a_filter_holds_whatever_the_query(library: Library, folder: Path) -> None:
    where = Where(orientation="portrait")
    for query in queries(folder).values():
        whole = [hit.path for hit in library.search(query, top_k=COUNT)]
        upright = library.search(query, top_k=COUNT, where=where)
        assert [hit.path for hit in upright] == [path for path in whole if int(path.stem) % 3 == 0]
        own = Query(*query.parts, exclude=query.exclude, every=query.every, where=where)
        assert library.search(own, top_k=COUNT) == upright
        with pytest.raises(QueryError, match="one place"):
            library.search(own, where=where)


def test_relevance_is_that_of_the_text(calibrated: Library) -> None:
    calibration = calibrated.encoder.calibration
    assert calibration is not None
    everything = calibrated.search(Query("海滩", min_relevance=0), top_k=COUNT)
    assert len(everything) == COUNT
    for hit in everything:
        assert hit.relevance == pytest.approx(float(calibration.relevance(hit.score)))
    likely = [hit for hit in everything if (hit.relevance or 0) >= 0.5]
    assert 0 < len(likely) < COUNT
    assert calibrated.search("海滩", top_k=COUNT) == likely
    assert calibrated.search("海滩", offset=len(likely)) == []
    # What is excluded changes the order, and not how likely the text itself fits.
    excluding = calibrated.search(Query("海滩", exclude="人"), top_k=COUNT)
    assert {hit.path: hit.relevance for hit in excluding} == {hit.path: hit.relevance for hit in likely}


def test_relevance_of_every_part_is_the_smallest(calibrated: Library) -> None:
    alone = [
        {hit.path: hit.relevance for hit in calibrated.search(Query(text, min_relevance=0), top_k=COUNT)}
        for text in ("狗", "海滩")
    ]
    for hit in calibrated.search(Query("狗", "海滩", every=True, min_relevance=0), top_k=COUNT):
        assert hit.relevance == pytest.approx(min(relevances[hit.path] or 0 for relevances in alone))
    shown = calibrated.search(Query("狗", "海滩", every=True), top_k=COUNT)
    assert all((hit.relevance or 0) >= 0.5 for hit in shown)


def test_nothing_fits(calibrated: Library) -> None:
    for query in (Query("海滩", min_relevance=1), Query("狗", "海滩", every=True, min_relevance=1)):
        assert calibrated.search(query) == []


@pytest.mark.parametrize("query", [Query("🐶"), Query("a" * 500), Query("مرحبا"), Query("海滩", "🐱", every=True)])
def test_nothing_is_found_with_confidence_for_what_the_model_does_not_know(calibrated: Library, query: Query) -> None:
    assert calibrated.search(query) == []
    shown = calibrated.search(Query(*query.parts, every=query.every, min_relevance=0), top_k=5)
    assert [hit.relevance for hit in shown] == [0.0] * 5


def test_what_no_calibration_covers_has_no_relevance(calibrated: Library, folder: Path) -> None:
    for query in (Query("狗", "海滩"), Query("狗", folder / "003.png", every=True), Query(folder / "003.png")):
        hits = calibrated.search(query, top_k=COUNT)
        assert len(hits) == COUNT
        assert all(hit.relevance is None for hit in hits)


def test_negation_is_an_exclusion_that_can_be_switched_off(library: Library) -> None:
    understood = library.search("没有人的海滩", top_k=20)
    assert understood == library.search(Query("海滩", exclude="人"), top_k=20)
    assert library.search(Query("没有人的海滩", negation=False), top_k=20) != understood


@pytest.mark.parametrize(
    ("form", "plain"),
    [
        ("一隻戴著帽子的貓", "一只戴着帽子的猫"),
        ("ＤＯＧ　ｏｎ　ｔｈｅ　ｂｅａｃｈ", "dog on the beach"),
        ("海灘上的ＤＯＧ", "海滩上的dog"),
        ("沒有人的海灘", "没有人的海滩"),
        ("  A Red   CAR ", "a red car"),
        ("“夕阳”…", '"夕阳"...'),
    ],
)
def test_spellings_of_the_same_words_find_the_same(library: Library, form: str, plain: str) -> None:
    for query, usual in (
        (Query(form), Query(plain)),
        (Query("雪", form, every=True), Query("雪", plain, every=True)),
        (Query("雪", exclude=form), Query("雪", exclude=plain)),
    ):
        assert library.search(query, top_k=30) == library.search(usual, top_k=30)


def test_the_scales_follow_the_library(folder: Path, tmp_path: Path) -> None:
    query = Query("街景", folder / "003.png", exclude="人")
    with Library(tmp_path / "grows.db", model=SpreadEncoder()) as grows:
        grows.add(folder / "003.png", folder / "004.png")
        assert len(grows.search(query)) == 2
        grows.add(folder)
        after = grows.search(query, top_k=COUNT)
    with Library(tmp_path / "grows.db", model=SpreadEncoder()) as opened:
        assert opened.search(query, top_k=COUNT) == after
