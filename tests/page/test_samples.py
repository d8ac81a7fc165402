"""The page over the sample pictures and the bundled model: what `make demo` shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.page.browser import Tab, serving


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    temporary = tmp_path_factory.mktemp("samples")
    with serving("--samples", temporary=temporary) as address:
        yield address
    assert list(temporary.iterdir()) == [], "the server left files behind"


@pytest.mark.parametrize(
    ("words", "caption"),
    [
        ("夕阳 大海 沙滩", "Sunset over the sea and a sandy beach"),
        ("a dog running on grass", "A dog running on grass"),
        ("雪山", "A snow mountain under a blue sky"),
    ],
)
def test_words_find_the_picture_that_they_describe(tab: Tab, samples: str, words: str, caption: str) -> None:
    tab.open(samples)
    tab.search(words)
    assert caption in tab.captions()[:3]


@pytest.mark.parametrize("language", ["zh-CN"])
def test_captions_are_in_the_pages_language(tab: Tab, samples: str) -> None:
    tab.open(samples)
    tab.search("snow mountain")
    assert "蓝天下的雪山" in tab.captions()
