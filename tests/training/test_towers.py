from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel, MobileNetV2Config, MobileNetV2Model

from tests.training.conftest import TEXT_TOWER, MakeConfig
from zhclip.errors import ConfigError, ModelError
from zhclip.models.dual_encoder import DualEncoder
from zhclip.models.loading import read_model
from zhclip.training.loop import train
from zhclip.training.model_config import ModelConfig
from zhclip.training.towers import assemble, keep_depthwise_in_float32, parameter_groups, train_mode

VIT = {
    "model_type": "vit", "image_size": 32, "patch_size": 8, "hidden_size": 32, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 64,
}  # fmt: skip


def trained(part: nn.Module) -> bool:
    states = {parameter.requires_grad for parameter in part.parameters()}
    assert len(states) == 1
    return states.pop()


def model_config(make_config: MakeConfig, **sections: object) -> ModelConfig:
    return ModelConfig.model_validate(make_config().model.model_dump() | sections)


@pytest.mark.parametrize("image", ["locked", "unlocked", "scratch"])
@pytest.mark.parametrize("text", ["locked", "unlocked", "scratch"])
def test_every_pair_of_states(make_config: MakeConfig, tiny_model_folder: object, image: str, text: str) -> None:
    config = model_config(
        make_config,
        start=str(tiny_model_folder),
        image={"state": image, "architecture": VIT},
        text={"state": text, "architecture": TEXT_TOWER},
        image_preparation={"size": 32} if image == "scratch" else None,
    )
    model = assemble(config).dual_encoder
    start = read_model(Path(str(tiny_model_folder))).dual_encoder
    for state, tower, before in (
        (image, model.image_tower, start.image_tower),
        (text, model.text_tower, start.text_tower),
    ):
        assert trained(tower) == (state != "locked")
        same = all(torch.equal(a, b) for a, b in zip(tower.parameters(), before.parameters(), strict=True))
        assert same == (state != "scratch")


def test_last_blocks_are_unlocked_from_the_top(make_config: MakeConfig) -> None:
    tower = {"state": "unlocked", "unlocked_blocks": 1, "weights": make_config().model.image.weights}
    model = assemble(model_config(make_config, image=tower)).dual_encoder
    open_ = {name for name, parameter in model.image_tower.named_parameters() if parameter.requires_grad}
    assert open_
    assert not any(name.startswith("embeddings") or ".0." in name for name in open_)
    assert any(name.startswith("pooler") for name in open_)


def test_more_blocks_than_there_are(make_config: MakeConfig) -> None:
    tower = {"state": "unlocked", "unlocked_blocks": 9, "weights": make_config().model.image.weights}
    with pytest.raises(ConfigError, match="unlocked_blocks is 9, but ViTModel has 2 blocks"):
        assemble(model_config(make_config, image=tower))


def test_groups_have_their_rates_and_only_matrices_decay(make_config: MakeConfig) -> None:
    config = model_config(
        make_config,
        image={"state": "unlocked", "weights": make_config().model.image.weights, "learning_rate": 1e-5},
        text={"state": "scratch", "architecture": TEXT_TOWER, "weight_decay": 0.3},
        text_projection={"state": "locked"},
    )
    model = assemble(config).dual_encoder
    groups = parameter_groups(model, config, make_config().optimizer)
    settings = {
        id(parameter): (group["lr"], group["weight_decay"]) for group in groups for parameter in group["params"]
    }
    assert len(settings) == sum(parameter.requires_grad for parameter in model.parameters())
    assert settings[id(model.logit_scale)] == (2e-3, 0.0)
    assert settings[id(model.image_projection.weight)] == (2e-3, 0.1)
    assert id(model.text_projection.weight) not in settings
    for name, parameter in model.text_tower.named_parameters():
        assert settings[id(parameter)] == (2e-3, 0.3 if parameter.ndim > 1 else 0.0), name
    for name, parameter in model.image_tower.named_parameters():
        assert settings[id(parameter)] == (1e-5, 0.1 if parameter.ndim > 1 else 0.0), name


def test_a_fresh_bert_pools_the_mean_of_its_tokens(make_config: MakeConfig) -> None:
    """Texts that differ in one word of three are told apart before any training."""
    torch.manual_seed(0)
    model = assemble(make_config().model).dual_encoder.eval()
    ids = torch.tensor([[101, 2000, 2001, 102], [101, 2000, 2002, 102], [101, 3000, 3001, 102]])
    with torch.no_grad():
        features = nn.functional.normalize(model.text_features(ids, torch.ones_like(ids)), dim=-1)
    similar, different = float(features[0] @ features[1]), float(features[0] @ features[2])
    assert different < similar < 0.999


