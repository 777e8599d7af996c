"""The disk has a delivery before the platform has its 200 (F2): seen from outside, by the system calls.

The power-loss proof works on a recorded disk of ours; here the real server's own calls are watched with strace:
between the bytes of a request and the bytes of its answer lies a flush of the database's log.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from miaohui.app.prove import stand
from miaohui.app.settings import Settings
from tests.engines.fleet import Fleet, wait_until
from tests.faults.asking import deliver

pytestmark = pytest.mark.proof
DELIVERIES = 40
LOG = "miaohui.db-wal"


@pytest.fixture
def server(fleet: Fleet) -> tuple[stand.Stand, Settings]:
    """A server that has taken its first message: its files are open."""
    where = fleet.build("")
    settings = fleet.start("")
    assert deliver(settings.port, where, "warm").status == 200
    return where, settings


@contextlib.contextmanager
def watched(pid: int, out: Path) -> Iterator[None]:
    """Write the process's calls that concern us to a file, in their order over all threads."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed; the power-loss proof covers the same on a recorded disk")
    calls = "trace=fdatasync,fsync,sendto,send,sendmsg,write,writev,recvfrom,recv,read,readv"
    program = subprocess.Popen(
        [strace, "-f", "-y", "-q", "-s", "160", "-e", calls, "-o", str(out), "-p", str(pid)],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _is_traced(pid), 10, "strace is not attached")
        yield
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(10)


def _is_traced(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"TracerPid:\s+(\d+)", status)
    return found is not None and found[1] != "0"


def test_every_answer_comes_after_a_flush_of_the_log(
    server: tuple[stand.Stand, Settings], fleet: Fleet, tmp_path: Path
) -> None:
    where, settings = server
    out = tmp_path / "calls.txt"
    with watched(fleet.pids[0], out):
        for number in range(DELIVERIES):
            assert deliver(settings.port, where, f"traced-{number}").status == 200
    check(out.read_text(errors="replace").splitlines())


def check(lines: list[str]) -> None:
    """A flush that is interrupted by another thread's call is told in two lines: it counts where it is over."""
    seen = answered = 0
    has_flushed, flushing = False, set[str]()
    for line in lines:
        thread = line.split()[0]
        if "POST /hooks/" in line:
            seen, has_flushed = seen + 1, False
        elif re.search(r"f(data)?sync\(\d+<[^>]*" + LOG, line):
            if "unfinished" in line:
                flushing.add(thread)
            else:
                has_flushed = True
        elif "sync resumed" in line and thread in flushing:
            flushing.discard(thread)
            has_flushed = True
        elif "HTTP/1.1 200" in line:
            answered += 1
            assert has_flushed, f"answer {answered} left before the log was flushed"
    assert seen == answered == DELIVERIES, (seen, answered)
