"""The page as a web application, without a browser."""

from __future__ import annotations

import pytest

from zhclip.page.app import preferred_language


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("zh-TW", "zh"),
        ("de,zh;q=0.3", "zh"),
        ("fr-FR", "en"),
        ("", "en"),
        ("zh;q=nonsense, en", "en"),
        ("en;q=0.5, zh;q=0.50", "en"),
    ],
)
def test_the_page_greets_in_the_browsers_language(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language
