"""Pushes that come twice, late, in any order or never, and a burst: the mirror becomes equal to the truth (F7).

Two simulated platforms and the server run as programs of their own. Six hours of the platforms' life are pushed
with delays (the pushes arrive when the server starts, hours after what they tell happened); then they live on
while agents answer; then buyers write a hundred times as much. The API calls of both fail in between. Then the
reconcile is asked for, and everything in our database is compared with what really happened.

抖音 offers no way to read private messages again, so a message or a recall whose push was lost for good cannot
be known: the truth of these is what was delivered at least once.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from miaohui.app import serve
from miaohui.app.bench.report import Figure
from miaohui.app.process import Process
from miaohui.app.prove import load, stand
from miaohui.app.prove.platforms import Platforms, Remote
from miaohui.app.prove.verdict import Verdict
from miaohui.app.settings import Settings
from miaohui.channels.sim.doudian import simulator as doudian_sim
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY
from miaohui.kit.db import Database
from miaohui.kit.randomness import Rng
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.shop import actions as shop
from miaohui.shop.actions import NewAccount
from miaohui.trade.model.ports import STREAMS

HOURS_LATE = 6
BUYERS = 160
WHOLE_LIMIT_S = 180.0
CONTEXT = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Size:
    """How much is played. Units: acts, seconds, messages a second."""

    before: int
    live_s: float
    rate: float
    burst_s: float
    has_api_faults_at_the_end: bool


def measure(
    before: int = 700,
    live_s: float = 20.0,
    rate: float = 3.0,
    burst_s: float = 10.0,
    seed: int = 0,
    url: str = "",
) -> list[Figure]:
    """Return the figures of the chaos proof. `rate`: messages a second on a normal day; the burst has 100 times."""
    size = Size(before, live_s, rate, burst_s, before > 300)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="miaohui-chaos-")))
        port = stand.free_port()
        hook = f"http://127.0.0.1:{port}/hooks"
        douyin = stack.enter_context(stand.platform(folder, f"{hook}/douyin_im/{CLIENT_KEY}"))
        doudian = stack.enter_context(
            stand.platform(folder, f"{hook}/doudian/{doudian_sim.APP_KEY}", "doudian")
        )
        return _Proof(folder, port, (doudian, douyin), size, Rng(seed)).run(url)


async def _reconcile_now(request: Request) -> Response:
    """Ask for what is asked for at every full minute."""
    rt = request.app.state.runtime
    places = await rt.ports["trade.accounts"].list_pullable()

    def ask(tx: Tx) -> None:
        for place in places:
            for stream in STREAMS:
                args = {"account_id": place.account.id, "stream": stream}
                tx.enqueue("trade.reconcile_stream", args, shop_id=place.account.shop_id)

    await rt.write(SYSTEM, ask)
    return Response(b"{}")


def _serve(settings: Settings, log: str) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 2)
    serve.set_up_logs("json")
    process = Process(settings)
    process.app.add_route("/prove/reconcile", _reconcile_now, ["POST"])
    routes = process.app.router.routes
    routes.insert(0, routes.pop())
    serve.run_server(process, settings)


class _Proof:
    def __init__(self, folder: Path, port: int, platforms: tuple[int, int], size: Size, rng: Rng) -> None:
        self.folder, self.port, self.size, self.rng = folder, port, size, rng
        self.doudian_port, self.douyin_port = platforms
        self.play = Platforms(Remote(platforms[0]), Remote(platforms[1]), rng, BUYERS)
        self.burst: dict[str, Any] = {}

    def run(self, url: str) -> list[Figure]:
        """Play the story, reconcile, compare."""
        started = time.perf_counter()
        settings = stand.settings_for(self.folder, self.port, self.douyin_port)
        settings.egress_allow += f",127.0.0.1:{self.doudian_port}"
        settings.database = url
        process = Process(settings)
        self.stand = stand.build(process, f"http://127.0.0.1:{self.douyin_port}")
        self._connect_doudian(process)
        process.close()
        self.play.douyin.do("limits", {"is_strict": False})
        self._six_hours()
        stop, done = CONTEXT.Event(), str(self.folder / "agents.json")
        server = CONTEXT.Process(target=_serve, args=(settings, str(self.folder / "server.log")))
        server.start()
        stand.wait_for_port(self.port, 20)
        agents = CONTEXT.Process(target=load.answer, args=(self.port, self.stand, stop, done))
        agents.start()
        try:
            self._live(self.size.live_s, self.size.rate)
            self._burst()
            self._live(1.0, self.size.rate)
            stop.set()
            agents.join(30)
            told = json.loads(Path(done).read_text())
            verdict = Verdict(Database(settings.database_url), self.play, self.port, told)
            figures = verdict.reconcile(self.size.has_api_faults_at_the_end)
            figures += [verdict.burst(self.burst), *verdict.pushes(), *verdict.figures()]
            limit = WHOLE_LIMIT_S if self.size.has_api_faults_at_the_end else None
            return [*figures, Figure("whole proof", time.perf_counter() - started, "s", at_most=limit)]
        finally:
            stop.set()
            for child in (agents, server):
                child.kill()
                child.join()

    def _connect_doudian(self, process: Process) -> None:
        new = NewAccount(
            "doudian", "抖店",
            {"app_key": doudian_sim.APP_KEY, "platform_shop_id": doudian_sim.SHOP_ID,
             "base_url": f"http://127.0.0.1:{self.doudian_port}", "open_id_app": CLIENT_KEY},
            {"app_secret": doudian_sim.APP_SECRET}, doudian_sim.APP_KEY,
        )  # fmt: skip
        vault = process.rt.ports["vault"]
        process.rt.lane.run_here(
            lambda tx: shop.add_channel_account(tx, vault, self.stand.shop_id, new), SYSTEM
        )

    # ---- the story

    def _manners(self, late_ms: int, share: float, batch: int, seed: int) -> dict[str, Any]:
        return {
            "lost": 0.05, "doubled": 0.20, "late": share, "late_by_ms": late_ms, "shuffled": 0.5,
            "shuffle_ms": 1_500, "batch": batch, "seed": seed,
        }  # fmt: skip

    def _misbehave(self, late_ms: int, share: float) -> None:
        seed = self.rng.randint(1, 10**6)
        self.play.misbehave(
            self._manners(late_ms, share, 5, seed), self._manners(late_ms, share, 1, seed + 1),
            tries=400, pause_s=0.3,
        )  # fmt: skip

    def _six_hours(self) -> None:
        """Let the platforms live for six hours; their pushes arrive later, while the server is there."""
        self._misbehave(int(self.size.live_s * 1_000), 1.0)
        self.play.move_clocks(-HOURS_LATE * 3_600)
        rounds = max(20, self.size.before // 12)
        for n in range(rounds):
            self.play.move_clocks(HOURS_LATE * 3_600 / rounds)
            for _ in range(self.size.before // rounds):
                self.play.act()
            self.play.say(2)
            if n % 4 == 0:
                self.play.take_back()
        self.play.put_clocks_right()

    def _live(self, seconds: float, rate: float) -> None:
        """Business and chat at their normal rate, pushes with bad manners, calls that fail."""
        self._misbehave(int(min(4.0, seconds) * 1_000), 0.3)
        ends = time.perf_counter() + seconds
        n = 0
        while time.perf_counter() < ends:
            n += 1
            self.play.act()
            self.play.act()
            self.play.say()
            if n % 8 == 3:
                self.play.take_back()
            if n % 3 == 1:
                self._fail_calls()
            time.sleep(1 / rate)

    def _fail_calls(self) -> None:
        play = self.play
        play.fail(play.doudian, "order/orderDetail", self.rng.choice(("limit", "reset", "half", "html")))
        play.fail(play.doudian, "afterSale/Detail", self.rng.choice(("error500", "reset_before", "slow")))
        # Taken and then reset: nobody knows whether it went out (F15).
        play.fail(play.douyin, "im/send", self.rng.choice(("reset", "half", "reset_before", "slow")))

    def _burst(self) -> None:
        """A hundred times as many messages; measured from the first byte of a push to its acknowledgement."""
        self._misbehave(1_000, 0.3)
        before = self.play.pushed(self.play.douyin)["count"]
        rate, started, sent = self.size.rate * 100, time.perf_counter(), 0
        while (now := time.perf_counter() - started) < self.size.burst_s:
            if (due := int(now * rate) - sent) > 0:
                self.play.say(due)
                sent += due
            self.play.act()
            time.sleep(0.03)
        took_s = time.perf_counter() - started
        self.burst = {"from": before, "ended_ms": time.time() * 1_000, "sent": sent, "took_s": took_s,
                      "normal_messages_per_s": self.size.rate}  # fmt: skip
