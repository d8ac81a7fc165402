"""Models in other formats, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.cli.conftest import Run
from tests.models.cn_clip_checkpoints import build_cn_clip
from zhclip.models import load_model


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "mine.pt"
    torch.save({"state_dict": build_cn_clip("vit").state_dict()}, path)
    return path


def test_there_and_back(zhclip: Run, checkpoint: Path, tmp_path: Path) -> None:
    there = zhclip("convert", checkpoint, tmp_path / "folder")
    assert there.returncode == 0, there.stderr
    assert "vectors differ by at most" in there.stdout
    back = zhclip("convert", tmp_path / "folder", tmp_path / "back.pt")
    assert back.returncode == 0, back.stderr
    assert (tmp_path / "back.pt").is_file()


def test_a_damaged_file(zhclip: Run, checkpoint: Path, tmp_path: Path) -> None:
    checkpoint.write_bytes(checkpoint.read_bytes()[:5000])
    result = zhclip("convert", checkpoint, tmp_path / "folder")
    assert result.returncode == 2
    assert result.stderr.startswith("zhclip: ") and result.stderr.count("\n") == 1
    assert "damaged or cut short" in result.stderr


def test_export(zhclip: Run, checkpoint: Path, tmp_path: Path) -> None:
    result = zhclip("export-onnx", tmp_path / "exported", "--model", checkpoint)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "exported" / "text.onnx").is_file()
    again = zhclip("export-onnx", tmp_path / "exported", "--model", checkpoint)
    assert (again.returncode, "exists; choose another name" in again.stderr) == (2, True)


def test_an_export_keeps_the_calibration(zhclip: Run, tmp_path: Path) -> None:
    result = zhclip("export-onnx", tmp_path / "exported", "--model", "mini")
    assert result.returncode == 0, result.stderr
    exported = load_model(tmp_path / "exported")
    assert exported.calibration is not None
    assert exported.calibration == load_model("mini").calibration
