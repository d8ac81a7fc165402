"""The locked part of an image tower and the trained part behind it are the tower."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from transformers import (
    BertConfig,
    BertModel,
    ChineseCLIPConfig,
    ChineseCLIPModel,
    MobileNetV2Config,
    MobileNetV2Model,
    ViTConfig,
    ViTModel,
)

from tests.training.conftest import TEXT_TOWER, MakeConfig
from zhclip.errors import ConfigError
from zhclip.models import TextPreparation
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.onnx_export import on_cpu
from zhclip.training.journal import read_journal
from zhclip.training.locked_part import LockedPart, TrainedPart
from zhclip.training.loop import train
from zhclip.training.pooling import add_mean_pooling
from zhclip.training.text_cache import TextCache
from zhclip.training.texts import TokenizedTexts
from zhclip.training.towers import unlock_last_blocks

SMALL = {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 64}


def make_model(kind: str) -> DualEncoder:
    torch.manual_seed(0)
    if kind == "chinese-clip":
        vision = SMALL | {"image_size": 32, "patch_size": 8}
        return DualEncoder(ChineseCLIPModel(ChineseCLIPConfig(text_config=SMALL, vision_config=vision)))
    tower = (
        ViTModel(ViTConfig(image_size=32, patch_size=8, **SMALL))
        if kind == "vit"
        else MobileNetV2Model(MobileNetV2Config(image_size=32, depth_multiplier=0.35))
    )
    return DualEncoder.from_towers(tower.eval(), BertModel(BertConfig(**SMALL)), 16)


@pytest.mark.parametrize("kind", ["vit", "mobilenet", "chinese-clip"])
@pytest.mark.parametrize("blocks", [0, 2, 4])
def test_both_parts_together_give_features_and_gradients_of_the_tower(kind: str, blocks: int) -> None:
    model = make_model(kind).eval()
    if blocks:
        unlock_last_blocks(model.image_tower, blocks)
    else:
        model.image_tower.requires_grad_(False)
    locked = LockedPart(model)
    trained = TrainedPart(model, locked)
    pixels = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        values = locked(pixels)
    assert torch.allclose(trained(values), model.image_features(pixels), atol=1e-5)

    def gradients(features: torch.Tensor) -> list[torch.Tensor]:
        model.zero_grad()
        features.square().sum().backward()
        return [value.grad.clone() for value in model.parameters() if value.grad is not None]

    for ours, whole in zip(gradients(trained(values)), gradients(model.image_features(pixels)), strict=True):
        assert torch.allclose(ours, whole, atol=1e-4, rtol=1e-3)


def test_onnx_runtime_gives_the_same_locked_part() -> None:
    model = make_model("mobilenet").eval()
    unlock_last_blocks(model.image_tower, 3)
    locked = LockedPart(model)
    pixels = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        expected = locked(pixels)
    found = torch.from_numpy(on_cpu(locked, 32)(pixels.numpy()))
    assert found.shape == expected.shape and torch.allclose(found, expected, atol=1e-4)


def test_training_from_the_cache_is_training_without_it(make_config: MakeConfig, tmp_path: Path) -> None:
    losses = []
    for views in (0, 1):
        config = make_config(
            output=str(tmp_path / f"run-{views}"),
            model={"image": {"state": "unlocked", "unlocked_blocks": 1, "weights": make_config().model.image.weights}},
            cache={"views": views, "folder": str(tmp_path / "cache")},
        )
        train(config)
        losses.append(
            [entry["loss"] for entry in read_journal(tmp_path / f"run-{views}" / "log.jsonl") if "loss" in entry]
        )
    assert losses[0] == pytest.approx(losses[1], rel=2e-3)  # the cache holds float16


def test_a_tower_that_is_wholly_trained_has_nothing_to_cache(make_config: MakeConfig) -> None:
    weights = make_config().model.image.weights
    for image in (
        {"state": "unlocked", "weights": weights},
        {"state": "unlocked", "weights": weights, "unlocked_blocks": 0},
    ):
        with pytest.raises((ConfigError, ValueError), match="nothing of the image tower is locked"):
            make_config(model={"image": image}, cache={"views": 2})


@pytest.mark.parametrize("layers", [None, 0, 1, 3])
def test_texts_are_cached_up_to_the_first_trained_layer(layers: int | None, tmp_path: Path) -> None:
    model = make_model("vit").eval()
    if layers is None:
        model.text_tower.requires_grad_(False)
    else:
        unlock_last_blocks(model.text_tower, layers)
    strings = ["一只狗", "a dog runs over the grass", "夕阳 大海 沙滩", "猫", "猫"]
    texts = TokenizedTexts.from_strings(strings, TextPreparation())
    cached = TextCache(tmp_path, model, Accelerator(cpu=True))(texts)
    rows = np.array([4, 0, 2, 1])
    assert list(cached.identities) == list(texts.identities)
    found = cached.features(model, cached.buckets(rows))
    expected = texts.features(model, texts.buckets(rows))
    assert torch.allclose(found, expected, atol=2e-3)
    found.sum().backward()
    trained = [parameter.grad is not None for parameter in model.text_tower.parameters() if parameter.requires_grad]
    assert all(trained) and bool(trained) == (layers is not None)
    assert len(cached.values) == (len(texts.tokens) if layers else len(strings))

    written = list(tmp_path.glob("*.npy"))
    stamp = written[0].stat().st_mtime_ns
    again = TextCache(tmp_path, model, Accelerator(cpu=True))(texts)
    assert [path.stat().st_mtime_ns for path in tmp_path.glob("*.npy")] == [stamp], "computed once"
    assert torch.equal(again.features(model, again.buckets(rows)), found)


def test_of_a_layer_that_pools_the_mean_the_feed_forward_part_is_trained_on_one_vector(tmp_path: Path) -> None:
    model = make_model("vit").eval()
    model.model.text_model = add_mean_pooling(model.text_tower).eval()
    with torch.no_grad():
        model.text_tower.encoder.layer[-1].output.dense.weight.normal_(0, 0.02)
    unlock_last_blocks(model.text_tower, 0)
    trained = {name for name, parameter in model.text_tower.named_parameters() if parameter.requires_grad}
    last = len(model.text_tower.encoder.layer) - 1
    assert {name.rsplit(".", 2)[0] for name in trained} == {
        "pooler", f"encoder.layer.{last}.intermediate", f"encoder.layer.{last}.output"
    }  # fmt: skip
    texts = TokenizedTexts.from_strings(["一只狗", "a dog runs over the grass", "夕阳 大海 沙滩"], TextPreparation())
    cached = TextCache(tmp_path, model, Accelerator(cpu=True))(texts)
    rows = np.array([2, 0, 1])
    found, expected = (some.features(model, some.buckets(rows)) for some in (cached, texts))
    assert torch.allclose(found, expected, atol=2e-3)
    assert len(cached.values) == 3
    found.sum().backward()
    assert all((parameter.grad is not None) == parameter.requires_grad for parameter in model.text_tower.parameters())


def test_a_run_with_cached_texts_learns_as_one_without(make_config: MakeConfig, tmp_path: Path) -> None:
    # What the cache keeps has no dropout.
    still = TEXT_TOWER | {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    text = {"state": "scratch", "architecture": still}
    train(make_config(output=str(tmp_path / "start"), model={"text": text}))
    losses = []
    for cached in (True, False):
        config = make_config(
            output=str(tmp_path / f"texts-{cached}"),
            model={
                "start": str(tmp_path / "start" / "best"),
                "image": {"state": "locked"},
                "text": {"state": "unlocked", "unlocked_blocks": 1},
                "image_preparation": None,
            },
            cache={"texts": cached},
        )
        train(config)
        losses.append(
            [entry["loss"] for entry in read_journal(tmp_path / f"texts-{cached}" / "log.jsonl") if "loss" in entry]
        )
    assert losses[0] == pytest.approx(losses[1], abs=5e-3)
