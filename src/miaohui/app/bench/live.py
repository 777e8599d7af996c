"""From the platform's delivery to the agent's socket: 200 messages a second, 200 agents connected.

Open loop: deliveries leave at their time whether or not earlier ones were answered. Each agent's socket
follows its own topic, as the workbench does; the echo beside it hands the same bytes to the same sockets
without storing, deciding or committing anything. Source: stack.md §9 T4.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import websockets

from miaohui.app.bench import server
from miaohui.app.bench.report import Figure, median_fdatasync_ms, percentile
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.prove.load import Connection

SENDERS = 24


class Ears:
    """The agents' sockets; they note when each marked text arrives."""

    def __init__(self, port: int, where: stand.Stand) -> None:
        self.port, self.where = port, where
        self.heard: dict[str, float] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.ready = 0

    async def open(self) -> None:
        """Open every socket and wait for its welcome."""
        for number in range(len(self.where.tokens)):
            self.tasks.append(asyncio.create_task(self._listen(number)))
            if number % 20 == 19:
                await asyncio.sleep(0.05)
        async with asyncio.timeout(60):
            while self.ready < len(self.where.tokens):
                await asyncio.sleep(0.05)

    async def _listen(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {self.where.tokens[number]}"}
        uri = f"ws://127.0.0.1:{self.port}/api/live"
        async with websockets.connect(
            uri, additional_headers=headers, compression=None, max_size=None
        ) as socket:
            topics = [f"agent:{self.where.agent_ids[number]}"]
            await socket.send(json.dumps({"type": "hello", "topics": topics}))
            async for frame in socket:
                now = time.perf_counter()
                text = frame if isinstance(frame, str) else frame.decode()
                if '"welcome"' in text:
                    self.ready += 1
                    continue
                at = text.find("#t")
                if at >= 0 and "message_received" in text or '"echo"' in text:
                    self.heard.setdefault(text[at : text.index("#", at + 1)], now)

    async def close(self) -> None:
        """Close every socket."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def _run(port: int, where: stand.Stand, rate: int, seconds: float, kind: str) -> list[float]:
    ears = Ears(port, where)
    await ears.open()
    sent: dict[str, float] = {}
    connections: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(SENDERS):
        connections.put_nowait(Connection(port))

    async def send(n: int) -> None:
        mark = f"#t{kind}{n}"
        raw = _request(where, kind, n, mark + "#")
        connection = await connections.get()
        sent[mark] = time.perf_counter()
        await connection.send(raw)
        connections.put_nowait(connection)

    started, tasks = time.perf_counter(), []
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, started + n / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(send(n)))
    await asyncio.gather(*tasks)
    for _ in range(100):
        if len(ears.heard) >= len(sent):
            break
        await asyncio.sleep(0.1)
    await ears.close()
    missed = len(sent) - len(ears.heard)
    return [
        *((ears.heard[m] - at) * 1000 for m, at in sent.items() if m in ears.heard),
        *([10_000.0] * missed),
    ]


def _request(where: stand.Stand, kind: str, n: int, mark: str) -> bytes:
    if kind == "echo":
        body = json.dumps({"text": mark}).encode()
        path = f"/bench/echo/{where.agent_ids[n % len(where.agent_ids)]}"
        return stand.request(path, body, "", "")
    message_id = f"{kind}-{n}"
    body, sign = stand.delivery(message_id, n % 800, f"请问什么时候发货 {mark}", 1_790_000_000_000 + n)
    return stand.request(where.hook_path, body, message_id, sign)


def run(port: int, where: stand.Stand, rate: int, seconds: float, kind: str) -> list[float]:
    """Return the milliseconds from the start of each request to its arrival at the agent's socket."""
    return asyncio.run(_run(port, where, rate, seconds, kind))


def measure(rate: int = 200, sockets: int = 200, seconds: float = 15.0) -> list[Figure]:
    """Return the live latency at `rate` messages a second, and the same against the echo of this run."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        folder = Path(name)
        settings = stand.settings_for(folder, stand.free_port(), 9)
        process = Process(settings)
        where = stand.build(process, "http://127.0.0.1:9", agents=sockets)
        process.close()
        fsync = median_fdatasync_ms(folder)
        times: dict[str, list[float]] = {}
        with server.running(settings, folder):
            for kind, wanted in (("warm", 5.0), ("echo", seconds), ("real", seconds)):
                times[kind] = server.in_process(run, settings.port, where, rate, wanted, kind)
    return _figures(times, fsync, rate, sockets)


def _figures(times: dict[str, list[float]], fsync: float, rate: int, sockets: int) -> list[Figure]:
    real, echo = times["real"], times["echo"]
    limit = percentile(echo, 0.99) + 4 * fsync
    facts: dict[str, Any] = {
        "p50_ms": round(percentile(real, 0.5), 1), "max_ms": round(max(real), 1), "messages": len(real),
        "echo_p99_ms": round(percentile(echo, 0.99), 1), "median_fdatasync_ms": round(fsync, 2),
    }  # fmt: skip
    name = f"delivery → agent's socket at {rate} msg/s, {sockets} sockets, p99"
    return [
        Figure(name, percentile(real, 0.99), "ms", at_most=200, facts=facts),
        Figure(
            "the same against echo p99 + 4 × median fdatasync",
            percentile(real, 0.99),
            "ms",
            at_most=round(limit, 1),
        ),
    ]
