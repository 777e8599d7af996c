"""A webhook end to end (HTTP, signature, persist, 200) against the same route without persistence.

The ratio is taken with the deliveries' later processing switched off on both sides (role `web`), because it
is what the platform waits for; the rate with everything that follows stands beside it. Source: stack.md §9 T3.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from miaohui.app.bench import server
from miaohui.app.bench.report import Figure, median_fdatasync_ms, percentile
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.prove.load import TEXTS, Connection

CLIENTS = 64


def _prepared(path: str, prefix: str, count: int) -> list[bytes]:
    requests = []
    for n in range(count):
        message_id = f"{prefix}-{n}"
        body, sign = stand.delivery(message_id, n % 500, TEXTS[n % len(TEXTS)], 1_790_000_000_000 + n)
        requests.append(stand.request(path, body, message_id, sign))
    return requests


async def _fire(port: int, requests: list[bytes]) -> tuple[float, list[float]]:
    waiting, times = iter(requests), []

    async def client() -> None:
        connection = Connection(port)
        for raw in waiting:
            started = time.perf_counter()
            status, _ = await connection.send(raw)
            times.append((time.perf_counter() - started) * 1000)
            if status != 200:
                raise RuntimeError(f"the server answered {status}")
        connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return len(requests) / (time.perf_counter() - started), times


def fire(port: int, path: str, prefix: str, count: int) -> tuple[float, list[float]]:
    """Post `count` deliveries over 64 connections; return requests a second and each one's milliseconds."""
    return asyncio.run(_fire(port, _prepared(path, prefix, count)))


def measure(count: int = 8_000, rounds: int = 4) -> list[Figure]:
    """Return both ratios and the sustained rate; best of alternating rounds in this run."""
    figures = []
    for durability, target in (("full", 0.5), ("normal", 0.85)):
        figures.append(_ratio(durability, target, count, rounds))
    figures.append(_sustained(count * 2))
    return figures


def _ratio(durability: str, target: float, count: int, rounds: int) -> Figure:
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        folder = Path(name)
        settings = stand.settings_for(folder, stand.free_port(), 9, durability)
        settings.role = "web"
        process = Process(settings)
        where = stand.build(process, "http://127.0.0.1:9", agents=2)
        process.close()
        bare_path = where.hook_path.replace("/hooks/", "/bench/unwritten/")
        bare, real, latency = [], [], []
        with server.running(settings, folder):
            for n in range(rounds):
                bare.append(server.in_process(fire, settings.port, bare_path, f"b{n}", count)[0])
                rate, times = server.in_process(fire, settings.port, where.hook_path, f"r{n}", count)
                real.append(rate)
                latency += times
        ratios = [a / b for a, b in zip(real, bare, strict=True)]
        facts = {
            "persisted_per_s": round(max(real)), "without_per_s": round(max(bare)),
            "ratios": [round(r, 2) for r in ratios], "p99_ms": round(percentile(latency, 0.99), 1),
            "median_fdatasync_ms": round(median_fdatasync_ms(folder), 2),
        }  # fmt: skip
        return Figure(
            f"webhook {durability.upper()} / the same without persistence",
            percentile(ratios, 0.5),
            "×",
            target,
            facts=facts,
        )


def _sustained(count: int) -> Figure:
    """Return how many messages a second become conversations, clocks, assignments and feed events."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        folder = Path(name)
        settings = stand.settings_for(folder, stand.free_port(), 9)
        process = Process(settings)
        where = stand.build(process, "http://127.0.0.1:9", agents=20)
        process.close()
        with server.running(settings, folder):
            started = time.perf_counter()
            rate, times = server.in_process(fire, settings.port, where.hook_path, "s", count)
            conn = sqlite3.connect(f"file:{settings.data_dir / 'miaohui.db'}?mode=ro", uri=True)
            while conn.execute("SELECT count(*) FROM inbox_messages").fetchone()[0] < count:
                time.sleep(0.05)
            conn.close()
            took = time.perf_counter() - started
    facts = {
        "acknowledged_per_s": round(rate),
        "ack_p99_ms": round(percentile(times, 0.99), 1),
        "messages": count,
    }
    return Figure(
        "messages received and fully processed, one process", count / took, "msg/s", 222.0, facts=facts
    )
