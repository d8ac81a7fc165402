"""What visitors drop on the page never reaches a disk, however the page ends."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.page.browser import ZHCLIP
from zhclip.models import Encoder
from zhclip.search import Library


@pytest.fixture
def machine(tiny_encoder: Encoder, tmp_path: Path) -> Path:
    """A folder with a library in a folder, a folder for temporary files and one for the user's own."""
    for name in ("photos", "temporary", "home", "library"):
        (tmp_path / name).mkdir()
    Image.new("RGB", (40, 30), "red").save(tmp_path / "photos" / "red.png")
    with Library(tmp_path / "library" / "photos.db", model=tiny_encoder) as library:
        library.add(tmp_path / "photos")
    return tmp_path


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def open_files(process: int) -> Iterator[bytes]:
    """What a process's files hold, deleted ones among them; nothing where the system keeps no list of them."""
    for link in Path(f"/proc/{process}/fd").glob("*"):
        if link.is_file():
            yield link.read_bytes()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_of_a_dropped_picture_is_on_disk(
    machine: Path, tiny_model_folder: Path, ending: signal.Signals
) -> None:
    Image.effect_noise((1400, 1200), 90).save(machine / "dropped.png")
    picture = (machine / "dropped.png").read_bytes()
    (machine / "dropped.png").unlink()
    assert len(picture) > 1 << 20, "which forms would spool to a file"
    marks = [picture[place : place + 32] for place in range(0, len(picture) - 32, 100_000)]
    environment = {
        **os.environ,
        "TMPDIR": str(machine / "temporary"),
        "HOME": str(machine / "home"),
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
    }
    library = machine / "library" / "photos.db"
    command = [ZHCLIP, "demo", "--library", library, "--model", tiny_model_folder, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=machine) as process:
        assert process.stdout is not None
        try:
            address = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
            with httpx.Client(base_url=address, timeout=60) as client:
                token = client.get("/page/visit").json()["token"]
                (key,) = client.post("/en/gradio_api/upload", files={"files": ("dropped.png", picture)}).json()
                asked = {"text": "", "pictures": [{"id": key, "name": "dropped.png"}]}
                answer = client.post("/page/en/send", json=asked, headers={"X-Zhclip-Token": token}).json()
                assert "zc-hit" in answer["results"]
            assert not any(mark in content for content in open_files(process.pid) for mark in marks)
        finally:
            process.send_signal(ending)
            process.wait(timeout=60)
    assert process.returncode == (-signal.SIGKILL if ending == signal.SIGKILL else 0)
    for path in files(machine):
        assert not any(mark in path.read_bytes() for mark in marks), path
    kept = {path.relative_to(machine / "home").parts[:2] for path in files(machine / "home")}
    assert kept <= {(".cache", "zhclip")}, "the model's graph alone"
    if ending != signal.SIGKILL:
        assert list((machine / "temporary").iterdir()) == []
    else:  # the store's folder alone, which the next start clears
        assert {path.suffix.lower() for path in files(machine / "temporary")}.isdisjoint({".png", ".jpg", ".webp"})
