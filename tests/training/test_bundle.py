"""What ``train/bundle.py`` writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import VisionTextDualEncoderModel

from tests.conftest import REPOSITORY
from tests.training.conftest import MakeConfig
from zhclip.models import load_model
from zhclip.training.loop import train


def bundle(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, REPOSITORY / "train" / "bundle.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture
def runs(make_config: MakeConfig, tmp_path: Path) -> list[Path]:
    found = []
    for seed in range(2):
        folder = tmp_path / f"seed-{seed}"
        train(make_config(seed=seed, output=str(folder), optimizer={"max_steps": 1}))
        found.append(folder / "best")
    return found


def test_several_runs_become_the_mean_of_their_weights(runs: list[Path], tmp_path: Path) -> None:
    (tmp_path / "mean").mkdir()
    (tmp_path / "mean" / "calibration.json").write_text("that of other weights", "utf-8")
    result = bundle(*runs, "--output", tmp_path / "mean")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"wrote {tmp_path / 'mean'};")
    assert not (tmp_path / "mean" / "calibration.json").exists()
    first, second, mean = (load_file(folder / "model.safetensors") for folder in (*runs, tmp_path / "mean"))
    for name, value in mean.items():
        small = name.startswith("text_model.") and value.ndim == 2
        assert value.dtype == (torch.float8_e4m3fn if small else torch.float16)
        tolerance = {"rtol": 0.07, "atol": 1e-3} if small else {"rtol": 1e-3, "atol": 1e-6}
        torch.testing.assert_close(value.float(), (first[name] + second[name]) / 2, **tolerance)
    assert str(tmp_path) not in (tmp_path / "mean" / "config.json").read_text("utf-8"), "paths are nobody's business"
    VisionTextDualEncoderModel.from_pretrained(tmp_path / "mean")
    assert load_model(tmp_path / "mean", device="cpu").encode_text("一个红色的圆形").shape == (1, 16)


def test_models_of_other_shapes_have_no_mean(runs: list[Path], tmp_path: Path) -> None:
    result = bundle(runs[0], "mini", "--output", tmp_path / "mean")
    assert result.returncode == 2
    assert "only runs of one architecture" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "mean").exists()


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    result = bundle(tmp_path / "nowhere", "--output", tmp_path / "mean")
    assert result.returncode == 2
    assert "nowhere" in result.stderr
