"""What opens above the page: why a picture was found, its folder, the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.page.browser import PICTURES, Server, Tab, press, serving_here
from zhclip.models import Encoder
from zhclip.search import Library


def test_why_shows_the_words_and_the_places(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=a+red+circle")
    tab.page.click(".zc-hit >> nth=0 >> [data-sheet=why]")
    sheet = tab.page.locator("dialog[open]")
    expect(sheet.locator(".zc-words-table th")).to_have_text(["a", "red", "circle"])
    assert sheet.locator(".zc-bar").first.evaluate("bar => bar.offsetWidth") > 0
    expect(sheet.locator(".zc-heat img").first).to_have_js_property("complete", True)
    assert sheet.locator(".zc-heat img").first.evaluate("image => image.naturalWidth") > 0
    tab.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_open_folder_shows_the_path_where_there_is_no_file_manager(tab: Tab, server: Server) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open(f"{server.address}/en/?q=anything")
    tab.page.locator(".zc-hit", has_text="red.png").locator("[data-sheet=folder]").click()
    sheet = tab.page.locator("dialog[open]")
    expect(sheet.locator(".zc-path")).to_have_text(str(server.photos / "red.png"))
    sheet.locator("[data-copy]").click()
    expect(sheet.locator("[data-copy]")).to_have_text("Copied")
    assert tab.page.evaluate("navigator.clipboard.readText()") == str(server.photos / "red.png")


def test_the_library_view_tells_what_it_holds_and_what_failed(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.page.click("[data-sheet=library]")
    facts = tab.page.locator("dialog[open] .zc-facts")
    expect(facts).to_contain_text(f"pictures{PICTURES}")
    expect(facts).to_contain_text("photos.db")
    expect(tab.page.locator("dialog[open] .zc-failures")).to_contain_text("broken.jpg")
    expect(tab.page.locator("dialog[open] .zc-paths").first).to_contain_text(str(server.photos))


def test_a_folder_is_added_to_an_empty_library(tab: Tab, tiny_encoder: Encoder, tmp_path: Path) -> None:
    photos = tmp_path / "new photos"
    photos.mkdir()
    for row in range(40):
        Image.new("RGB", (40, 30), (6 * row, 100, 200)).save(photos / f"{row:02}.png")
    with Library(tmp_path / "new.db", model=tiny_encoder) as library, serving_here(library) as address:
        tab.open(address)
        expect(tab.page.locator(".zc-message")).to_contain_text("zhclip index")
        tab.search("a dog")
        expect(tab.page.locator(".zc-error")).to_contain_text("zhclip index")
        tab.page.click("[data-sheet=library]")
        sheet = tab.page.locator("dialog[open]")
        sheet.locator("[name=folder]").fill(str(tmp_path / "missing"))
        sheet.locator("[type=submit]").click()
        expect(sheet.locator(".zc-error")).to_contain_text("there is no folder")
        sheet.locator("[name=folder]").fill(str(photos))
        sheet.locator("[type=submit]").click()
        expect(sheet.locator(".zc-note")).to_contain_text("added 40", timeout=60_000)
        expect(sheet.locator(".zc-facts")).to_contain_text("pictures40")
        with tab.answer():
            tab.page.keyboard.press("Escape")
        expect(tab.page.locator(".zc-score")).to_have_count(24)
        tab.page.click(".zc-more button")
        expect(tab.page.locator(".zc-score")).to_have_count(40)
        expect(tab.page.locator(".zc-more")).to_have_count(0)
        assert len(set(tab.captions())) == 40
        tab.page.goto("about:blank")  # before the server ends, which the page would report


@pytest.mark.parametrize(
    ("language", "title", "passed_over", "gone"),
    [
        (
            "en",
            "The pictures are no longer at their place",
            "3 files of kinds that are not read were passed over: .cr2 2, .mp4 1",
            "2 files of the same pictures",
        ),
        ("zh", "图片已不在原处", "跳过了 3 个不支持的文件：.cr2 2, .mp4 1", "2 个文件已不在原处"),
    ],
)
def test_adding_a_folder_tells_what_was_passed_over_and_what_is_gone(
    tab: Tab, tiny_encoder: Encoder, tmp_path: Path, language: str, title: str, passed_over: str, gone: str
) -> None:
    photos, moved = tmp_path / "photos", tmp_path / "<b>moved"
    photos.mkdir()
    for name in ("1.png", "2.png"):
        Image.new("RGB", (40, 30), "red" if name == "1.png" else "blue").save(photos / name)
    for name in ("a.cr2", "b.CR2", "film.mp4"):
        (photos / name).write_bytes(b"of another kind")
    with Library(tmp_path / "new.db", model=tiny_encoder) as library, serving_here(library) as address:
        library.add(photos)
        photos.rename(moved)
        tab.open(f"{address}/{language}/")
        expect(tab.page.locator(".zc-message h2")).to_have_text(title)
        press(tab, tab.page.locator("[data-sheet=library]").first)
        sheet = tab.page.locator("dialog[open]")
        sheet.locator("[name=folder]").fill(str(moved))
        press(tab, sheet.locator("[type=submit]"))
        notes = sheet.locator("[role=status] .zc-note")
        expect(notes).to_have_count(3)
        expect(notes.nth(0)).to_contain_text(str(moved))
        expect(notes.nth(1)).to_have_text(passed_over)
        expect(notes.nth(2)).to_contain_text(gone)
        expect(notes.nth(2)).to_contain_text(f"zhclip remove {photos}")
        press(tab, sheet.locator(".zc-close"))
        expect(sheet).to_have_count(0)
        expect(tab.page.locator(".zc-hit")).to_have_count(2)
        tab.page.goto("about:blank")  # before the server ends, which the page would report
