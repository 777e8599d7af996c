"""Pictures of every main page into screenshots/ (not committed): desktop, phone, light, dark, Chinese, English.

    make screenshots                     all of them, of an example shop with simulated buyers made for the purpose
    python tools/screenshots.py --url http://127.0.0.1:8720 --password …   of a server that runs already

Look at each as its user would: alignment, overflow of long names, contrast, what the eye meets first.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "screenshots"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
WARM_UP_S = 25.0


@dataclass(frozen=True)
class Page:
    """A page, who looks at it, and what to do before the picture is taken."""

    name: str
    login: str
    path: str
    press: str = ""
    click: str = ""


SETTINGS = (
    "me",
    "people",
    "groups",
    "channels",
    "policies",
    "figures",
    "replies",
    "routing",
    "live",
    "labels",
    "imports",
    "backups",
    "webhooks",
    "deliveries",
)
FIGURES = ("overview", "heat", "people", "diagnosis", "whatif", "compare")
PAGES = (
    Page("login", "", "/login"),
    Page("desk-list", "zhuguan", "/desk?box=open"),
    Page("desk-chat", "zhuguan", "/desk?box=open", click="[role=option]"),
    Page("desk-help", "zhuguan", "/desk?box=open", press="Alt+/"),
    Page("desk-hand-over", "zhuguan", "/desk?box=open", click="[role=option]", press="Alt+t"),
    Page("desk-empty", "xiaomei", "/desk"),
    Page("desk-nothing-found", "xiaomei", "/desk?q=没有这样的话"),
    Page("forbidden", "xiaomei", "/settings/people"),
    Page("missing", "zhuguan", "/nowhere"),
    Page("widget", "", "/widget/demo-widget"),
    Page("board", "zhuguan", "/board"),
    Page("today", "laoban", "/today"),
    *(Page(f"insight-{name}", "laoban", f"/insight?tab={name}") for name in FIGURES),
    Page(
        "insight-behind",
        "laoban",
        "/insight",
        click="[title=看背后的会话与单据], [title='See the rows behind it']",
    ),
    Page("settings-backups-refused", "dianzhang", "/settings/backups"),
    *(Page(f"settings-{name}", "laoban", f"/settings/{name}") for name in (*SETTINGS, "audit")),
    Page("settings-policy-open", "laoban", "/settings/policies", click="tbody tr:nth-child(3)"),
    Page("settings-channel-open", "laoban", "/settings/channels", click="tbody tr"),
)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def example_shop() -> Iterator[tuple[str, str]]:
    """Serve a fresh example shop with simulated people; give its address and the password."""
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        env = {**os.environ, "MIAOHUI_DATA_DIR": data}
        command = [sys.executable, "-m", "miaohui.app.cli", "run", "--demo", "--port", str(port)]
        server = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert server.stdout is not None
            password = ""
            while not password and (line := server.stdout.readline()):
                found = re.search(r"/ (\S+)\s+（", line)
                password = found.group(1) if found else ""
            url = f"http://127.0.0.1:{port}"
            wait_until_up(url)
            furnish(url, password)
            print(f"等模拟买家进线 {WARM_UP_S:.0f} 秒…", flush=True)
            time.sleep(WARM_UP_S)
            yield url, password
        finally:
            server.terminate()
            server.wait(15)


def furnish(url: str, password: str) -> None:
    """Import four weeks of example exports and make a backup, so that there are figures to look at."""
    import httpx

    from miaohui.app.example_files.write import write_examples

    with (
        tempfile.TemporaryDirectory() as folder,
        httpx.Client(base_url=url, headers={"X-Miaohui-Csrf": "1"}, timeout=120) as client,
    ):
        last = datetime.now(UTC).date() - timedelta(days=1)
        client.post("/api/session", json={"login": "laoban", "password": password}).raise_for_status()
        for path in write_examples(Path(folder), 7, last, scale=0.35):
            if path.parent == Path(folder) and path.name.startswith("拾光女装"):
                sent = client.post("/api/imports/uploads", files={"file": (path.name, path.read_bytes())})
                upload_id = sent.raise_for_status().json()["upload_id"]
                client.post("/api/imports", json={"upload_id": upload_id}).raise_for_status()
        client.post("/api/backups").raise_for_status()


def wait_until_up(url: str, limit_s: float = 60.0) -> None:
    """Return once the server answers. Raises: TimeoutError."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2):
            return
        time.sleep(0.3)
    raise TimeoutError(url)


def log_in(context: Any, url: str, login: str, password: str) -> None:
    """Log somebody in, in all pages of a browser context."""
    answer = context.request.post(
        f"{url}/api/session", data={"login": login, "password": password}, headers={"X-Miaohui-Csrf": "1"}
    )
    if not answer.ok:
        raise SystemExit(f"{login}: {answer.status} {answer.text()[:300]}")


def take(page: Any, what: Page, url: str, target: Path) -> None:
    """Open a page, do what it asks for, take the picture."""
    page.goto(url + what.path)
    page.wait_for_timeout(1_600)
    page.locator("main [class*=_loading_]").first.wait_for(state="detached", timeout=30_000)
    page.wait_for_timeout(400)
    if what.click:
        page.locator(what.click).first.click()
        page.wait_for_timeout(900)
    if what.press:
        page.keyboard.press(what.press)
        page.wait_for_timeout(500)
    page.screenshot(path=target)
    print(target.relative_to(ROOT), flush=True)


def take_all(browser: Any, url: str, password: str, only: str, form: str) -> None:
    """Take every page in every form, or those whose form's name has `form` in it (desktop-light-zh)."""
    OUT.mkdir(exist_ok=True)
    forms = [(s, c, x) for s in SIZES for c in ("light", "dark") for x in ("zh", "en")]
    for size, scheme, locale in (f for f in forms if form in "-".join(f)):
        for login in sorted({page.login for page in PAGES}):
            context = browser.new_context(
                viewport={"width": SIZES[size][0], "height": SIZES[size][1]},
                color_scheme=scheme,
                locale="zh-CN" if locale == "zh" else "en-GB",
            )
            if login:
                log_in(context, url, login, password)
            page = context.new_page()
            for what in (p for p in PAGES if p.login == login and only in p.name):
                take(page, what, url, OUT / f"{what.name}-{size}-{scheme}-{locale}.png")
            context.close()


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--only", default="", help="part of a page's name")
    parser.add_argument("--form", default="", help="part of size-scheme-language, as phone-dark-en")
    wanted = parser.parse_args()
    from playwright.sync_api import sync_playwright

    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        print("sh tools/chromium.sh", file=sys.stderr)
        return 3
    place = contextlib.nullcontext((wanted.url, wanted.password)) if wanted.url else example_shop()
    with place as (url, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        take_all(browser, url, password, wanted.only, wanted.form)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
