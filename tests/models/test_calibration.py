"""Calibrations of models: the curve of a query, and the file."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from zhclip.errors import ModelError
from zhclip.models.calibration import FEATURES, Calibration, query_features, read_calibration


def unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture
def calibration() -> Calibration:
    reference = unit(np.random.default_rng(0).standard_normal((64, 8)))
    weights = {"tokens": 0.5, "pictures": -0.3, "spread": 2.0}
    return Calibration(12.0, -4.0, 0.2, weights, reference)


def test_relevance_rises_with_the_cosine() -> None:
    values = Calibration(12, -4, 0.2).relevance(np.linspace(-1, 1, 50, dtype=np.float32))
    assert ((values > 0) & (values < 1)).all() and (np.diff(values) > 0).all()


def test_features_of_queries_are_those_of_the_plain_formula() -> None:
    random = np.random.default_rng(1)
    vectors, reference = unit(random.standard_normal((5, 8))), unit(random.standard_normal((300, 8)))
    found = query_features(vectors, np.array([1, 2, 3, 4, 0]), 1000, reference)
    assert found.shape == (5, len(FEATURES))
    for row, (vector, tokens) in enumerate(zip(vectors, [1, 2, 3, 4, 1], strict=True)):
        cosines = np.sort(reference @ vector)
        spread = np.median(cosines) - np.quantile(cosines, 0.16)
        np.testing.assert_allclose(found[row], [math.log(tokens), math.log(1000), spread], rtol=1e-4)


def test_the_curve_of_a_query_is_moved_by_what_is_known_of_it(calibration: Calibration) -> None:
    vector = unit(np.random.default_rng(2).standard_normal(8))
    curve = calibration.for_query(vector, 3, 1000)
    assert calibration.reference is not None
    features = query_features(vector[None], np.array([3]), 1000, calibration.reference)[0]
    moved = sum(calibration.weights[name] * value for name, value in zip(FEATURES, features, strict=True))
    assert (curve.slope, curve.threshold, curve.weights) == (12.0, 0.2, {})
    assert curve.offset == pytest.approx(-4.0 + moved)
    assert calibration.for_query(vector, 3, 10).offset > curve.offset  # in few pictures a cosine says more
    assert calibration.for_query(vector, 3).offset == pytest.approx(calibration.for_query(vector, 3, 64).offset)


def test_nothing_is_relevant_to_a_query_of_no_known_token(calibration: Calibration) -> None:
    vector = unit(np.ones(8))
    for one in (calibration, Calibration(12, -4, 0.2)):
        assert one.for_query(vector, 0, 100).relevance(np.array([0.5, 1.0])).tolist() == [0.0, 0.0]


def test_a_calibration_without_weights_has_one_curve() -> None:
    plain = Calibration(12, -4, 0.2)
    assert plain.for_query(unit(np.ones(8)), 3, 10) == plain.for_query(unit(np.arange(8) + 1.0), 9, 10_000) == plain


def test_it_is_read_as_it_was_written(calibration: Calibration, tmp_path: Path) -> None:
    assert read_calibration(tmp_path) is None
    for one in (calibration, Calibration(12, -4, 0.2)):
        one.save(tmp_path)
        read = read_calibration(tmp_path)
        assert read == one
    calibration.save(tmp_path)
    read = read_calibration(tmp_path)
    assert read is not None and read.reference is not None and calibration.reference is not None
    np.testing.assert_allclose(read.reference, calibration.reference, atol=1e-3)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"slope": 1}',
        '{"slope": -1, "offset": 0, "threshold": 0.5}',
        '{"slope": 1, "offset": NaN, "threshold": 0.5}',
        '{"slope": 1, "offset": 0, "threshold": 0.5, "tilt": 3}',
        '{"slope": 1, "offset": 0, "threshold": 0.5, "weights": {"spread": 1}}',
        '{"slope": 1, "offset": 0, "threshold": 0.5, "weights": {"moon": 1}, '
        '"reference": {"dim": 1, "float16": "ADw="}}',
        '{"slope": 1, "offset": 0, "threshold": 0.5, "weights": {"spread": Infinity}, '
        '"reference": {"dim": 1, "float16": "ADw="}}',
        '{"slope": 1, "offset": 0, "threshold": 0.5, "weights": {}, "reference": {"dim": 3, "float16": "ADw="}}',
        '{"slope": 1, "offset": 0, "threshold": 0.5, "weights": {}, "reference": {"dim": 1, "float16": "AHw="}}',
        '{"slope": 1, "offset": 0, "threshold": 0.5, "weights": {}, "reference": {"dim": 1, "float16": "%"}}',
        '{"slope": 1, "offset": 0, "threshold": 0.5, "weights": {}, "reference": []}',
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "calibration.json").write_text(content)
    with pytest.raises(ModelError, match=r"calibration\.json"):
        read_calibration(tmp_path)


def test_a_reference_of_another_length_than_the_model_is_refused(tmp_path: Path, calibration: Calibration) -> None:
    calibration.save(tmp_path)
    values = json.loads((tmp_path / "calibration.json").read_text())
    with pytest.raises(ModelError, match=r"calibration\.json.*8"):
        read_calibration(tmp_path, dim=16)
    assert values["reference"]["dim"] == 8
    assert read_calibration(tmp_path, dim=8) == calibration
