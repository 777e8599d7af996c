"""The seeded shop in a server process of its own, and the people who write to it through its real doors."""

from __future__ import annotations

import http.client
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from miaohui.app import demo
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.seed.people import demo_password
from miaohui.app.settings import Settings
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY

SEED = 7
HOOK = f"/hooks/douyin_im/{CLIENT_KEY}"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Shop:
    """Where the server is, and the password of everybody in the example shop."""

    port: int
    password: str

    @property
    def url(self) -> str:
        """The address that browsers use."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    """Seed the example shop and serve it by `miaohui run`, beside a simulated 抖音; give where it is.

    No buyers are simulated: who writes is up to the measurement.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with stand.platform(folder) as platform_port:
        stand.ask(platform_port, "/sim/limits", {"is_strict": False})
        settings = _seeded(folder, platform_port)
        env = {
            **os.environ,
            "MIAOHUI_DATA_DIR": str(settings.data_dir),
            "MIAOHUI_EGRESS_ALLOW": settings.egress_allow,
        }
        env["PYTHONPATH"] = os.pathsep.join(part for part in sys.path if part)
        command = [sys.executable, "-m", "miaohui.app.cli", "run", "--port", str(settings.port)]
        with (folder / "server.log").open("ab") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        try:
            stand.wait_for_port(settings.port, 60)
            yield Shop(settings.port, demo_password(SEED))
        finally:
            server.terminate()
            server.wait(20)


def _seeded(folder: Path, platform_port: int) -> Settings:
    """Make the example shop, whose 抖音 listens on `platform_port`; return the settings that serve it."""
    settings = Settings(
        data_dir=folder / "data", port=stand.free_port(), egress_allow=f"127.0.0.1:{platform_port}"
    )
    process = Process(settings)
    try:
        demo.seeded(process, settings, SEED, demo.Ports(stand.free_port(), platform_port))
    finally:
        process.close()
    return settings


class Line:
    """One keep-alive connection to the server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        """Send one request. Raises: RuntimeError unless it was taken."""
        self._connection.request("POST", path, body, {"content-type": "application/json", **headers})
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {data[:300]!r}")
        return data


class Platform:
    """抖音's side: it delivers what buyers write, signed, to our webhook."""

    def __init__(self, shop: Shop) -> None:
        self._line = Line(shop.port)

    def deliver(self, buyer: int, text: str) -> None:
        """Deliver one message and wait for its 200."""
        key = f"browser-{next(_numbers)}"
        body, sign = stand.delivery(key, buyer, text, int(time.time() * 1000))
        self._line.post(HOOK, body, {"msg-id": key, "x-douyin-signature": sign})


def flood(shop: Shop, letters: Sequence[tuple[int, str]]) -> None:
    """Deliver (buyer, text) pairs through the webhook as fast as the server takes them, in no sure order."""
    places = threading.local()

    def one(letter: tuple[int, str]) -> None:
        if not hasattr(places, "platform"):
            places.platform = Platform(shop)
        places.platform.deliver(*letter)

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(one, letters):
            pass


@contextmanager
def crowd(shop: Shop, buyers: Sequence[int], per_second: int) -> Iterator[Callable[[], float]]:
    """Let `buyers` write through the webhook, open loop, until the block ends; give the rate reached so far."""
    over, sent, began = threading.Event(), [0], time.perf_counter()
    platform = Platform(shop)

    def write() -> None:
        for n in itertools.count():
            if over.wait(max(0.0, began + n / per_second - time.perf_counter())):
                return
            platform.deliver(buyers[n % len(buyers)], f"第{n}句，在吗？什么时候发货呀")
            sent[0] = n + 1

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield lambda: sent[0] / (time.perf_counter() - began)
    finally:
        over.set()
        thread.join(30)
