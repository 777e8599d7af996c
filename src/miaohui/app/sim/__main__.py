"""`python -m miaohui.app.sim buyers|agents --demo-file data/demo.json`: the demo's people as programs of their own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from miaohui.app.sim.demand import SCENARIOS
from miaohui.app.sim.demo_file import DemoFile, load

COME_IN_EVERY_S = 0.35


async def play_agents(demo: DemoFile) -> None:
    """Work every seat of the demo but the one left to the user."""
    from miaohui.app.sim.colleague import Colleague

    seats = [seat for seat in demo.seats if seat.group and not seat.is_you]
    people = [
        Colleague(demo.base_url, seat, demo.group_ids, Random(demo.seed * 100 + n))
        for n, seat in enumerate(seats)
    ]
    await asyncio.gather(*(_come_in(person.run(), n * COME_IN_EVERY_S) for n, person in enumerate(people)))


async def _come_in(work: Coroutine[Any, Any, None], after_s: float) -> None:
    """Begin a little later than the one before: log-ins are slow on purpose."""
    await asyncio.sleep(after_s)
    await work


async def play_buyers(demo: DemoFile) -> None:
    """Send buyers."""
    from miaohui.app.sim.buyers import play

    await play(demo)


async def until_stopped(demo: DemoFile, work: Coroutine[Any, Any, None]) -> None:
    """Run `work` once the server answers, until SIGINT or SIGTERM."""
    from miaohui.app.sim.client import until_ready

    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)  # type: ignore[union-attr]
    with contextlib.suppress(asyncio.CancelledError):
        await until_ready(demo.base_url)
        await work


def settings_of(arguments: argparse.Namespace) -> DemoFile:
    """Return the demo's file with what the command line says otherwise."""
    demo = load(arguments.demo_file)
    given = {name: getattr(arguments, name) for name in ("base_url", "speed", "seed", "scenario")}
    return msgspec.structs.replace(
        demo, **{name: value for name, value in given.items() if value is not None}
    )


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(
        prog="miaohui sim", description="模拟买家与同事 / simulated buyers and colleagues"
    )
    made.add_argument("who", choices=("buyers", "agents"))
    made.add_argument(
        "--demo-file", type=Path, default=Path("data/demo.json"), help="由 miaohui run --demo 写出"
    )
    made.add_argument("--base-url", help="服务地址 / address of the server")
    made.add_argument("--speed", type=float, help="需求时钟倍速 / speed of the demand clock")
    made.add_argument("--seed", type=int)
    made.add_argument("--scenario", choices=SCENARIOS)
    return made


def main(words: list[str] | None = None) -> int:
    """Run the command; return the exit status."""
    arguments = parser().parse_args(words)
    try:
        demo = settings_of(arguments)
    except (OSError, msgspec.DecodeError) as error:
        print(
            f"读不到 {arguments.demo_file}：{error}\n请先运行 miaohui run --demo。/ Run `miaohui run --demo` first."
        )
        return 1
    asyncio.run(until_stopped(demo, (play_agents if arguments.who == "agents" else play_buyers)(demo)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
