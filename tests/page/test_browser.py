"""The page in a real browser: words, a picture, what is found, and what it looks like."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Response, expect

from tests.page.browser import HOSTILE, PICTURES, Server, Tab


def test_it_begins_with_the_librarys_pictures(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    expect(tab.page.locator("h1")).to_be_visible()
    expect(tab.page.locator(".zc-quiet .zc-hit")).to_have_count(PICTURES)
    expect(tab.page.locator(".zc-score")).to_have_count(0)


def test_words_give_pictures_that_load_with_scores_that_fall(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("夕阳 大海 沙滩")
    expect(tab.page.locator("h1")).to_be_hidden()
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)
    for image in tab.page.locator(".zc-picture img").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    scores = [float(score) for score in tab.page.locator(".zc-score").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)


def test_a_picture_gives_itself_first(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.drop(server.photos / "blue.png")
    tab.send()
    first = tab.page.locator(".zc-hit").first
    expect(first.locator(".zc-caption")).to_have_text("blue.png")
    expect(first.locator(".zc-score")).to_have_text("1.00")
    expect(tab.page.locator(".zc-chip-picture")).to_have_js_property("naturalWidth", 320)


def test_a_pasted_picture_is_searched_for(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(300, 200);
          canvas.getContext('2d').fillRect(0, 0, 300, 200);
          const transfer = new DataTransfer();
          transfer.items.add(new File([await canvas.convertToBlob()], 'pasted.png', {type: 'image/png'}));
          document.querySelector('#zc-box textarea').dispatchEvent(
            new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true, cancelable: true}));
        }"""
    )
    tab.page.wait_for_selector("#zc-box img")
    tab.send()
    expect(tab.page.locator(".zc-chip-picture")).to_have_js_property("naturalWidth", 300)
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)


def test_an_example_fills_the_box_and_searches(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    example = tab.page.locator(".zc-examples button").first
    words = example.inner_text()
    with tab.answer():
        example.click()
    expect(tab.page.locator(".zc-score")).to_have_count(PICTURES)
    expect(tab.page.locator("#zc-box textarea")).to_have_value(words)


@pytest.mark.parametrize("language", ["zh-CN"])
def test_the_page_speaks_the_browsers_language_and_the_switch_keeps_the_query(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    assert tab.page.url.endswith("/zh/")
    expect(tab.page.locator("[data-sheet=library]")).to_have_text("图库")
    tab.search("一只狗 & a cat")
    tab.page.click(".zc-language")
    tab.page.wait_for_url("**/en/?q=*")
    expect(tab.page.locator("#zc-box textarea")).to_have_value("一只狗 & a cat")
    expect(tab.page.locator(".zc-score")).to_have_count(PICTURES)
    expect(tab.page.locator("[data-sheet=library]")).to_have_text("Library")
    assert tab.page.evaluate("document.documentElement.lang") == "en"


def test_going_back_and_reloading_keep_the_search(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("a dog")
    tab.search("a cat")
    with tab.answer():
        tab.page.go_back()
    expect(tab.page.locator("#zc-box textarea")).to_have_value("a dog")
    tab.page.reload()
    expect(tab.page.locator("#zc-box textarea")).to_have_value("a dog")
    expect(tab.page.locator(".zc-score")).to_have_count(PICTURES)
    with tab.answer():
        tab.page.go_back()
    expect(tab.page.locator(".zc-quiet .zc-hit")).to_have_count(PICTURES)
    expect(tab.page.locator("#zc-box textarea")).to_have_value("")


def test_a_query_that_is_too_long_is_answered_with_a_note(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("a dog on the grass " * 40)
    expect(tab.page.locator(".zc-note")).to_contain_text("was left out")
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)


def test_an_empty_query_goes_back_to_the_beginning(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("a dog")
    tab.search("   ")
    expect(tab.page.locator(".zc-score")).to_have_count(0)
    expect(tab.page.locator(".zc-error")).to_have_count(0)
    assert tab.asked() == {}


def test_a_file_that_is_no_picture_is_answered_with_what_to_do(tab: Tab, server: Server, tmp_path: Path) -> None:
    fake = tmp_path / "notes.jpg"
    fake.write_text("this is text")
    tab.open(server.address)
    tab.page.set_input_files("#zc-box input[type=file]", fake)
    tab.page.click("#zc-box [data-testid=submit-button]")
    expect(tab.page.locator(".zc-error")).to_contain_text("is not a picture")
    expect(tab.page.locator(".zc-error h2")).to_have_text("notes.jpg")
    tab.page.click("#zc-box .delete-button")
    tab.search("a dog")
    expect(tab.page.locator(".zc-hit")).to_have_count(PICTURES)


def test_file_names_are_text_and_never_markup(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("<script>alert(2)</script> ${7*7} {{value}}")
    tab.page.fill("#zc-without", HOSTILE)
    with tab.answer():
        tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".zc-caption", has_text="onerror")).to_have_text(HOSTILE)
    expect(tab.page.locator(".zc-chip")).to_contain_text(HOSTILE)
    assert tab.page.locator(".zc-hit img").count() == PICTURES


@pytest.mark.parametrize("width", [1440, 1024, 390, 320])
def test_nothing_sticks_out_at_any_width(tab: Tab, server: Server, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.open(server.address)
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
    tab.search("a dog without " + "averyveryverylongword" * 8)
    tab.page.click(".zc-filters summary")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == width
    tab.page.click("[data-sheet=library]")
    tab.page.wait_for_selector("dialog .zc-facts")
    box = tab.page.locator("dialog[open]").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_large_photos_are_served_small_and_the_original_on_click(tab: Tab, server: Server) -> None:
    responses: list[Response] = []
    tab.page.on("response", lambda response: responses.append(response))
    tab.open(server.address)
    tab.search("a dog")
    for image in tab.page.locator(".zc-picture img").all():
        image.scroll_into_view_if_needed()
    tab.page.wait_for_load_state("networkidle")
    shown = {response.url: response for response in responses if "/pictures/" in response.url}
    assert len(shown) == PICTURES
    assert max(len(response.body()) for response in shown.values()) < 100_000
    with tab.page.context.expect_page() as opened:
        tab.page.locator(".zc-hit", has_text="onerror").locator(".zc-picture").click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 1600
