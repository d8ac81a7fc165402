"""The page over the sample pictures and the bundled model: what `make demo` shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.page.browser import Tab, serving


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving("--samples", temporary=tmp_path_factory.mktemp("samples")) as address:
        yield address


@pytest.mark.parametrize(
    ("words", "caption"),
    [
        ("夕阳 大海 沙滩", "夕阳下的大海和沙滩"),
        ("a dog running on grass", "一只狗在草地上奔跑"),
        ("雪山", "蓝天下的雪山"),
    ],
)
def test_words_find_the_picture_that_they_describe(tab: Tab, samples: str, words: str, caption: str) -> None:
    tab.open(samples)
    tab.search(words)
    captions = tab.page.locator(".zc-caption").all_inner_texts()
    assert any(found.startswith(caption) for found in captions[:3])
