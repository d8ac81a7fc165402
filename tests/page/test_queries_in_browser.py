"""Queries of several parts on the page: chips, weights, exclusions, filters, more hits."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.page.browser import PICTURES, Server, Tab


def test_words_and_a_picture_are_searched_for_together(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.drop(server.photos / "blue.png")
    tab.search("at night")
    asked = tab.asked()
    assert asked["q"] == ["at night"]
    assert len(asked["p"]) == 1
    expect(tab.page.locator(".zc-chip.zc-parts")).to_have_count(2)
    expect(tab.page.locator(".zc-score")).to_have_count(PICTURES)


def test_parts_have_weights_that_change_the_order_of_hits(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=flower")
    tab.page.fill("#zc-add", "bee")
    with tab.answer():
        tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".zc-weight")).to_have_text(["×1", "×1"])
    exact = "scores => scores.map(score => score.title)"
    before = tab.page.locator(".zc-score").evaluate_all(exact)
    tab.click("[aria-label='bee counts more']")
    assert tab.asked() == {"q": ["flower", "bee"], "w": ["2"]}
    expect(tab.page.locator(".zc-weight")).to_have_text(["×1", "×2"])
    assert tab.page.locator(".zc-score").evaluate_all(exact) != before
    tab.click("[aria-label='Take flower away']")
    assert tab.asked()["q"] == ["bee"]
    expect(tab.page.locator("#zc-box textarea")).to_have_value("bee")


def test_all_of_these_is_a_switch(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=flower&q=bee")
    switch = tab.page.get_by_role("switch", name="All of these in one picture")
    expect(switch).to_have_attribute("aria-checked", "false")
    with tab.answer():
        switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    assert tab.asked()["every"] == ["1"]
    with tab.answer():
        switch.click()
    assert "every" not in tab.asked()


def test_what_is_negated_is_shown_and_can_be_taken_literally(tab: Tab, server: Server) -> None:
    tab.open(server.address)
    tab.search("没有人的海滩")
    expect(tab.page.locator(".zc-understood")).to_have_text("without人")
    with tab.answer():
        tab.page.get_by_role("switch", name="Take my words literally").click()
    expect(tab.page.locator(".zc-understood")).to_have_count(0)
    assert tab.asked()["literal"] == ["1"]


def test_without_adds_an_exclusion(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=beach")
    tab.page.fill("#zc-without", "people")
    with tab.answer():
        tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".zc-chip.zc-exclude")).to_contain_text("people")
    expect(tab.page.locator("#zc-without")).to_have_value("")
    assert tab.asked() == {"q": ["beach"], "not": ["people"]}
    tab.click("[aria-label='Take people away']")
    assert tab.asked() == {"q": ["beach"]}


def test_more_like_this_gives_the_others(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=anything")
    with tab.answer():
        tab.page.locator(".zc-hit", has_text="green.png").locator("[data-do=similar]").click()
    expect(tab.page.locator(".zc-score")).to_have_count(PICTURES - 1)
    assert "green.png" not in tab.captions()
    expect(tab.page.locator(".zc-chip-picture")).to_be_visible()
    tab.click(".zc-clear")
    expect(tab.page.locator(".zc-score")).to_have_count(0)


def test_a_hit_can_be_excluded(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=anything")
    first = tab.captions()[0]
    tab.click(".zc-hit [data-do=exclude]")
    expect(tab.page.locator(".zc-exclude .zc-chip-picture")).to_be_visible()
    assert first not in tab.captions()
    assert len(tab.asked()["notp"]) == 1


def test_filters_let_through_what_passes_them(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=anything")
    tab.page.click(".zc-filters summary")
    tab.page.fill("[name=width]", "1000")
    tab.page.select_option("[name=shape]", "landscape")
    tab.click(".zc-form [type=submit]")
    expect(tab.page.locator(".zc-score")).to_have_count(1)
    expect(tab.page.locator(".zc-chip.zc-filter")).to_have_count(2)
    tab.click("[aria-label='Take Width from away']")
    expect(tab.page.locator(".zc-score")).to_have_count(PICTURES)
    expect(tab.page.locator("[name=width]")).to_have_value("")
    expect(tab.page.locator("[name=shape]")).to_have_value("landscape")


def test_filters_that_nothing_passes_can_be_taken_away(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=anything&shape=portrait")
    expect(tab.page.locator(".zc-message")).to_contain_text("No picture passes the filters")
    tab.click(".zc-message [data-do=unfilter]")
    expect(tab.page.locator(".zc-score")).to_have_count(PICTURES)


def test_a_filter_that_makes_no_sense_is_explained(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=anything&near=the+moon")
    expect(tab.page.locator(".zc-error")).to_contain_text("write latitude and longitude")


def test_names_count_where_words_do(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=yellow&words=1")
    assert tab.captions()[0] == "yellow.png"


def test_a_picture_that_was_dropped_before_a_restart_is_missed(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?p=u{'0' * 32}")
    expect(tab.page.locator(".zc-error")).to_contain_text("drop it again")
    tab.errors.clear()  # the browser says that the chip has no picture


def test_everything_can_be_reached_by_the_keyboard(tab: Tab, server: Server) -> None:
    tab.open(f"{server.address}/en/?q=flower&q=bee")
    reached = set()
    tab.page.locator(".zc-name").focus()
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        reached.add(
            tab.page.evaluate(
                "(({dataset, id, name, className}) => dataset.do || dataset.sheet || id || name || className)"
                "(document.activeElement)"
            )
        )
    wanted = {
        "library",
        "weight",
        "drop",
        "zc-add",
        "zc-without",
        "every",
        "clear",
        "similar",
        "exclude",
        "why",
        "folder",
    }
    assert wanted <= reached
    outline = tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
