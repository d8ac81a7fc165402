"""From a name to a place, and what is said where there is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhclip.errors import ModelNotFoundError
from zhclip.models import load_model, location
from zhclip.models.location import OFFICIAL, find_model


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_five_names_are_cn_clips() -> None:
    from cn_clip.clip.utils import _MODELS

    assert {name: tuple(official) for name, official in OFFICIAL.items()} == _MODELS


@pytest.mark.parametrize("name", OFFICIAL)
def test_an_official_name_without_weights_and_network(name: str, home: Path, no_network: None) -> None:
    with pytest.raises(ModelNotFoundError) as raised:
        load_model(name)
    message = str(raised.value)
    assert str(home / ".cache" / "clip" / OFFICIAL[name].file) in message
    assert f"OFA-Sys/{OFFICIAL[name].repository}" in message
    assert "\n" not in message


def test_an_official_name_is_offline_when_it_is_there(official_checkpoint: Path, home: Path, no_network: None) -> None:
    target = home / ".cache" / "clip" / OFFICIAL["ViT-B-16"].file
    target.parent.mkdir(parents=True)
    target.write_bytes(official_checkpoint.read_bytes())
    assert find_model("ViT-B-16") == target
    assert load_model("ViT-B-16", backend="torch").dim == 32


def test_a_download_goes_through_cn_clip(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, bool]] = []

    def download(name: str, root: str, use_modelscope: bool) -> str:
        asked.append((name, root, use_modelscope))
        return str(home / "weights.pt")

    monkeypatch.setattr("cn_clip.clip.utils._download", download)
    monkeypatch.setattr(location, "_reachable", lambda repository: True)
    assert find_model("RN50") == home / "weights.pt"
    # Where Hugging Face is blocked and modelscope is installed, that is used.
    monkeypatch.setattr(location, "_reachable", lambda repository: False)
    monkeypatch.setattr(location, "find_spec", lambda name: object())
    find_model("RN50")
    folder = str(home / ".cache" / "clip")
    assert asked == [("RN50", folder, False), ("RN50", folder, True)]


def test_a_download_that_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise ConnectionError("reset by peer")

    monkeypatch.setattr("cn_clip.clip.utils._download", fail)
    monkeypatch.setattr(location, "_reachable", lambda repository: True)
    with pytest.raises(ModelNotFoundError, match=r"the download failed: reset by peer; bring clip_cn_rn50\.pt by hand"):
        find_model("RN50")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no model at .*mine\.pt; check the path"):
        find_model(tmp_path / "mine.pt")


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"it has no config\.json"):
        find_model(tmp_path)


def test_an_unknown_name(no_network: None) -> None:
    with pytest.raises(ModelNotFoundError, match=r"no model 'nobody/nothing': it is none of mini, RN50"):
        find_model("nobody/nothing")


def test_a_hugging_face_id_that_was_had_before_asks_no_network(
    tmp_path: Path, no_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "models--somebody--clip" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    (snapshot / "model.safetensors").write_bytes(b"")
    (tmp_path / "models--somebody--clip" / "refs").mkdir()
    (tmp_path / "models--somebody--clip" / "refs" / "main").write_text("abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert find_model("somebody/clip") == snapshot
