"""The page in a real browser, over a real library."""

from __future__ import annotations

import stat
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Response, expect

from tests.page.browser import COLOURS, HOSTILE, Server, Tab, serving

PICTURES = len(COLOURS) + 1


def test_words_give_pictures_that_load_with_scores_that_fall(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("夕阳 大海 沙滩")
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)
    for image in tab.page.locator(".zc-picture img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    scores = [float(score) for score in tab.page.locator(".zc-score").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)


def test_a_picture_gives_itself_first(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.page.set_input_files("#zc-box input[type=file]", server.photos / "blue.png")
    tab.page.wait_for_selector("#zc-box img")
    tab.page.click("#zc-box [data-testid=submit-button]")
    first = tab.page.locator(".zc-hit").first
    expect(first.locator(".zc-caption")).to_have_text("blue.png")
    expect(first.locator(".zc-score")).to_have_text("1.00")


def test_what_is_uploaded_can_be_read_by_nobody_else(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.page.set_input_files("#zc-box input[type=file]", server.photos / "red.png")
    tab.page.wait_for_selector("#zc-box img")
    folders = list(server.temporary.iterdir())
    assert any(file.is_file() for folder in folders for file in folder.rglob("*"))
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in folders)


def test_find_similar_gives_the_others(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("anything")
    chosen = tab.page.locator(".zc-hit", has_text="green.png")
    chosen.locator(".zc-similar").click()
    tab.page.wait_for_selector(".zc-like img")
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES - 1)
    expect(tab.page.locator(".zc-hit", has_text="green.png")).to_have_count(0)


def test_an_example_fills_the_box_and_searches(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    example = tab.page.locator("#zc-examples button").first
    example.click()
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)
    expect(tab.page.locator("#zc-box textarea")).to_have_value(example.inner_text())


@pytest.mark.parametrize("language", ["zh-CN"])
def test_the_page_speaks_the_browsers_language_and_the_switch_keeps_the_query(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    assert tab.page.url.endswith("/zh/")
    expect(tab.page.locator(".zc-count")).to_have_text(f"图库中有 {PICTURES} 张图片")
    tab.search("一只狗 & a cat")
    tab.page.click(".zc-language")
    tab.page.wait_for_url("**/en/?q=*")
    expect(tab.page.locator(".zc-count")).to_have_text(f"{PICTURES} pictures in the library")
    expect(tab.page.locator("#zc-box textarea")).to_have_value("一只狗 & a cat")
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)
    assert tab.page.evaluate("document.documentElement.lang") == "en"


def test_a_query_that_is_too_long_is_answered_with_a_note(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("a dog on the grass " * 40)
    expect(tab.page.locator(".zc-note")).to_contain_text("was left out")
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)


def test_an_empty_query_is_no_error(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("a dog")
    tab.page.fill("#zc-box textarea", "   ")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".zc-hit")).to_have_count(0)
    expect(tab.page.locator(".zc-error")).to_have_count(0)


def test_a_file_that_is_no_picture_is_answered_with_what_to_do(tab: Tab, server: Server, tmp_path: Path) -> None:
    fake = tmp_path / "notes.jpg"
    fake.write_text("this is text")
    tab.open(server.address)
    tab.page.set_input_files("#zc-box input[type=file]", fake)
    tab.page.click("#zc-box [data-testid=submit-button]")
    expect(tab.page.locator(".zc-error")).to_contain_text("notes.jpg is not a picture")
    tab.page.click("#zc-box [aria-label*=emove]")
    tab.search("a dog")
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)


def test_file_names_are_text_and_never_markup(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("<script>alert(2)</script> ${7*7} {{value}}")
    expect(tab.page.locator(".zc-caption", has_text="onerror")).to_have_text(HOSTILE)
    assert tab.page.locator(".zc-hit img").count() == PICTURES


@pytest.mark.parametrize("width", [1440, 1024, 390, 320])
def test_nothing_sticks_out_at_any_width(tab: Tab, server: Server, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.open(server.address)
    tab.search("a dog")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width


def test_an_empty_library_says_how_to_fill_it(tab: Tab, tiny_model_folder: Path, tmp_path: Path) -> None:
    with serving("--library", tmp_path / "none.db", "--model", tiny_model_folder, temporary=tmp_path) as address:
        tab.open(address)
        expect(tab.page.locator(".zc-message")).to_contain_text("zhclip index")
        tab.search("a dog")
        expect(tab.page.locator(".zc-message")).to_contain_text("zhclip index")


def test_only_found_pictures_are_served_and_only_to_this_machine(server: Server) -> None:
    def status(path: str, host: str | None = None) -> int:
        request = urllib.request.Request(server.address + path, headers={"Host": host} if host else {})
        try:
            with urllib.request.urlopen(request) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    original = quote(str(server.photos / "red.png"))
    assert status("/en/") == 200
    assert status("/en/", host="evil.example") == 400
    for path in (f"/en/gradio_api/file={original}", "/en/gradio_api/file=/etc/passwd", f"/pictures/{original}"):
        assert status(path) in (403, 404)


def test_large_photos_are_served_small(tab: Tab, server: Server) -> None:
    responses: list[Response] = []
    tab.page.on("response", lambda response: responses.append(response))
    tab.open(server.address)
    tab.search("a dog")
    for image in tab.page.locator(".zc-picture img").all():
        image.scroll_into_view_if_needed()
    tab.page.wait_for_load_state("networkidle")
    sizes = [len(response.body()) for response in responses if "/pictures/" in response.url]
    assert len(sizes) == PICTURES
    assert max(sizes) < 100_000 < (server.photos / HOSTILE).stat().st_size
