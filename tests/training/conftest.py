"""A handful of pictures with captions, and towers to train on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from zhclip.training.config import RunConfig

COLOURS = {"red": "红色", "green": "绿色", "blue": "蓝色", "yellow": "黄色", "black": "黑色", "purple": "紫色"}
SHAPES = {"circle": "圆形", "square": "方块", "bar": "长条", "triangle": "三角形"}


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Sums depend on how many threads share them, and runs are compared bit by bit."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JSONL file of 24 pictures of coloured shapes, two captions a language each."""
    folder = tmp_path_factory.mktemp("shapes")
    with (folder / "captions.jsonl").open("w", encoding="utf-8") as captions:
        for colour, colour_zh in COLOURS.items():
            for shape, shape_zh in SHAPES.items():
                name = f"{colour}-{shape}.png"
                _draw(colour, shape).save(folder / name)
                record = {
                    "image": name,
                    "zh": [f"一个{colour_zh}的{shape_zh}", f"{colour_zh}{shape_zh}"],
                    "en": [f"a {colour} {shape}", f"the {shape} is {colour}"],
                }
                captions.write(json.dumps(record, ensure_ascii=False) + "\n")
    return folder / "captions.jsonl"


def _draw(colour: str, shape: str) -> Image.Image:
    image = Image.new("RGB", (48, 48), "white")
    draw = ImageDraw.Draw(image)
    match shape:
        case "circle":
            draw.ellipse((8, 8, 40, 40), fill=colour)
        case "square":
            draw.rectangle((8, 8, 40, 40), fill=colour)
        case "bar":
            draw.rectangle((2, 20, 46, 28), fill=colour)
        case _:
            draw.polygon(((24, 6), (44, 42), (4, 42)), fill=colour)
    return image


@pytest.fixture(scope="session")
def image_tower_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small vision tower, as ``transformers`` saves it."""
    import torch
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("towers") / "vit"
    ViTModel(
        ViTConfig(
            image_size=32,
            patch_size=8,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
        )
    ).save_pretrained(folder)
    return folder


TEXT_TOWER = {
    "model_type": "bert",
    "vocab_size": 21128,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 52,
}

MakeConfig = Callable[..., RunConfig]


@pytest.fixture
def make_config(shapes: Path, image_tower_folder: Path, tmp_path: Path) -> MakeConfig:
    """Makes the configuration of a short stage 1; sections that are given replace values of its own."""

    def make(**sections: Any) -> RunConfig:
        content: dict[str, Any] = {
            "output": str(tmp_path / "run"),
            "model": {
                "dim": 16,
                "image": {"state": "locked", "weights": str(image_tower_folder)},
                "text": {"state": "scratch", "architecture": TEXT_TOWER},
                "image_preparation": {"size": 32},
            },
            "data": {"train": [{"path": str(shapes)}], "validation": [{"path": str(shapes)}], "workers": 0},
            "cache": {"folder": str(tmp_path / "cache")},
            "optimizer": {"batch_size": 8, "passes": 2, "learning_rate": 2e-3, "warmup_steps": 2},
        }
        for name, values in sections.items():
            content[name] = {**content[name], **values} if isinstance(values, dict) and name in content else values
        return RunConfig.model_validate(content)

    return make
