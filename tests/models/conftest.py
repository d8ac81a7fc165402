"""Fixtures for the tests of models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from cn_clip.clip.model import convert_weights

from tests.models.cn_clip_checkpoints import build_cn_clip, write_official


@pytest.fixture(scope="session", params=["vit", "resnet"])
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def official_checkpoint(family: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("official") / f"{family}.pt"
    write_official(build_cn_clip(family), path)
    return path


@pytest.fixture(scope="session")
def reference(family: str, official_checkpoint: Path) -> Any:
    """The checkpoint, opened as cn_clip does it."""
    model = build_cn_clip(family)
    convert_weights(model)
    state = torch.load(official_checkpoint, weights_only=True)["state_dict"]
    model.load_state_dict({name.removeprefix("module."): value for name, value in state.items()})
    return model.float().eval()


@pytest.fixture(scope="session", autouse=True)
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The user's cache folder stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder
