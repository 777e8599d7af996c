"""How a simulator runs as a program of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
from typing import Any, Protocol


class Simulator(Protocol):
    """What `main` starts."""

    async def start(self, port: int = 0) -> int:
        """Listen; return the port."""

    async def close(self) -> None:
        """Stop."""

    def describe(self) -> dict[str, Any]:
        """Return address and account of this simulator, for who starts it."""


def parser(name: str, key: str, secret: str) -> argparse.ArgumentParser:
    """Return the command line that all simulators share."""
    made = argparse.ArgumentParser(prog=f"python -m miaohui.channels.sim.{name}")
    made.add_argument(
        "--port", type=int, default=0, help="0 takes a free port; the first line printed names it"
    )
    made.add_argument("--hook", default="", help="address that gets the pushes")
    made.add_argument("--key", default=key, help="app_key / client_key")
    made.add_argument("--secret", default=secret, help="app_secret / client_secret")
    made.add_argument("--seed", type=int, default=1)
    return made


async def serve(simulator: Simulator, port: int) -> None:
    """Run until SIGINT or SIGTERM; the first line printed is JSON with the address."""
    await simulator.start(port)
    print(json.dumps(simulator.describe(), ensure_ascii=False), flush=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    await stop.wait()
    await simulator.close()
