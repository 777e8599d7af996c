"""A demo that is told to stop leaves nobody behind: its platforms, buyers and colleagues are programs of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from miaohui.app.prove import stand

WAIT_S = 60


def beside(folder: Path) -> list[str]:
    """Return the command lines that name the folder: the simulated people read their file there."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(folder) in line:
            found.append(line)
    return found


@pytest.mark.proof
def test_a_demo_that_is_told_to_stop_takes_its_programs_with_it(tmp_path: Path) -> None:
    port = stand.free_port()
    env = {**os.environ, "MIAOHUI_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "miaohui.app.cli", "run", "--demo", "--port", str(port)]
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + WAIT_S
        while len(beside(tmp_path)) < 2 and time.monotonic() < until:
            time.sleep(0.2)
        assert len(beside(tmp_path)) == 2
        server.terminate()
        assert server.wait(30) == 0
        assert beside(tmp_path) == []
    finally:
        server.kill()
