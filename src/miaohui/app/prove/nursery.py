"""A program that starts servers by fork on command, so that a kill and a restart take half a second.

It is a program of its own because a library that moves the wall clock (libfaketime) has to be there from the
start. Each line on its input is the settings of a server as JSON; the answer is the server's process id.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from miaohui.app.settings import Settings


class Nursery:
    """The program, from the outside. `env` is added to its environment."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        source = str(Path(__file__).resolve().parents[3])
        self._log = (folder / "nursery.log").open("ab")
        self._program = subprocess.Popen(
            [sys.executable, "-m", "miaohui.app.prove.nursery", str(folder / "server.log")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            env={**os.environ, "PYTHONPATH": source, **env},
        )  # fmt: skip
        if self._answer() != "ready":
            raise RuntimeError((folder / "nursery.log").read_text()[-2000:])

    def _answer(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline().strip()

    def start(self, settings: Settings) -> int:
        """Start a server; return its process id."""
        assert self._program.stdin is not None
        self._program.stdin.write(json.dumps(settings.model_dump(mode="json")) + "\n")
        self._program.stdin.flush()
        return int(self._answer())

    def close(self) -> None:
        """End the program."""
        self._program.kill()
        self._program.wait()
        self._log.close()


def main(log: str) -> None:
    """Fork a server for each line of settings."""
    from miaohui.app.prove.kill import serve_until_killed

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        given: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve_until_killed(Settings(**given), log)
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
