"""Running ``zhclip`` as a user does: as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

ZHCLIP = Path(sys.executable).with_name("zhclip")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def zhclip(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run ``zhclip`` with arguments; ``language="zh_CN.UTF-8"`` sets the locale, ``library=`` the default library."""
    home = tmp_path_factory.mktemp("home")

    def run(
        *arguments: object, language: str = "C.UTF-8", library: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "HOME": str(home), "LC_ALL": language, "OMP_NUM_THREADS": "1"}
        for name in ("XDG_DATA_HOME", "ZHCLIP_DEBUG", "ZHCLIP_LIBRARY"):
            environment.pop(name, None)
        if library is not None:
            environment["ZHCLIP_LIBRARY"] = str(library)
        command = [str(ZHCLIP), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)

    return run


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures, one of them with a Chinese name and a caption beside it."""
    folder = tmp_path_factory.mktemp("photos")
    for name, colour in (("red", "#d33"), ("green", "#3a3"), ("蓝色 天空", "#36c")):
        Image.new("RGB", (64, 48), colour).save(folder / f"{name}.png")
    (folder / "蓝色 天空.txt").write_text("蓝色的天空", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def library(zhclip: Run, photos: Path, tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of ``photos``, made by ``zhclip index``; tests leave it as it is."""
    path = tmp_path_factory.mktemp("library") / "photos.db"
    result = zhclip("index", photos, "--library", path, "--model", tiny_model_folder)
    assert result.returncode == 0, result.stderr
    assert "added 3" in result.stdout
    return path
