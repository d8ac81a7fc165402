from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn.functional import cosine_similarity, layer_norm
from transformers import AutoModel, BertConfig, BertModel

from zhclip.errors import ConfigError
from zhclip.training.pooling import POOLED_SCALE, add_mean_pooling, mean_pooling_layer

SMALL = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
IDS = torch.tensor([[5, 8, 9, 6, 0, 0], [5, 11, 12, 13, 14, 6]])
MASK = torch.tensor([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])


@pytest.fixture
def tower() -> BertModel:
    torch.manual_seed(0)
    return BertModel(BertConfig(**SMALL), add_pooling_layer=False).eval()


@torch.no_grad()
def test_what_is_pooled_is_the_mean_over_all_tokens_but_padding(tower: BertModel) -> None:
    tokens = tower(input_ids=IDS, attention_mask=MASK).last_hidden_state
    mean = (tokens * MASK[..., None]).sum(1) / MASK.sum(1, keepdim=True)
    pooled = add_mean_pooling(tower).eval()(input_ids=IDS, attention_mask=MASK).pooler_output
    expected = torch.tanh(POOLED_SCALE * layer_norm(mean, (32,)))
    assert cosine_similarity(pooled, expected).min() > 0.9995


@torch.no_grad()
def test_it_opens_in_plain_transformers(tower: BertModel, tmp_path: Path) -> None:
    pooled = add_mean_pooling(tower).eval()
    pooled.save_pretrained(tmp_path)
    opened = AutoModel.from_pretrained(tmp_path).eval()
    assert torch.equal(opened(IDS, MASK).pooler_output, pooled(IDS, MASK).pooler_output)


def test_the_pooling_layer_can_learn(tower: BertModel) -> None:
    pooled = add_mean_pooling(tower)
    pooled(IDS, MASK).pooler_output[:, :5].sum().backward()
    layer = pooled.encoder.layer[-1]
    for linear in (layer.attention.self.query, layer.output.dense, pooled.pooler.dense):
        assert linear.weight.grad is not None
        assert linear.weight.grad.abs().sum() > 0


def test_the_layer_is_known_until_its_attention_is_trained(tower: BertModel, tmp_path: Path) -> None:
    assert mean_pooling_layer(tower) is None
    add_mean_pooling(tower).save_pretrained(tmp_path)
    opened = BertModel.from_pretrained(tmp_path)
    assert mean_pooling_layer(opened) is opened.encoder.layer[-1]
    with torch.no_grad():
        opened.encoder.layer[-1].attention.self.query.weight[0, 0] = 0.1
    assert mean_pooling_layer(opened) is None


def test_another_kind_of_tower_is_named() -> None:
    from transformers import DistilBertConfig, DistilBertModel

    with pytest.raises(ConfigError, match="is a DistilBertModel, not a BertModel; leave pooling out"):
        add_mean_pooling(DistilBertModel(DistilBertConfig(dim=32, n_heads=2, n_layers=1, hidden_dim=32)))