def test_locked_towers_and_batch_norms_stay_in_evaluation_mode(make_config: MakeConfig) -> None:
    config = make_config().model
    model: DualEncoder = assemble(config).dual_encoder
    model.text_tower.add_module("norm", nn.BatchNorm1d(4))
    train_mode(model, config)
    assert not model.image_tower.training
    assert model.text_tower.training
    assert not model.text_tower.norm.training  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("architecture", "message"),
    [({"hidden_size": 3}, "names no model_type"), ({"model_type": "bertt"}, "cannot be built")],
)
def test_architectures_that_cannot_be_built(
    make_config: MakeConfig, architecture: dict[str, object], message: str
) -> None:
    with pytest.raises((ConfigError, ModelError), match=message):
        assemble(model_config(make_config, text={"state": "scratch", "architecture": architecture}))


def test_a_projection_drops_numbers_in_training_alone(make_config: MakeConfig) -> None:
    model = assemble(model_config(make_config, image_projection={"dropout": 0.5})).dual_encoder
    pooled = torch.randn(4, model.image_projection.in_features)
    model.eval()
    plain = model.image_projection(pooled)
    assert torch.equal(plain, pooled @ model.image_projection.weight.T)
    model.train()
    torch.manual_seed(0)
    dropped = torch.stack([model.image_projection(pooled) for _ in range(2000)])
    assert not torch.equal(dropped[0], dropped[1])
    assert torch.allclose(dropped.mean(0), plain, atol=0.15)  # what is kept is scaled up
    assert torch.equal(model.text_projection(pooled), pooled @ model.text_projection.weight.T)


def text_tower(folder: Path, *, pieces: int) -> dict[str, str]:
    """A text tower of its own weights, without a vocabulary beside them."""
    settings = {name: value for name, value in TEXT_TOWER.items() if name != "model_type"}
    BertModel(BertConfig(**settings | {"vocab_size": pieces})).save_pretrained(folder)
    return {"weights": str(folder), "state": "unlocked"}


def test_a_text_tower_is_read_with_the_vocabulary_beside_its_weights(make_config: MakeConfig, tmp_path: Path) -> None:
    tower = text_tower(tmp_path / "bert", pieces=6)
    with pytest.raises(ConfigError, match=r"bert has neither vocab.txt nor tokenizer.json"):
        assemble(model_config(make_config, text=tower))
    (tmp_path / "bert" / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "狗", "猫"]), "utf-8")
    text = assemble(model_config(make_config, text=tower)).text
    assert text(["狗猫"]).input_ids.tolist() == [[2, 4, 5, 3]]
    with (tmp_path / "bert" / "vocab.txt").open("a", encoding="utf-8") as file:
        file.write("\n鸟")
    with pytest.raises(ConfigError, match=r"has 7 pieces, but the text tower knows 6"):
        assemble(model_config(make_config, text=tower))


def test_a_text_longer_than_the_tower_takes(make_config: MakeConfig) -> None:
    with pytest.raises(ConfigError, match=r"texts of 60 tokens are read, but the text tower takes 52 at most"):
        assemble(model_config(make_config, context_length=60))


def test_pictures_of_a_size_that_the_tower_does_not_take(make_config: MakeConfig) -> None:
    with pytest.raises(ModelError, match=r"takes no pictures of 48 x 48"):
        assemble(model_config(make_config, image_preparation={"size": 48}))


def test_pictures_of_another_size_than_the_tower_was_made_for(make_config: MakeConfig, tmp_path: Path) -> None:
    MobileNetV2Model(MobileNetV2Config(image_size=32, depth_multiplier=0.35)).save_pretrained(tmp_path / "tower")
    image = {"weights": str(tmp_path / "tower"), "state": "locked"}
    model = model_config(make_config, image=image, image_preparation={"size": 64}).model_dump()
    train(make_config(model=model, optimizer={"max_steps": 1}))
    trained_model = read_model(Path(make_config().output) / "best")
    assert trained_model.dual_encoder.image_size == trained_model.image.size == 64


def test_depthwise_convolutions_are_computed_in_float32_and_all_else_as_before() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(4, 16, 1), nn.Conv2d(16, 16, 3, groups=16), nn.Conv2d(16, 8, 1))
    pixels = torch.randn(2, 4, 9, 9)
    names = {name: value.clone() for name, value in model.state_dict().items()}
    plain = model(pixels)
    keep_depthwise_in_float32(model)
    seen: list[torch.dtype] = []
    for module in model:
        module.register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    with torch.autocast("cpu", torch.bfloat16):
        found = model(pixels)
    assert seen == [torch.bfloat16, torch.float32, torch.bfloat16]
    assert torch.allclose(found.float(), plain, atol=0.02)
    assert torch.equal(model(pixels), plain)
    found.float().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in model.parameters())
    assert all(torch.equal(value, names[name]) for name, value in model.state_dict().items())
