"""WCAG 2.2 AA on the main pages, by axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from miaohui.app.bench.browser import scripts
from miaohui.app.bench.browser.chromium import seat
from miaohui.app.bench.browser.shop import Shop
from miaohui.app.bench.report import Figure, Unavailable

AXE = Path(__file__).resolve().parents[5] / "web/node_modules/axe-core/axe.min.js"
MAIN = ("/desk?box=open", "/board", "/today", "/settings/policies", "/settings/people", "/settings/channels")
MORE = (
    "/settings/me",
    "/settings/groups",
    "/settings/routing",
    "/settings/live",
    "/settings/labels",
    "/settings/replies",
    "/settings/webhooks",
    "/settings/deliveries",
    "/settings/audit",
)


def measure(browser: Any, shop: Shop, everywhere: bool) -> list[Figure]:
    """Return how many serious barriers axe finds, in light and dark; `everywhere`: on all settings pages too."""
    if not AXE.is_file():
        raise Unavailable("需要源码目录里的 axe-core：python tools/build_web.py install")
    found: dict[str, list[str]] = {}
    for scheme in ("light", "dark"):
        with seat(browser, shop, "", scheme) as context:
            _look(context, shop, f"/login ({scheme})", "/login", found)
        with seat(browser, shop, "dianzhang", scheme) as context:
            for path in MAIN + (MORE if everywhere else ()):
                _look(context, shop, f"{path} ({scheme})", path, found)
    bad = {place: problems for place, problems in found.items() if problems}
    count = sum(len(problems) for problems in bad.values())
    facts = {"pages": len(found), "found": bad}
    return [Figure("axe violations, serious or worse", count, "violations", at_most=0, facts=facts)]


def _look(context: Any, shop: Shop, name: str, path: str, found: dict[str, list[str]]) -> None:
    page = context.new_page()
    page.goto(shop.url + path)
    page.locator("main, form").first.wait_for()
    page.wait_for_timeout(500)
    if path.startswith("/desk"):
        page.locator("[role=listbox] [role=option]").first.click()
        page.locator("[data-conversation] textarea").wait_for()
        page.wait_for_timeout(300)
    page.evaluate(AXE.read_text())
    found[name] = list(page.evaluate(scripts.AXE))
    page.close()
