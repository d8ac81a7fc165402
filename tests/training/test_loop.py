from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import VisionTextDualEncoderModel

from tests.training.conftest import MakeConfig
from zhclip.errors import ConfigError, DataError, ModelError, TrainingError
from zhclip.models import load_model
from zhclip.training.config import RunConfig, save_config
from zhclip.training.journal import read_journal
from zhclip.training.loop import train
from zhclip.training.schedule import learning_rate_factor

REPOSITORY = Path(__file__).parent.parent.parent


def start(config: RunConfig, folder: Path, *, processes: int = 1) -> subprocess.Popen[str]:
    """Start a run in processes of its own (``accelerate`` would ask for MPI for several on a CPU)."""
    file = folder / "run.yaml"
    save_config(config, file)
    command = [sys.executable]
    if processes > 1:
        command += ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    return subprocess.Popen(
        [*command, str(REPOSITORY / "train" / "stage1.py"), "--config", str(file)],
        env=os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def losses(run: Path) -> list[float]:
    return [entry["loss"] for entry in read_journal(run / "log.jsonl") if "loss" in entry]


def test_two_stages_learn_and_open_in_plain_transformers(make_config: MakeConfig, tmp_path: Path) -> None:
    first = make_config(optimizer={"passes": 30}, validation={"every": 45})
    recalls = train(first)
    assert recalls["zh"].text_to_image[2] > 80
    assert recalls["en"].text_to_image[2] > 80

    second = make_config(
        output=str(tmp_path / "second"),
        model={
            "start": f"{first.output}/best",
            "image": {"state": "unlocked"},
            "text": {"state": "unlocked"},
            "image_preparation": None,
        },
        data={"augment": {"crop": 0.8, "flip": 0.5}, "mask_tokens": 0.1},
        optimizer={"passes": 2, "micro_batch_size": 4, "learning_rate": 1e-3},
        validation={"at_start": True},
        interpolation={"weights": [0.5]},
    )
    train(second)
    before = VisionTextDualEncoderModel.from_pretrained(f"{first.output}/best")
    after = VisionTextDualEncoderModel.from_pretrained(f"{second.output}/best")
    patch = "vision_model.embeddings.patch_embeddings.projection.weight"
    assert not torch.equal(before.state_dict()[patch], after.state_dict()[patch])
    for name in ("best", "interpolated"):
        encoder = load_model(f"{second.output}/{name}", device="cpu")
        assert encoder.encode_text("一个红色的圆形").shape == (1, 16)
    chosen = (Path(second.output) / "interpolated" / "model.safetensors").read_bytes()
    train(second)
    assert (Path(second.output) / "interpolated" / "model.safetensors").read_bytes() == chosen
    assert (Path(second.output) / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert [entry["step"] for entry in read_journal(Path(second.output) / "log.jsonl") if "recall" in entry] == [0, 6]


def test_locked_image_tower_stays_as_it_was(make_config: MakeConfig, image_tower_folder: Path) -> None:
    config = make_config()
    train(config)
    trained = load_file(Path(config.output) / "best" / "model.safetensors")
    for name, value in load_file(image_tower_folder / "model.safetensors").items():
        assert torch.equal(trained[f"vision_model.{name}"], value), name


def test_second_run_computes_no_feature_again(
    make_config: MakeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(make_config())
    monkeypatch.setattr("zhclip.training.feature_cache.FeatureCache._prepare", None)
    train(make_config(output=str(tmp_path / "again")))


def test_killed_and_resumed_run_ends_with_the_same_weights(make_config: MakeConfig, tmp_path: Path) -> None:
    shared = {
        "checkpoint": {"every": 1},
        "data": {"mask_tokens": 0.2},
        "optimizer": {"passes": 10, "micro_batch_size": 4},
    }
    whole, killed = (
        make_config(**shared, output=str(tmp_path / "whole")),
        make_config(**shared, output=str(tmp_path / "killed")),
    )
    train(whole)

    process = start(killed, tmp_path)
    log = Path(killed.output) / "log.jsonl"
    while process.poll() is None and not (log.exists() and log.read_text().count("loss") >= 3):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert log.read_text().count("loss") < 30, "the run ended before it was killed"

    train(killed)
    final = "latest/model.safetensors"
    expected, resumed = load_file(Path(whole.output) / final), load_file(Path(killed.output) / final)
    assert all(torch.equal(resumed[name], value) for name, value in expected.items())
    assert losses(Path(killed.output)) == losses(Path(whole.output))


def test_two_processes_give_the_losses_of_one(make_config: MakeConfig, tmp_path: Path) -> None:
    still = {"model_type": "bert", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config = make_config()
    architecture = {**(config.model.text.architecture or {}), **still}
    model = config.model.model_dump() | {"text": {"state": "scratch", "architecture": architecture}}
    teacher = make_config(output=str(tmp_path / "teacher"), optimizer={"max_steps": 1})
    train(teacher)
    shared = {
        "model": model,
        "data": {"captions": 2},
        "loss": {"teachers": [f"{teacher.output}/best"], "caption_weight": 0.3},
        "optimizer": {"passes": 7, "max_steps": 20},
    }
    one, two = make_config(**shared, output=str(tmp_path / "one")), make_config(**shared, output=str(tmp_path / "two"))
    train(one)
    process = start(two, tmp_path, processes=2)
    output = process.communicate(timeout=200)[0]
    assert process.returncode == 0, output
    assert "2 process(es)" in output
    assert losses(Path(two.output)) == pytest.approx(losses(Path(one.output)), rel=1e-4)


def test_micro_batches_with_several_captions_give_the_losses_of_whole_ones(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    config = make_config()
    config.model.text.architecture.update(still)  # type: ignore[union-attr]
    shared = {"model": config.model.model_dump(), "data": {"captions": 2}, "loss": {"caption_weight": 0.3}}
    whole = make_config(**shared)
    parts = make_config(**shared, optimizer={"micro_batch_size": 4}, output=str(tmp_path / "parts"))
    train(whole)
    train(parts)
    assert len(losses(Path(whole.output))) == 12, "two passes over 24 pictures, four a step"
    assert losses(Path(parts.output)) == pytest.approx(losses(Path(whole.output)), rel=1e-4)


def test_student_learns_from_its_teachers_alone(make_config: MakeConfig, tmp_path: Path) -> None:
    teacher = make_config(output=str(tmp_path / "teacher"), optimizer={"passes": 30})
    train(teacher)
    student = make_config(
        loss={"teachers": [f"{teacher.output}/best"] * 2, "teacher_weight": 1.0}, optimizer={"passes": 30}
    )
    recalls = train(student)
    assert recalls["zh"].text_to_image[2] > 80
    assert recalls["en"].text_to_image[2] > 80


@pytest.mark.parametrize(
    "loss", [{"name": "sigmoid"}, {"parallel_weight": 0.5, "parallel_batch_size": 4}, {"caption_weight": 0.3}]
)
def test_other_losses_train(make_config: MakeConfig, tmp_path: Path, loss: dict[str, object]) -> None:
    (tmp_path / "pairs.tsv").write_text("a red circle\t一个红色的圆形\nthe square\t方块\n", "utf-8")
    data = {"parallel": [str(tmp_path / "pairs.tsv")], "captions": 2}
    config = make_config(loss=loss, data=data, optimizer={"passes": 8})
    train(config)
    values = losses(Path(config.output))
    assert values[-1] < values[0]


def test_early_stop(make_config: MakeConfig) -> None:
    config = make_config(optimizer={"passes": 30, "learning_rate": 1e-12}, validation={"every": 1, "patience": 2})
    train(config)
    steps = len(losses(Path(config.output)))
    assert steps <= 6
    train(config)
    assert len(losses(Path(config.output))) == steps, "what was stopped stays so"


def test_old_checkpoints_are_removed(make_config: MakeConfig) -> None:
    config = make_config(checkpoint={"every": 1, "keep": 2}, optimizer={"passes": 3}, validation={"every": 4})
    train(config)
    left = sorted(path.name for path in Path(config.output).glob("step-*"))
    assert left[-2:] == ["step-00000008", "step-00000009"]
    assert len(left) <= 3


def test_unreadable_pictures_are_left_out(
    make_config: MakeConfig, shapes: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in shapes.parent.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "red-bar.png").write_bytes(b"not a picture")
    (folder / "blue-bar.png").write_bytes((folder / "blue-circle.png").read_bytes()[:60])
    data = {"train": [{"path": str(folder / shapes.name)}]}
    train(make_config(data=data))
    assert "2 of 24 pictures cannot be read" in capfd.readouterr().out
    unlocked = {"image": {"state": "unlocked", "weights": str(make_config().model.image.weights)}}
    model = make_config().model.model_dump() | unlocked
    train(make_config(data=data, model=model, output=str(tmp_path / "unlocked")))
    assert "red-bar.png is not a picture" in capfd.readouterr().out


def test_full_disk_keeps_the_checkpoint_before(make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    config = make_config(checkpoint={"every": 2})
    from zhclip.training import checkpoint

    save, calls = checkpoint.save_file, []

    def full(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        save(*arguments)

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(TrainingError, match=r"step 4 cannot be written.*No space left.*free some space"):
        train(config)
    latest = Path(config.output) / "latest"
    assert latest.resolve().name == "step-00000002"
    assert load_model(latest, device="cpu").dim == 16
    assert sorted(path.name for path in Path(config.output).glob("step-*")) == ["step-00000002"]


def test_another_configuration_is_refused(make_config: MakeConfig) -> None:
    train(make_config())
    with pytest.raises(ConfigError, match=r"another configuration \(they differ in: seed\)"):
        train(make_config(seed=5))


def test_checkpoint_of_another_shape_is_refused(make_config: MakeConfig) -> None:
    config = make_config()
    train(config)
    wider = make_config(model={**config.model.model_dump(), "dim": 8})
    save_config(wider, Path(config.output) / "config.yaml")
    with pytest.raises(ModelError, match="does not fit this configuration"):
        train(wider)


def test_missing_data_and_weights_are_named(make_config: MakeConfig, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.jsonl"):
        train(make_config(data={"train": [{"path": str(tmp_path / "nowhere.jsonl")}]}))
    model = make_config().model.model_dump() | {"image": {"state": "locked", "weights": str(tmp_path / "no-tower")}}
    with pytest.raises(ModelError, match="no-tower"):
        train(make_config(model=model))


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"optimizer": {"batch_size": 8, "micro_batch_size": 3}}, "does not divide"),
        ({"optimizer": {"batch_size": 0}}, "greater than 0"),
        ({"data": {"captions": 3}}, "data.captions is 3, which does not divide the 8 pairs"),
        ({"loss": {"caption_weight": 0.3}}, "set data.captions to 2 or more"),
    ],
)
def test_batches_that_do_not_fit(make_config: MakeConfig, sections: dict[str, dict[str, int]], message: str) -> None:
    with pytest.raises((ConfigError, ValueError), match=message):
        train(make_config(**sections))


@pytest.mark.parametrize("threads", [None, 1])
def test_a_process_uses_the_cores_of_the_machine(make_config: MakeConfig, threads: int | None) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)  # as ``accelerate launch`` has it
        train(make_config(threads=threads, optimizer={"max_steps": 1}))
        assert torch.get_num_threads() == (threads or len(os.sched_getaffinity(0)))
    finally:
        torch.set_num_threads(before)


def test_learning_rate_warms_up_and_falls(make_config: MakeConfig) -> None:
    optimizer = make_config(optimizer={"warmup_steps": 4, "final_learning_rate": 0.1}).optimizer
    factors = [learning_rate_factor(step, 20, optimizer) for step in range(20)]
    assert factors[:4] == [0.25, 0.5, 0.75, 1.0]
    assert factors[4] == 1.0
    assert factors[5:] == sorted(factors[5:], reverse=True)
    assert 0.1 <= factors[-1] < 0.12
