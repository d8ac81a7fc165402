"""The finetuning configurations for Chinese-CLIP's models, a few steps of each at small size."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from tests.models.cn_clip_checkpoints import build_cn_clip, write_official
from zhclip.models import load_model
from zhclip.models.chinese_clip import cn_clip_model, read_checkpoint
from zhclip.models.conversion import convert
from zhclip.models.location import OFFICIAL
from zhclip.training.config import load_config
from zhclip.training.journal import read_journal
from zhclip.training.loop import train

CONFIGS = Path(__file__).parent.parent.parent / "configs"


def write_tsv(shapes: Path, folder: Path) -> Path:
    """The pictures and their Chinese captions as Chinese-CLIP has them."""
    folder.mkdir()
    records = [json.loads(line) for line in shapes.read_text(encoding="utf-8").splitlines()]
    with (folder / "train_imgs.tsv").open("w") as images, (folder / "train_texts.jsonl").open("w") as texts:
        for number, record in enumerate(records):
            picture = base64.urlsafe_b64encode((shapes.parent / record["image"]).read_bytes()).decode()
            images.write(f"{number}\t{picture}\n")
            for text in record["zh"]:
                texts.write(json.dumps({"text_id": number, "text": text, "image_ids": [number]}) + "\n")
    return folder / "train_texts.jsonl"


def write_lmdb(shapes: Path, folder: Path) -> Path:
    """The same in an LMDB, by cn_clip's own script."""
    write_tsv(shapes, folder)
    package = find_spec("cn_clip")
    assert package is not None and package.submodule_search_locations
    script = Path(package.submodule_search_locations[0]) / "preprocess" / "build_lmdb_dataset.py"
    command = [sys.executable, str(script), "--data_dir", str(folder), "--splits", "train"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "lmdb" / "train"


@pytest.mark.parametrize(("name", "family", "write"), [("vit-b-16", "vit", write_lmdb), ("rn50", "resnet", write_tsv)])
def test_a_few_steps(name: str, family: str, write, shapes: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_official(build_cn_clip(family), tmp_path / "official.pt")
    data = write(shapes, tmp_path / "data")
    config = load_config(
        CONFIGS / name / "stage2.yaml",
        [
            f"output={tmp_path / 'run'}",
            f"model.start={tmp_path / 'official.pt'}",
            f"data.train=[{{path: {data}}}]",
            f"data.validation=[{{path: {data}}}]",
            "data.workers=0",
            "optimizer.batch_size=8",
            "optimizer.micro_batch_size=4",
            "optimizer.max_steps=3",
            "optimizer.warmup_steps=0",
            "optimizer.learning_rate=1e-3",
        ],
    )
    recalls = train(config)
    assert list(recalls) == ["zh"]
    losses = [entry["loss"] for entry in read_journal(tmp_path / "run" / "log.jsonl") if "loss" in entry]
    assert len(losses) == 3 and all(loss > 0 for loss in losses)

    # What is trained here works there: as a checkpoint, in cn_clip's own class, with the same vectors.
    convert(tmp_path / "run" / "best", tmp_path / "finetuned.pt")
    before, after = (read_checkpoint(tmp_path / f"{file}.pt") for file in ("official", "finetuned"))
    assert before.keys() == after.keys()
    for weight in ("visual.conv1.weight", "bert.encoder.layer.0.output.dense.weight", "text_projection"):
        assert not torch.equal(before[weight].float(), after[weight]), weight
    theirs = cn_clip_model(after)
    ours = load_model(tmp_path / "run" / "best", device="cpu")
    tokens = ours.text(["一个红色的圆形"])
    with torch.no_grad():
        expected = torch.nn.functional.normalize(theirs.encode_text(torch.from_numpy(tokens.input_ids)), dim=-1)
    torch.testing.assert_close(torch.from_numpy(ours.encode_text("一个红色的圆形")), expected, atol=1e-5, rtol=0)
    assert not ours.text.simplify, "texts are read as Chinese-CLIP reads them"


@pytest.mark.parametrize("name", ["vit-b-16", "rn50"])
def test_the_recipe_is_chinese_clips(name: str) -> None:
    from cn_clip.training.params import get_default_params

    config = load_config(CONFIGS / name / "stage2.yaml")
    assert config.model.start in OFFICIAL and config.model.start.lower() == name
    defaults = get_default_params(config.model.start)
    assert config.optimizer.betas == (defaults["beta1"], defaults["beta2"])
    assert config.optimizer.epsilon == defaults["eps"]
    assert (config.optimizer.learning_rate, config.optimizer.weight_decay) == (5e-5, 1e-3)
    assert (config.optimizer.passes, config.optimizer.warmup_steps, config.optimizer.batch_size) == (3, 100, 1024)
    assert config.optimizer.gradient_clip is None
