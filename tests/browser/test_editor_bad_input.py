"""What the query editor bears: odd results, long queries, a server that goes away."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Route

from kg.release import Release
from tests.browser.desk import LONG, Opened, serving
from tests.browser.expecting import expect

pytestmark = pytest.mark.browser


BAD = {
    "html": '<img src=x onerror="document.title=1"><script>document.title=1</script>',
    "right-to-left": "\u202egnp.exe\u2067 עברית",
    "iri": "http://example.org/" + "x" * 10_000,
}


def test_bad_results_stay_text(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    title = one.page.title()
    rows = [
        {
            "a": {"type": "uri" if key == "iri" else "literal", "value": value},
            "b": {"type": "uri", "value": "javascript:alert(1)"},
        }
        for key, value in BAD.items()
    ]
    body = json.dumps({"head": {"vars": ["a", "b"]}, "results": {"bindings": rows}})
    one.page.route(
        "**/sparql",
        lambda route: route.fulfill(status=200, content_type="application/sparql-results+json", body=body),
    )
    one.write("SELECT * WHERE { ?a ?b ?c }")
    one.run()
    one.ran()
    for view in ("Graph", "Raw", "Code", "Table"):
        one.page.get_by_role("button", name=view, exact=True).click()
    assert one.page.locator(".results img, .results script").count() == 0
    assert one.page.locator("a[href^='javascript']").count() == 0
    assert one.rows.nth(1).locator("bdi").count() > 0
    assert one.page.title() == title
    assert not one.faults


def test_bad_queries_are_borne(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")
    one.write("# " + "x" * 70_000 + "\nASK { ?x ?y ?z }")
    one.run()
    expect(one.page.locator(".problem")).to_contain_text("KG_QUERY_SIZE")
    one.write(f"ASK {{ <http://example.org/{'x' * 10_000}> ?y ?z }}")
    one.run()
    expect(one.page.locator(".boolean")).to_have_text("No")
    assert not one.faults


def test_an_answer_that_breaks_off_is_not_shown(server: str, desk: Opened) -> None:
    one = desk(f"{server}/query")

    def broken(route: Route) -> None:
        body = '{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"half"}}]}}'
        route.fulfill(
            status=200,
            headers={"Row-Count": "5", "Content-Type": "application/sparql-results+json"},
            body=body,
        )

    one.page.route("**/sparql", broken)
    one.write("SELECT * WHERE { ?a ?b ?c }")
    one.run()
    expect(one.page.locator(".problem")).to_contain_text("broke off")
    one.page.unroute("**/sparql")
    one.page.route("**/sparql", lambda route: route.abort("connectionreset"))
    one.run()
    expect(one.page.locator(".problem")).to_contain_text("can't be reached")
    assert one.rows.count() == 0


def test_a_server_that_goes_away_in_the_middle_is_told(
    small_release: Release, desk: Opened, tmp_path: Path
) -> None:
    with serving(tmp_path, "--release", str(small_release.path)) as served:
        one = desk(f"{served.address}/query")
        one.write(LONG)
        one.run()
        expect(one.page.locator("button.stop")).to_be_visible()
        served.kill()
        problem = one.page.locator(".problem")
        expect(problem).to_contain_text("can't be reached")
        expect(one.page.locator("button.stop")).to_be_hidden()
        # The page goes on: it says so again, and the query is still there.
        one.run()
        expect(problem).to_contain_text("can't be reached")
        assert one.text == LONG
        assert one.rows.count() == 0
    assert not one.faults


def test_names_that_come_late_hold_nothing_up(server: str, desk: Opened) -> None:
    """The terms come before the names of a parameter's values: once, waiting for those froze the page."""

    def late(route: Route) -> None:
        time.sleep(1)
        route.continue_()

    one = desk("about:blank", ready=False)
    one.page.route("**/query/labels.json", late)
    kind = "https://w3id.org/linli/vocabulary/facility-kind/elder-care-facility"
    query = f"SELECT * WHERE {{ VALUES ?kind {{ <{kind}> }} ?thing a linli:Facility ; linli:hasKind ?kind }}"
    one.open(f"{server}/query?{urlencode({'query': query})}")
    expect(one.page.locator(".parameters .chip")).not_to_contain_text("http")
