"""Sockets that nobody reads: cut in time and told to start afresh, while everybody else hears at once (F11)."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from miaohui.app.prove import stand
from tests.engines.fleet import Ear, Fleet, wait_until
from tests.faults.asking import deliver

pytestmark = pytest.mark.proof
STALLED = 20
MESSAGES = 300
TEXT = "很长的一句话" * 500  # 9 kB a message: more than all buffers between us hold
CUT_WITHIN_S = 10.0
MAX_GROWTH_BYTES = 50 * 2**20


class TimedEar(Ear):
    """An ear that notes when it heard what."""

    def __init__(self, port: int, where: stand.Stand) -> None:
        self.times: list[float] = []
        super().__init__(port, where)

    def _take(self, told: dict[str, Any]) -> None:
        before = len(self.heard)
        super()._take(told)
        self.times.extend([time.perf_counter()] * (len(self.heard) - before))


def stalled(port: int, where: stand.Stand) -> ClientConnection:
    """Connect with a receive buffer of 4 kB, say hello, and read nothing any more."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    headers = {"Authorization": f"Bearer {where.tokens[0]}"}
    made = connect(
        f"ws://127.0.0.1:{port}/api/live", sock=line, additional_headers=headers, max_queue=1,
        ping_interval=None, close_timeout=0.2, compression=None,
    )  # fmt: skip
    made.send(json.dumps({"type": "hello", "topics": ["shop"]}))
    return made


def last_id_of(line: ClientConnection) -> int:
    """Read what had arrived until the cut; return the last event's id. Fails when it was not cut."""
    last_id = 0
    with pytest.raises(ConnectionClosed):
        while True:
            told = json.loads(line.recv(timeout=5))
            last_id = max(last_id, int(told.get("id") or told.get("last_id") or 0))
    return last_id


def test_sockets_that_nobody_reads_are_cut_and_nobody_else_notices(fleet: Fleet, tmp_path: Path) -> None:
    where = fleet.build("")
    port = fleet.start("").port
    process = psutil.Process(fleet.pids[0])
    ear = TimedEar(port, where)
    assert deliver(port, where, "warm").status == 200
    wait_until(lambda: ear.heard, 10, "nothing is heard")
    open_before, memory_before = process.num_fds(), process.memory_info().rss
    lines = [stalled(port, where) for _ in range(STALLED)]
    wait_until(lambda: process.num_fds() >= open_before + STALLED, 10, "they are not connected")
    late = told_late(port, where, ear)
    assert sorted(late)[int(len(late) * 0.95)] < 0.5, "others are slowed by those who do not read"
    growth = process.memory_info().rss - memory_before
    assert growth < MAX_GROWTH_BYTES, f"{growth / 2**20:.0f} MiB for {STALLED} that do not read"
    wait_until(lambda: process.num_fds() <= open_before + 3, CUT_WITHIN_S, "they are still held")
    assert len(set(ear.heard)) == MESSAGES + 1 and ear.resyncs == 0 and ear.reconnects == 0
    check_that_it_starts_afresh(port, where, last_id_of(lines[0]))
    ear.close()


def told_late(port: int, where: stand.Stand, ear: TimedEar) -> list[float]:
    """Deliver one message after the other; return how long after each the good reader heard of it."""
    late = []
    for number in range(MESSAGES):
        heard = len(ear.times)
        assert deliver(port, where, f"long-{number}", number, TEXT).status == 200
        sent_s = time.perf_counter()
        wait_until(lambda n=heard: len(ear.times) > n, 10, f"message {number} is not heard")
        late.append(ear.times[heard] - sent_s)
    return late


def check_that_it_starts_afresh(port: int, where: stand.Stand, since: int) -> None:
    """Back with the last id it saw, it gets everything it missed, or is told to fetch anew."""
    headers = {"Authorization": f"Bearer {where.tokens[0]}"}
    with connect(f"ws://127.0.0.1:{port}/api/live", additional_headers=headers, max_size=None) as again:
        again.send(json.dumps({"type": "hello", "topics": ["shop"], "since": since}))
        welcome = json.loads(again.recv(timeout=5))
        next_one = json.loads(again.recv(timeout=5))
    assert welcome["type"] == "welcome" and welcome["last_id"] > since
    assert next_one["type"] == "resync" or next_one["id"] > since
