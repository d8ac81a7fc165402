"""Fixtures that the whole suite shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from zhclip.models import Encoder, ImagePreparation, TextPreparation, load_model

REPOSITORY = Path(__file__).parent.parent

# How long examples take says more of the machine than of the code.
settings.register_profile("zhclip", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zhclip")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The real photos and texts that some tests need (``ZHCLIP_DATA``, else ``../shared/data``)."""
    folder = Path(os.environ.get("ZHCLIP_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        message = f"no data at {folder}; set ZHCLIP_DATA to the folder that holds flickr8k-cn, parallel and towers"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def tiny_model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder of the real kind, with towers small enough for tests and random weights."""
    import torch
    from transformers import BertConfig, BertModel, ViTConfig, ViTModel

    from zhclip.models.checkpoint import save_model
    from zhclip.models.dual_encoder import DualEncoder

    torch.manual_seed(0)
    text, image = TextPreparation(), ImagePreparation(size=32)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    vision_tower = ViTModel(ViTConfig(image_size=32, patch_size=8, **size))
    text_tower = BertModel(BertConfig(vocab_size=text.vocabulary_size, max_position_embeddings=52, **size))
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_model(folder, DualEncoder.from_towers(vision_tower, text_tower, dim=16), text=text, image=image)
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tiny_model_folder: Path) -> Encoder:
    """The model of ``tiny_model_folder``, loaded."""
    return load_model(tiny_model_folder, device="cpu")
