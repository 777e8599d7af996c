"""How long from the command to the first page, and what an idle process weighs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from miaohui.app.bench.report import Figure, percentile
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.settings import Settings


def measure(rounds: int = 5, idle_s: float = 5.0) -> list[Figure]:
    """Return the best start of `rounds` (the machine is shared) and the memory after `idle_s` idle seconds."""
    with tempfile.TemporaryDirectory(prefix="miaohui-bench-") as name:
        folder = Path(name)
        process = Process(Settings(data_dir=folder / "data"))
        stand.build(process, "http://127.0.0.1:9")
        process.close()
        times, cpu, memory = [], [], 0.0
        for n in range(rounds):
            took, busy, weight = _start(folder, idle_s if n == rounds - 1 else 0.0)
            times.append(took)
            cpu.append(busy)
            memory = weight
    facts = {"seconds": [round(t, 2) for t in times], "cpu_s": round(percentile(cpu, 0.5), 2)}
    return [
        Figure("start to first page", min(times), "s", at_most=2.0, facts=facts),
        Figure("idle memory (resident)", memory, "MB", at_most=150),
    ]


def _start(folder: Path, idle_s: float) -> tuple[float, float, float]:
    port = stand.free_port()
    env = {
        **os.environ,
        "MIAOHUI_DATA_DIR": str(folder / "data"),
        "PYTHONPATH": os.pathsep.join(sys.path[1:]),
    }
    command = [sys.executable, "-m", "miaohui.app.cli", "run", "--port", str(port)]
    with (folder / "server.log").open("ab") as log:
        started = time.perf_counter()
        server = subprocess.Popen(command, stdout=log, stderr=log, env=env)
    try:
        stand.wait_for_port(port, 60)
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
        took = time.perf_counter() - started
        seen = psutil.Process(server.pid)
        busy = sum(seen.cpu_times()[:2])
        time.sleep(idle_s)
        return took, busy, seen.memory_info().rss / 2**20
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
