"""A headless Chromium, and pages of it on which somebody has logged in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from miaohui.app.bench.browser.shop import Shop
from miaohui.app.bench.report import Unavailable
from miaohui.app.http import WEB_DIR

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DESK = (1440, 900)


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a browser. Raises: Unavailable, saying what to install."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as missing:
        raise Unavailable("需要 playwright：pip install playwright（make setup 会装好）") from missing
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise Unavailable("需要 Chromium：sh tools/chromium.sh")
    if not (WEB_DIR / "index.html").is_file():
        raise Unavailable("需要构建好的网页：make web（python tools/build_web.py）")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def seat(browser: Any, shop: Shop, login: str, scheme: str = "light") -> Iterator[Any]:
    """Give a browser context with an empty cache in which somebody has logged in.

    Raises: RuntimeError at the end when a page of it threw an error nobody caught.
    """
    crashes: list[str] = []
    context = browser.new_context(
        viewport={"width": DESK[0], "height": DESK[1]}, color_scheme=scheme, locale="zh-CN"
    )
    context.on("weberror", lambda thrown: crashes.append(str(thrown.error)[:600]))
    try:
        context.set_default_timeout(30_000)
        if login:
            body = {"login": login, "password": shop.password}
            answer = context.request.post(
                f"{shop.url}/api/session", data=body, headers={"X-Miaohui-Csrf": "1"}
            )
            if not answer.ok:
                raise RuntimeError(f"{login}: {answer.status} {answer.text()[:300]}")
        yield context
    finally:
        context.close()
    if crashes:
        raise RuntimeError(f"a page broke: {crashes[0]}")


def go_online(context: Any, shop: Shop) -> None:
    """Switch the person of a context to 在线."""
    body = {"presence": "online", "handover": False, "reason": ""}
    answer = context.request.put(f"{shop.url}/api/presence", data=body, headers={"X-Miaohui-Csrf": "1"})
    if not answer.ok:
        raise RuntimeError(f"presence: {answer.status} {answer.text()[:300]}")
