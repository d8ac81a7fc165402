"""``zhclip calibrate`` from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from zhclip import models
from zhclip.cli.demo import SAMPLES
from zhclip.models.calibration import FEATURES, read_calibration

MINI = Path(models.__file__).parent / "mini"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The sample pictures, with what their files are called as captions, and names of what they show."""
    pictures = sorted(SAMPLES.glob("*.jpg"))
    captions = [{"image": str(picture), "en": ["a " + picture.stem.replace("-", " ")]} for picture in pictures]
    names = [{"image": str(picture), "en": picture.stem.partition("-")[0], "split": "val"} for picture in pictures]
    for name, lines in (("captions", captions), ("names", names)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return tmp_path


def test_captions_and_names_become_a_calibration(zhclip: Run, data: Path) -> None:
    model = data / "model"
    shutil.copytree(MINI, model)
    (model / "calibration.json").write_text("damaged", "utf-8")  # which is no reason not to make a new one
    result = zhclip(
        "calibrate", data / "captions.jsonl", "--labelled", f"{data / 'names.jsonl'}:val", "-m", model,
        "--plot", data / "plot.png",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "captions: keeps " in result.stdout and "names: keeps " in result.stdout
    assert (data / "plot.png").stat().st_size > 5000
    fitted = read_calibration(model)
    assert fitted is not None and fitted.reference is not None
    assert set(fitted.weights) == set(FEATURES)


@pytest.mark.parametrize("labelled", ["missing.jsonl", "names.jsonl:test"])
def test_labels_that_are_not_there_are_named(zhclip: Run, data: Path, labelled: str) -> None:
    model = data / "model"
    shutil.copytree(MINI, model)
    result = zhclip("calibrate", data / "captions.jsonl", "--labelled", data / labelled, "-m", model)
    assert result.returncode in (1, 2)
    assert labelled.partition(":")[0] in result.stderr
    assert "Traceback" not in result.stderr
