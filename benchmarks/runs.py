"""Short training runs for the benchmarks: made-up pictures, small towers, a configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zhclip.training.config import RunConfig, save_config

REPOSITORY = Path(__file__).parent.parent
DATA = Path(os.environ.get("ZHCLIP_DATA", REPOSITORY.parent / "shared" / "data"))

TEXT_TOWER = {
    "model_type": "bert",
    "vocab_size": 21128,
    "hidden_size": 256,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 1024,
    "max_position_embeddings": 52,
}


def unpack_text_tower(folder: Path) -> Path:
    """Write multilingual-e5-small of the data folder as a ``transformers`` folder, where it is not there yet."""
    if not folder.exists():
        unpack = DATA / "towers" / "multilingual_e5_small_zh_en" / "unpack.py"
        subprocess.run([sys.executable, unpack, folder], check=True)
    return folder


def made_up_pictures(folder: Path, count: int, *, side: int = 224) -> Path:
    """JPEG files of smooth random colours with captions; returns the JSONL file."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    words = ["红", "蓝", "绿", "狗", "猫", "海", "山", "花", "树", "车"]
    with (folder / "captions.jsonl").open("w", encoding="utf-8") as captions:
        for number in range(count):
            coarse = Image.fromarray(rng.integers(0, 255, (7, 7, 3), dtype=np.uint8))
            coarse.resize((side, side), Image.Resampling.BICUBIC).save(folder / f"{number}.jpg")
            text = "".join(rng.choice(words, 9))
            record = {"image": f"{number}.jpg", "zh": [text], "en": [f"picture number {number} of many colours"]}
            captions.write(json.dumps(record, ensure_ascii=False) + "\n")
    return folder / "captions.jsonl"


def small_run(folder: Path, captions: Path, **sections: Any) -> RunConfig:
    """A run of small scratch towers on 32-pixel pictures; sections that are given replace its values."""
    size = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
    content: dict[str, Any] = {
        "output": str(folder),
        "model": {
            "dim": 32,
            "image": {
                "state": "scratch",
                "architecture": {"model_type": "vit", "image_size": 32, "patch_size": 8, **size},
            },
            "text": {"state": "scratch", "architecture": {**TEXT_TOWER, **size}},
            "image_preparation": {"size": 32},
        },
        "data": {"train": [{"path": str(captions)}], "validation": [{"path": str(captions)}], "workers": 0},
        "optimizer": {"batch_size": 32, "learning_rate": 1e-3, "warmup_steps": 4},
    }
    for name, values in sections.items():
        content[name] = content.get(name, {}) | values if isinstance(values, dict) else values
    return RunConfig.model_validate(content)


def launch(config: RunConfig, folder: Path, *, processes: int = 1) -> subprocess.Popen[str]:
    """Start a run in processes of its own on the CPU, one thread each.

    ``accelerate launch`` starts several with ``torch.distributed.run`` too, but on a CPU it
    would ask for MPI.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_config(config, folder / "run.yaml")
    command = [sys.executable]
    if processes > 1:
        command += ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    return subprocess.Popen(
        [*command, str(REPOSITORY / "train" / "stage1.py"), "--config", str(folder / "run.yaml")],
        env=os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
