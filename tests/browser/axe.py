"""What axe-core has against a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[2] / "web" / "client" / "node_modules" / "axe-core" / "axe.min.js"

# Of what passes axe would write a selector and the HTML of every node, which takes longer than to judge it.
_RUN = """async (part) => {
    const found = await axe.run(part, { resultTypes: ["violations"], selectors: false });
    return found.violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))]);
}"""


def serious(page: Page, part: str = "html") -> dict[str, list[str]]:
    """Return what is serious or critical in a part of a page: names of rules, and the first nodes' HTML."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    return dict(page.evaluate(_RUN, part))
