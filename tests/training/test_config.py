from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY
from zhclip.errors import ConfigError
from zhclip.training.config import load_config, save_config

MINI = REPOSITORY / "configs" / "mini" / "stage1.yaml"


@pytest.mark.parametrize(
    "path", sorted(REPOSITORY.glob("configs/*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_configurations_of_the_repository_are_valid(path: Path) -> None:
    load_config(path)


def test_overrides_are_yaml(tmp_path: Path) -> None:
    config = load_config(MINI, ["optimizer.batch_size=64", "data.languages={zh: 1}", "loss.name=sigmoid"])
    assert config.optimizer.batch_size == 64
    assert config.data.languages == {"zh": 1.0}
    assert config.loss.name == "sigmoid"


def test_saved_configuration_is_the_same(tmp_path: Path) -> None:
    config = load_config(MINI)
    save_config(config, tmp_path / "config.yaml")
    assert load_config(tmp_path / "config.yaml") == config


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("optimiser.batch_size=4", r"unknown key 'optimiser'; did you mean 'optimizer'\?"),
        ("optimizer.batchsize=4", r"unknown key 'optimizer.batchsize'; did you mean 'batch_size'\?"),
        ("model.text.stat=locked", r"unknown key 'model.text.stat'; did you mean 'state'\?"),
        ("data.train=[{path: a, formt: csv}]", r"unknown key 'data.train.0.formt'; did you mean 'format'\?"),
        ("optimizer.zzz=4", r"unknown key 'optimizer.zzz'; known are batch_size"),
        ("optimizer.batch_size=many", r"'optimizer.batch_size' is 'many'"),
        ("model.text.state=frozen", r"'model.text.state' is 'frozen'"),
        ("model.text.state=scratch", r"model.text.architecture must say what to build"),
        ("model.image.pooling=mean", r"pooling is for text towers"),
        ("model.image.weights=null", r"model.image.weights or model.start must say"),
        ("interpolation.weights=[0.5]", r"not both towers come from model.start"),
        ("batch_size", r"'batch_size' is not an override; write section.key=value"),
        ("seed.x=1", r"seed is a value, not a section"),
        ("data.languages={zh", r"the value is not YAML"),
    ],
)
def test_mistakes_are_explained(override: str, message: str) -> None:
    overrides = ["seed=0", override]
    with pytest.raises(ConfigError, match=message):
        load_config(MINI, overrides)


def test_pooling_is_not_put_on_a_started_model() -> None:
    with pytest.raises(ConfigError, match=r"model.text.pooling is set, .* a started model keeps its own"):
        load_config(MINI, ["model.start=mini", "model.text.weights=null"])


@pytest.mark.parametrize("override", ["model.context_length=60", "model.simplify=false"])
def test_a_started_model_keeps_its_own(override: str) -> None:
    name = override.partition("=")[0]
    with pytest.raises(ConfigError, match=f"{name} is set, but the text tower comes from model.start"):
        load_config(MINI.with_name("stage2.yaml"), [override])


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no configuration file at"), ("a: [", "cannot be read as YAML"), ("- 1", "holds no sections")],
)
def test_files_that_are_no_configuration(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "run.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match=message):
        load_config(file)


def test_missing_sections_are_named(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump({"output": "x"}))
    with pytest.raises(ConfigError, match=r"'model' is missing.*'data' is missing"):
        load_config(file)
