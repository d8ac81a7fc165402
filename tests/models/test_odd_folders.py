"""Model folders of which a file is not what it should be: each is named, none is waited for or read without end."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from zhclip.errors import ModelError
from zhclip.models import load_model

SETTINGS = ("config.json", "zhclip.json", "calibration.json")
ODD = {
    "a list": "[]",
    "a number": "1",
    "a text": '"config"',
    "null": "null",
    "deep": "[" * 100_000,
    "no JSON": "{",
    "not UTF-8": b"\xff\xfe",
    "lists in it": '{"text": [], "image": [], "slope": [], "model_type": []}',
    "other values": '{"text": {"x": 1}, "image": {"mean": 1, "std": null, "y": 2}, "slope": null, "model_type": 5}',
}


@pytest.fixture
def folder(tiny_model_folder: Path, tmp_path: Path) -> Path:
    target = tmp_path / "model"
    shutil.copytree(tiny_model_folder, target)
    return target


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_settings_that_are_none(folder: Path, name: str, content: str | bytes) -> None:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ModelError, match="model"):
        load_model(folder, backend="torch")


def test_foreign_settings_that_are_lists(folder: Path) -> None:
    (folder / "zhclip.json").unlink()
    (folder / "preprocessor_config.json").write_text("[]")
    with pytest.raises(ModelError, match=r"preprocessor_config\.json holds a list instead of a JSON object"):
        load_model(folder, backend="torch")


@pytest.mark.parametrize("name", [*SETTINGS, "vocab.txt"])
def test_a_line_of_hundreds_of_megabytes_is_not_read(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as file:
        file.truncate(300_000_000)  # of which the disk keeps nothing
    with pytest.raises(ModelError, match="over the limit"):
        load_model(folder, backend="torch")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [*SETTINGS, "vocab.txt", "model.safetensors"])
def test_a_pipe_is_not_waited_for(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(ModelError):
        load_model(folder, backend="torch")


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(folder: Path, odd: float) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["text_projection.weight"][0, 0] = odd
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"NaN or infinite, 'text_projection\.weight' among"):
        load_model(folder, backend="torch")


def test_weights_that_are_missing_are_not_made_up(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["text_projection.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks weights: 1, 'text_projection\.weight'"):
        load_model(folder, backend="torch")
    assert "REPORT" not in "".join(capfd.readouterr())


def test_the_folder_as_it_is_loads(folder: Path) -> None:
    assert json.loads((folder / "config.json").read_text())["model_type"]
    assert load_model(folder, backend="torch").dim == 16
