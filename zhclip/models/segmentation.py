"""Words of Chinese text: jieba, loaded when it is first needed, and without a word to the terminal."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

_loading = threading.Lock()


def cut_words(text: str) -> list[str]:
    """Cut a text into words.

    Args:
        text: Chinese in simplified characters, or anything else.

    Returns:
        The words, with all that stands between them: joined they are the text again.
    """
    with _loading:
        tokenizer = _jieba()
    return list(tokenizer.cut(text, HMM=False))  # HMM guesses words, and takes 戴眼镜 for a name


@contextmanager
def _without_pkg_resources() -> Iterator[None]:
    """Let jieba find its files by itself, as it can: pkg_resources warns, and no thread may change who hears that."""
    is_hidden = "pkg_resources" not in sys.modules
    if is_hidden:
        sys.modules["pkg_resources"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if is_hidden:
            del sys.modules["pkg_resources"]


@cache
def _jieba() -> Any:
    # Its dictionary takes about a second to load, which queries without Chinese must not pay.
    with _without_pkg_resources():
        import jieba

    jieba.setLogLevel(logging.CRITICAL + 1)
    tokenizer = jieba.Tokenizer()
    # By default it keeps its dictionary in the folder for temporary files, where others could replace it.
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "zhclip"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    tokenizer.tmp_dir = str(folder)  # where it cannot be written, the dictionary is built each time
    tokenizer.initialize()
    return tokenizer
