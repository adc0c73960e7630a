"""What a newcomer wants of the pages, in Chromium: read, check a source, compare, follow a facet."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import rdflib
from playwright.sync_api import Browser, Page

from kg.explore.browsing.browse import PAGE
from kg.release import Release
from tests.browser.axe import serious
from tests.browser.expecting import expect
from tests.browser.screenshots import pages

pytestmark = pytest.mark.browser

LOCALES = {"en": "en-GB", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
COMMUNITY = "/page/id/division/nbs2023-330102012014"


@pytest.mark.parametrize(
    ("language", "body", "stated"),
    [
        ("en", "Honghe Hui", "stated by the passage"),
        ("zh-Hans", "红荷荟", "原文所述"),
        ("zh-Hant", "紅荷薈", "原文所述"),
    ],
)
def test_who_governs_and_which_passage_says_so(page: Page, site: str, language: str, body: str, stated: str):
    page.goto(f"{site}{COMMUNITY}?lang={language}")
    statement = page.locator(".statement", has=page.get_by_role("link", name=re.compile(body))).first
    statement.locator("button.mark").first.click()
    card = page.locator(".card:popover-open")
    expect(card).to_be_visible()
    expect(card).to_contain_text(stated)
    card.get_by_role("link").nth(1).click()  # after the document, the passage
    expect(page).to_have_url(re.compile(r"/page/source/.+/p05"))
    expect(page.get_by_role("main")).to_contain_text(body)


def test_a_card_opens_and_closes_by_keyboard(page: Page, site: str):
    page.goto(f"{site}{COMMUNITY}")
    mark = page.locator("dd button.mark").first
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card:popover-open")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".card:popover-open")).to_have_count(0)
    expect(mark).to_be_focused()


def test_parking_gained_is_compared_as_a_chart(page: Page, site: str):
    page.goto(f"{site}/compare?class=linli:ResidentialCompound&lang=en")
    page.get_by_role("link", name=re.compile("^parking berths")).click()
    chart = page.locator("table.bars")
    lengths = {}
    for group in chart.locator("tbody").all():
        name = group.get_by_role("link").first.inner_text()
        lengths[name] = [int(bar.get_attribute("width") or 0) for bar in group.locator("rect").all()]
    assert lengths["Binfen Beiyuan"][0] > max(lengths["Yangtang Xiaoqu"]) > max(lengths["Baota Gongyu"])
    expect(chart).to_contain_text("more than 200 berth")


def test_several_cases_stand_side_by_side(page: Page, site: str):
    page.goto(f"{site}/compare?class=linli:ResidentialCompound&lang=en")
    page.get_by_label("Yangtang Xiaoqu").check()
    page.get_by_label("Baota Gongyu").check()
    page.get_by_role("button", name="Compare").click()
    table = page.locator("table.side")
    expect(table).to_contain_text("101 berth")
    expect(table).to_contain_text("93 berth")


def test_from_a_facet_to_its_sparql_to_turtle(page: Page, site: str, release: Release):
    page.goto(f"{site}/browse?class=linli:ResidentialCompound&lang=en")
    page.locator(".facets details").evaluate_all("all => all.forEach(one => (one.open = true))")
    choice = page.locator(".facets a", has_text="Gongshu District").first
    count = int(choice.locator(".count").inner_text())
    choice.click()
    expect(page.locator("a.chosen")).to_contain_text("Gongshu District")
    expect(page.locator(".things li")).to_have_count(min(count, PAGE))
    link = page.locator("header a.behind").get_attribute("href") or ""
    query = parse_qs(urlsplit(link).query)["query"][0]
    rows = page.request.get(f"{site}/sparql", params={"query": query}, headers={"Accept": "text/csv"})
    assert len(rows.text().split()) == count + 1
    page.locator(".things a").first.click()
    turtle = page.locator(".downloads a", has_text="Turtle").get_attribute("href")
    graph = rdflib.Graph().parse(data=page.request.get(f"{site}{turtle}").text(), format="turtle")
    assert len(graph) > 5


@pytest.mark.parametrize("language", LOCALES)
def test_the_language_is_that_of_the_browser_until_chosen(browser: Browser, site: str, language: str):
    context = browser.new_context(locale=LOCALES[language])
    page = context.new_page()
    page.goto(site)
    expect(page.locator("html")).to_have_attribute("lang", language)
    other = "en" if language != "en" else "zh-Hant"
    page.locator(f'nav.languages a[lang="{other}"]').click()
    page.goto(f"{site}/browse")
    expect(page.locator("html")).to_have_attribute("lang", other)
    context.close()


def test_pages_are_read_without_scripts(browser: Browser, site: str, release: Release):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{COMMUNITY}?lang=en")
    page.locator("dd button.mark").first.click()
    expect(page.locator(".card:popover-open")).to_be_visible()
    page.goto(f"{site}/browse?class=linli:ResidentialCompound")
    page.locator(".facets a").first.click()
    expect(page.locator("a.chosen")).to_have_count(1)
    context.close()


@pytest.mark.parametrize("language", LOCALES)
def test_nothing_is_wider_than_a_phone(browser: Browser, site: str, release: Release, language: str):
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale=LOCALES[language])
    page = context.new_page()
    wide = {}
    for name, address in pages(release).items():
        page.goto(site + address)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wide[name] = width
    context.close()
    assert wide == {}


def test_on_paper_the_sources_are_notes(page: Page, site: str):
    page.goto(f"{site}{COMMUNITY}?lang=en")
    page.emulate_media(media="print")
    expect(page.locator("aside.card").first).to_be_visible()
    expect(page.locator("header.site")).to_be_hidden()


def test_the_appearance_can_be_chosen(page: Page, site: str):
    page.goto(f"{site}/?lang=en")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("link", name="dark", exact=True).click()
    expect(page.locator("body")).not_to_have_css("background-color", light)
    page.wait_for_load_state("load")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.goto(f"{site}/browse")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


HALVES = {"odd": slice(0, None, 2), "even": slice(1, None, 2)}
"""All pages: what takes longest is cut in two, so that no worker ends long after the others."""


@pytest.mark.parametrize(("scheme", "width", "locale"), [("light", 1280, "en-GB"), ("dark", 390, "zh-TW")])
@pytest.mark.parametrize("half", HALVES)
def test_axe_finds_nothing_serious(
    browser: Browser, site: str, release: Release, scheme: str, width: int, locale: str, half: str
):
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=locale,
    )
    page = context.new_page()
    found = {}
    for name, address in list(pages(release).items())[HALVES[half]]:
        # The query page has a test of its own, with an answer on it.
        if name == "query" or re.fullmatch(r"entity-(?!01|05|08)\d\d", name):
            continue
        page.goto(site + address)
        found |= {f"{name}: {rule}": nodes for rule, nodes in serious(page).items()}
    context.close()
    assert found == {}


def test_axe_would_find_what_is_faint(page: Page):
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><p style='color: #ccc'>faint</p></main>")
    assert serious(page) == {"color-contrast": ['<p style="color: #ccc">faint</p>']}


def test_the_first_tab_skips_to_the_content(page: Page, site: str):
    page.goto(site)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
