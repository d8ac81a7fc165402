"""Folders that transformers wrote, without zhclip's settings, are read as they were trained."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from zhclip.errors import ModelError
from zhclip.models import load_model
from zhclip.models.checkpoint import fingerprint, read_preparation, weights_files
from zhclip.models.torch_encoder import TorchEncoder


@pytest.fixture
def foreign(tiny_model_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "foreign"
    shutil.copytree(tiny_model_folder, folder)
    (folder / "zhclip.json").unlink()
    return folder


def test_texts_stand_as_they_are_and_as_long_as_the_model_reads(foreign: Path) -> None:
    (foreign / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 10**30}))
    text, image = read_preparation(foreign)
    assert (text.simplify, text.context_length, image.size, image.resize) == (False, 52, 32, "squash")
    (foreign / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 20}))
    assert read_preparation(foreign)[0].context_length == 20
    assert load_model(foreign, device="cpu").encode_text("繁體").shape == (1, 16)


def test_pictures_as_the_processor_says(foreign: Path) -> None:
    settings = {"size": {"shortest_edge": 32}, "do_center_crop": True, "crop_size": 32}
    settings |= {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    (foreign / "preprocessor_config.json").write_text(json.dumps(settings))
    _, image = read_preparation(foreign)
    assert (image.size, image.mean, image.resize) == (32, (0.5, 0.5, 0.5), "crop")


def test_weights_in_shards_are_all_in_the_fingerprint(foreign: Path) -> None:
    from transformers import VisionTextDualEncoderModel

    whole = load_model(foreign, device="cpu")
    model = VisionTextDualEncoderModel.from_pretrained(foreign)
    (foreign / "model.safetensors").unlink()
    model.save_pretrained(foreign, max_shard_size="1MB")
    shards = weights_files(foreign)
    assert len(shards) > 1
    sharded = load_model(foreign, device="cpu")
    # The weights, not vectors: the last bit of a product depends on where in memory its factors lie.
    assert isinstance(whole, TorchEncoder) and isinstance(sharded, TorchEncoder)
    expected, found = whole.dual_encoder.state_dict(), sharded.dual_encoder.state_dict()
    assert expected.keys() == found.keys()
    assert all(torch.equal(found[name], value) for name, value in expected.items())
    np.testing.assert_allclose(whole.encode_text("一只狗"), sharded.encode_text("一只狗"), rtol=0, atol=1e-6)
    preparation = read_preparation(foreign)
    assert fingerprint(shards, *preparation) != fingerprint(shards[:-1], *preparation)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("preprocessor_config.json", None, r"preprocessor_config\.json is missing"),
        ("preprocessor_config.json", "{}", "does not say 'image_mean'"),
        ("config.json", '{"model_type": "bert"}', "holds a model of type 'bert'"),
        ("config.json", "{", r"config\.json cannot be read"),
        ("model.safetensors", None, r"model\.safetensors is missing"),
        ("model.safetensors", "cut", "cannot be loaded"),
    ],
)
def test_damaged_folders(foreign: Path, file: str, content: str | None, message: str) -> None:
    (foreign / file).unlink()
    if content is not None:
        (foreign / file).write_text(content)
    with pytest.raises(ModelError, match=message):
        load_model(foreign, device="cpu")
