"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well.

    What was at ``path`` before stays as it was until then, and for good where the block
    fails. A folder takes the place of nothing or of an empty folder.
    """
    temporary = path.with_name(path.name + ".part")
    _remove(temporary)  # what a killed process left
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        _remove(temporary)
        raise


def point(link: Path, target: str) -> None:
    """Make ``link`` a symbolic link to ``target`` in the same folder, in one move."""
    with replacing(link) as temporary:
        temporary.symlink_to(target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
