"""Opening the folder of a picture in the file manager of the machine that serves the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any


def open_folder(folder: Path) -> bool:
    """Show a folder in the file manager.

    Args:
        folder: The folder.

    Returns:
        False where there is none: no display, or no command for it.
    """
    command = _command()
    if command is None or not folder.is_dir():
        return False
    silent: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    # Somebody has to wait for the file manager, and it should not be the page.
    Thread(target=subprocess.run, args=([command, str(folder)],), kwargs=silent, daemon=True).start()
    return True


def _command() -> str | None:
    if sys.platform == "darwin":
        return shutil.which("open")
    if sys.platform == "win32":
        return shutil.which("explorer")
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return shutil.which("xdg-open") if display else None
