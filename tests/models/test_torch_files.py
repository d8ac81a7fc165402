"""Checkpoints as training loops write them: around the weights whatever they keep, in names what wraps the model."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cn_clip.clip.model import convert_state_dict

from tests.models.cn_clip_checkpoints import build_cn_clip
from zhclip.errors import ModelError
from zhclip.models import load_model
from zhclip.models.chinese_clip import read_checkpoint, to_dual_encoder

State = dict[str, torch.Tensor]


@pytest.fixture
def state(family: str) -> State:
    return dict(build_cn_clip(family).state_dict())


def same(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda name: f"module.{name}",
        lambda name: f"module.module.{name}",
        lambda name: f"_orig_mod.{name}",
        lambda name: f"module._orig_mod.{name}",
        lambda name: f"_orig_mod.module.{name}",
        lambda name: name.replace("visual.", "visual._orig_mod."),
        lambda name: f"model.{name}",
        lambda name: f"_fsdp_wrapped_module.{name}".replace("bert.", "bert._fsdp_wrapped_module."),
    ],
)
def test_what_wraps_the_model_is_no_part_of_the_names(state: State, tmp_path: Path, wrap: Callable[[str], str]) -> None:
    torch.save({wrap(name): value for name, value in state.items()}, tmp_path / "a.pt")
    assert same(read_checkpoint(tmp_path / "a.pt"), state)


@pytest.mark.parametrize(
    "place",
    [
        lambda state: {"model_state_dict": state, "epoch": 3},
        lambda state: {"model": state, "optimizer": {"state": {0: {"exp_avg": torch.zeros(3)}}}},
        lambda state: {"epoch": 3, "network": {"weights": state}},
        lambda state: {"ema": {"x": torch.zeros(1)}, "state_dict": {f"module.{n}": v for n, v in state.items()}},
    ],
)
def test_the_weights_are_found_where_training_loops_put_them(
    state: State, tmp_path: Path, place: Callable[[State], Any]
) -> None:
    torch.save(place(state), tmp_path / "a.pt")
    assert same(read_checkpoint(tmp_path / "a.pt"), state)


@pytest.mark.parametrize(
    "number",
    [np.float32(1e-5), np.float64(1e-5), np.float16(0.5), np.int64(3), np.int32(3), np.uint8(3), np.bool_(True)],
    ids=lambda number: type(number).__name__,
)
def test_numpy_numbers_are_read(tmp_path: Path, number: Any) -> None:
    state = build_cn_clip("vit").state_dict()
    content = {"state_dict": state, "step": number, "optimizer": {"param_groups": [{"lr": number}]}}
    torch.save(content, tmp_path / "a.pt")
    assert same(read_checkpoint(tmp_path / "a.pt"), dict(state))


def test_flash_attentions_names_are_those_of_plain_attention(family: str, state: State, tmp_path: Path) -> None:
    fused = convert_state_dict(dict(state))
    assert fused.keys() != state.keys()
    torch.save({"state_dict": {f"module.{name}": value for name, value in fused.items()}}, tmp_path / "a.pt")
    assert same(read_checkpoint(tmp_path / "a.pt"), state)
    to_dual_encoder(read_checkpoint(tmp_path / "a.pt"), source=tmp_path)


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_no_numbers_are_refused(state: State, tmp_path: Path, odd: float) -> None:
    state["visual.conv1.weight"].view(-1)[-1] = odd
    torch.save(state, tmp_path / "diverged.pt")
    with pytest.raises(ModelError, match=r"diverged\.pt holds weights that are NaN or infinite, 'visual\.conv1\.weig"):
        load_model(tmp_path / "diverged.pt")


def test_a_weight_that_claims_more_than_the_file_holds_is_refused(state: State, tmp_path: Path) -> None:
    state["bert.embeddings.word_embeddings.weight"] = torch.zeros(1).expand(2_000_000_000, 768)
    torch.save(state, tmp_path / "bomb.pt")
    assert (tmp_path / "bomb.pt").stat().st_size < 10_000_000
    with pytest.raises(ModelError, match="holds no plain numbers for the weight 'bert"):
        load_model(tmp_path / "bomb.pt")


def test_a_layer_of_a_huge_number_is_refused(state: State, tmp_path: Path) -> None:
    state["bert.encoder.layer.999999999.output.dense.bias"] = torch.zeros(128)
    torch.save(state, tmp_path / "bomb.pt")
    with pytest.raises(ModelError, match=r"bomb\.pt is no whole Chinese-CLIP checkpoint"):
        load_model(tmp_path / "bomb.pt")


def test_several_models_in_one_file_are_named(state: State, tmp_path: Path) -> None:
    both = {f"{name}.{key}": value for name in ("student", "teacher") for key, value in state.items()}
    torch.save(both, tmp_path / "both.pt")
    with pytest.raises(ModelError, match=r"holds several models \(student\., teacher\.\)"):
        load_model(tmp_path / "both.pt")
    torch.save(state | {f"module.{name}": value for name, value in state.items()}, tmp_path / "twice.pt")
    with pytest.raises(ModelError, match="several weights of one name"):
        load_model(tmp_path / "twice.pt")


def test_transformers_prints_no_table(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    state = build_cn_clip("vit").state_dict()
    del state["bert.encoder.layer.1.output.dense.bias"]
    torch.save(state, tmp_path / "lacking.pt")
    with pytest.raises(ModelError, match="lacks weights: 1"):
        load_model(tmp_path / "lacking.pt")
    assert "REPORT" not in "".join(capfd.readouterr())


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["pipe.pt", "/dev/zero"])
def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if not path.exists():
        os.mkfifo(path)
    with pytest.raises(ModelError):
        load_model(path)
    with pytest.raises(ModelError, match="is no regular file"):
        read_checkpoint(path)
