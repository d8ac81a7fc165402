from __future__ import annotations

import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from zhclip.temporary import TemporaryFolder


def test_folders_of_killed_processes_are_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        f"import tempfile, time; tempfile.tempdir = {str(tmp_path)!r}\n"
        "from zhclip.temporary import TemporaryFolder\n"
        "folder = TemporaryFolder(); print(folder.path, flush=True); time.sleep(600)"
    )
    mine = tmp_path / "zhclip-mine"
    mine.mkdir()
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        with TemporaryFolder() as folder:
            assert left.is_dir(), "its process runs"
            assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        process.kill()
    with TemporaryFolder() as folder:
        assert sorted(tmp_path.iterdir()) == sorted([folder.path, mine])
    assert list(tmp_path.iterdir()) == [mine]
