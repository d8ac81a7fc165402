"""What a real pointer does to the page, at three widths."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.page.browser import PICTURES, Server, Tab, press, serving_here
from zhclip.models import Encoder
from zhclip.models.calibration import Calibration
from zhclip.search import Library

MANY = 60


@pytest.fixture
def many(tiny_encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page over sixty pictures, of which a search shows about half at first."""
    folder = tmp_path_factory.mktemp("many")
    photos = folder / "photos"
    photos.mkdir()
    for row in range(MANY):
        Image.new("RGB", (40, 30), (4 * row, 100, 255 - 4 * row)).save(photos / f"{row:02}.png")
    with Library(folder / "photos.db", model=tiny_encoder) as library:
        library.add(photos)
        scores = sorted((hit.score for hit in library.search("a dog", top_k=MANY)), reverse=True)
        before = tiny_encoder.calibration
        # The threshold lies between the 30th hit and the next.
        middle = (scores[29] + scores[30]) / 2
        tiny_encoder.calibration = Calibration(slope=100.0, offset=-100.0 * middle, threshold=0.5)
        try:
            with serving_here(library) as address:
                yield address
        finally:
            tiny_encoder.calibration = before


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_the_cross_of_every_sheet_closes_it(tab: Tab, server: Server, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.open(f"{server.address}/en/?q=a+dog")
    openers = ("[data-sheet=library]", ".zc-hit [data-sheet=why]", ".zc-hit [data-sheet=folder]")
    for opener in openers:
        press(tab, tab.page.locator(opener).first)
        sheet = tab.page.locator("dialog[open]")
        expect(sheet.locator("h2").first).to_be_visible()
        expect(tab.page.locator("dialog[open]:not([data-waiting])")).to_have_count(1)
        sheet.evaluate("sheet => sheet.scrollTo(0, sheet.scrollHeight)")
        press(tab, sheet.locator(".zc-close"))
        expect(sheet).to_have_count(0)


def test_what_hardly_fits_comes_after_what_is_shown_and_keeps_the_place(many: str, tab: Tab) -> None:
    tab.open(f"{many}/en/?q=a+dog")
    expect(tab.page.locator(".zc-score")).to_have_count(24)
    press(tab, tab.page.locator(".zc-more button"))
    expect(tab.page.locator(".zc-score")).to_have_count(30)
    shown = tab.captions()
    button = tab.page.get_by_role("button", name="Show what hardly fits, too")
    button.scroll_into_view_if_needed()
    before = tab.page.evaluate("scrollY")
    press(tab, button)
    expect(tab.page.locator(".zc-score")).to_have_count(54)
    assert tab.captions()[:30] == shown
    assert len(set(tab.captions())) == 54
    assert tab.page.evaluate("scrollY") >= before - 2
    assert tab.asked()["anything"] == ["1"]
    press(tab, tab.page.locator(".zc-more button"))
    expect(tab.page.locator(".zc-score")).to_have_count(MANY)


def test_back_restores_the_place_and_the_hits(many: str, tab: Tab) -> None:
    tab.open(f"{many}/en/?q=a+dog")
    press(tab, tab.page.locator(".zc-more button"))
    expect(tab.page.locator(".zc-score")).to_have_count(30)
    last = tab.page.locator(".zc-hit").nth(28)
    last.scroll_into_view_if_needed()
    tab.page.wait_for_timeout(300)
    place = tab.page.evaluate("scrollY")
    assert place > 100
    with tab.answer():
        press(tab, last.locator("[data-do=similar]"))
    expect(tab.page.locator(".zc-chip-picture")).to_be_visible()
    assert tab.page.evaluate("scrollY") < place
    with tab.answer():
        tab.page.go_back()
    expect(tab.page.locator(".zc-score")).to_have_count(30)
    assert abs(tab.page.evaluate("scrollY") - place) <= 2
    tab.page.reload()
    expect(tab.page.locator(".zc-score")).to_have_count(30)
    tab.page.wait_for_function(f"Math.abs(scrollY - {place}) <= 2")


def test_a_bad_filter_keeps_the_form_and_the_results(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=anything")
    press(tab, tab.page.locator(".zc-filters summary"))
    tab.page.fill("[name=near]", "the moon")
    tab.page.fill("[name=width]", "100")
    with tab.answer():
        press(tab, tab.page.locator(".zc-form [type=submit]"))
    expect(tab.page.locator(".zc-form .zc-refused")).to_contain_text("write latitude and longitude")
    expect(tab.page.locator("[name=near]")).to_have_value("the moon")
    expect(tab.page.locator("[name=width]")).to_have_value("100")
    expect(tab.page.locator(".zc-score")).to_have_count(PICTURES)
    assert tab.asked() == {"q": ["anything"]}
    tab.page.fill("[name=near]", "")
    with tab.answer():
        press(tab, tab.page.locator(".zc-form [type=submit]"))
    expect(tab.page.locator(".zc-form")).to_be_hidden()
    assert tab.asked() == {"q": ["anything"], "width": ["100"]}


def test_on_the_phone_every_chip_is_in_sight(tab: Tab, server: Server) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 800})
    tab.open(f"{server.address}/en/?q=a+dog&q=a+beach&not=people&shape=landscape&width=10")
    chips = tab.page.locator(".zc-chips > li")
    assert chips.count() > 6
    for chip in chips.all():
        box = chip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize("language", ["zh-CN"])
def test_a_chinese_page_says_its_notes_in_chinese(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("a dog on the grass " * 40)
    expect(tab.page.locator(".zc-note")).to_contain_text("词元")
    expect(tab.page.locator(".zc-note")).not_to_contain_text("was left out")
