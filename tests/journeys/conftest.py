"""A real browser on a real server: the example shop, its people, and a buyer who writes through the widget's door."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.people import Buyer, Desk, Place

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
START_S = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in Path(str(item.fspath)).parents:
            item.add_marker(pytest.mark.journey)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*args: str) -> list[str]:
    """Return the command line of `miaohui`."""
    return [sys.executable, "-m", "miaohui.app.cli", *args]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The seeded shop, served by one process of its own, without simulated people."""
    assert (ROOT / "src/miaohui/app/web/index.html").is_file(), "build the pages first: make web"
    data = tmp_path_factory.mktemp("journeys")
    env = {**os.environ, "MIAOHUI_DATA_DIR": str(data), "PYTHONPATH": str(ROOT / "src")}
    seeded = subprocess.run(command("seed"), env=env, capture_output=True, text=True, timeout=120)
    assert seeded.returncode == 0, seeded.stderr[-3000:]
    found = re.search(r"/ (\S+)\s+（", seeded.stdout)
    assert found, seeded.stdout
    port = free_port()
    with (data / "server.log").open("w") as log:
        server = subprocess.Popen(command("run", "--port", str(port)), env=env, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_up(url, data / "server.log")
            yield Place(url, found.group(1))
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()


def wait_until_up(url: str, log: Path) -> None:
    """Return once the server answers. Raises: AssertionError with its log."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A headless Chromium, the machine's own."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    assert path, "install Chromium first: sh tools/chromium.sh"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def floor(place: Place) -> Iterator[httpx.Client]:
    """The supervisor's own connection: what tidies up between two journeys."""
    with httpx.Client(base_url=place.url, timeout=10, headers={"X-Miaohui-Csrf": "1"}) as client:
        client.post("/api/session", json={"login": "zhuguan", "password": place.password}).raise_for_status()
        yield client


def close_every_chat(floor: httpx.Client) -> None:
    """Close what other journeys left open, so that the most urgent chat of a journey is its own."""
    while open_ids := [
        row["id"]
        for row in floor.get("/api/conversations?box=open&limit=100").raise_for_status().json()["items"]
    ]:
        body = {"conversation_ids": open_ids, "action": "close", "reason": "下一个演练"}
        done = floor.post("/api/conversations/bulk", json=body).raise_for_status().json()
        assert done["done_count"] == len(open_ids), done


@pytest.fixture
def desk(place: Place, chromium: object, floor: httpx.Client) -> Iterator[Desk]:
    """Opens pages for people, on a floor without open chats; all pages are closed at the end, none may have crashed."""
    close_every_chat(floor)
    opened = Desk(place, chromium)
    yield opened
    opened.close()


@pytest.fixture
def buyer(place: Place) -> Iterator[Buyer]:
    """A buyer who writes through the widget."""
    with httpx.Client(base_url=place.url, timeout=10) as client:
        yield Buyer(client)
