"""A page says nothing in another language than its own, whichever the browser's is."""

from __future__ import annotations

import re

import pytest

from tests.page.browser import Server, Tab

SAID = """() => {
  const said = new Set([document.title]);
  for (const node of document.body.querySelectorAll("*")) {
    for (const name of ["title", "aria-label", "placeholder", "alt"]) said.add(node.getAttribute(name) ?? "");
    if (!["SCRIPT", "STYLE"].includes(node.tagName))
      for (const child of node.childNodes) if (child.nodeType === 3) said.add(child.textContent.trim());
  }
  return [...said];
}"""
NAMES = re.compile(
    r"zhclip|English|~/Pictures|JPEG|PNG|HEIF|WEBP|GIF|TIFF|AVIF|BMP|a campfire at night|tiny \(16\)"
    r"|(/[\w/.-]*)?(<img .*\.png)?|\w+\.(png|jpg)",
    re.DOTALL,
)
"""What is the same in both languages: names, paths, and an example of a query."""


@pytest.fixture(params=["en-GB", "zh-CN"])
def language(request: pytest.FixtureRequest) -> str:
    """Of the browser."""
    return str(request.param)


def is_english(text: str) -> bool:
    return bool(re.search("[A-Za-z]{3}", text)) and not re.search("[㐀-鿿]", text) and not NAMES.fullmatch(text)


def test_a_chinese_page_leaks_no_english(server: Server, tab: Tab) -> None:
    def leaked() -> list[str]:
        return [text for text in tab.page.evaluate(SAID) if is_english(text)]

    tab.open(f"{server.address}/zh/")
    tab.page.get_by_label("上传文件").first.wait_for(state="attached")
    assert leaked() == []
    tab.search(f"没有人的海滩 {'🐶' * 100}")
    assert leaked() == []
    tab.page.locator("[data-sheet='why']").first.click()
    tab.page.locator("#zc-sheet h3").first.wait_for()
    assert leaked() == []
    tab.page.keyboard.press("Escape")
    tab.page.locator("[data-sheet='library']").first.click()
    tab.page.locator("#zc-library dl").first.wait_for()
    assert leaked() == []  # with the reason why broken.jpg could not be read
    tab.open(f"{server.address}/zh/?q=海&since=2024-13-99")
    assert leaked() == []


def test_an_english_page_leaks_no_chinese(server: Server, tab: Tab) -> None:
    tab.open(f"{server.address}/en/")
    tab.page.get_by_label("Upload a file").first.wait_for(state="attached")
    said = tab.page.evaluate(SAID)
    assert {text for text in said if re.search("[㐀-鿿]", text)} <= {"中文", "雪山", "彩虹"}  # examples of queries
