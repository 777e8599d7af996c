"""Serving: one process, and for the demo its seeded shop and the programs that play platforms and people."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
import typer
import uvicorn

from miaohui.app.patience import PatientProtocol, PatientSocket
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.app.troubles import told_plainly


@dataclass(frozen=True)
class DemoOptions:
    """How the demo plays. `speed` multiplies the demand clock; reply clocks stay real."""

    speed: float
    seed: int
    scenario: str


class _Stderr:
    """Standard error, wherever it leads: a full disk under a log file must not stop what is being logged (F3)."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            return sys.stderr.write(text)
        return 0

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def set_up_logs(form: str) -> None:
    """Write log lines for people on a terminal, JSON lines elsewhere; never message texts."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(_Stderr()),  # type: ignore[arg-type]
    )


def server_config(process: Process, settings: Settings) -> uvicorn.Config:
    """Return the HTTP server's settings: small limits against slow and greedy clients (F18)."""
    return uvicorn.Config(
        process.app,
        host=settings.host,
        port=settings.port,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=PatientProtocol,
        ws=PatientSocket,
        ws_max_size=65_536,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        proxy_headers=settings.trust_proxy,
        backlog=2048,
    )


def run(settings: Settings, demo: DemoOptions | None) -> int:
    """Serve until stopped; return the exit status.

    The server hands SIGTERM on once it has stopped: here it becomes an ordinary way out, so that what runs beside
    us (the demo's platforms and people) ends too.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    set_up_logs(settings.log_format)
    if demo is not None:
        from miaohui.app import demo as demo_module

        ports = demo_module.prepare(settings)
    with told_plainly():
        process = Process(settings)
    with contextlib.ExitStack() as stack:
        if demo is not None:
            try:
                stack.enter_context(demo_module.played(process, settings, demo, ports))
            except demo_module.NotAnExample as error:
                typer.echo(str(error), err=True)
                return 1
        gc.collect()
        server = run_server(process, settings)
        return 0 if server.started else 1


def run_server(process: Process, settings: Settings) -> uvicorn.Server:
    """Serve until stopped; return the server that has stopped.

    What is in memory now lasts as long as the process: it is never searched for garbage again. Searching it
    stopped everything for 200 ms at a time.
    """
    server = uvicorn.Server(server_config(process, settings))
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # young memory is searched less often: requests leave few rings behind
    gc.enable()
    server.run()
    return server


def seed_only(settings: Settings, seed: int) -> list[str]:
    """Make the example shop in an empty installation; return the log-ins to print."""
    from miaohui.app import demo as demo_module

    with told_plainly():
        process = Process(settings)
    try:
        return demo_module.seeded(process, settings, seed)
    finally:
        process.db.close()
        if process.lock is not None:
            process.lock.close()


@contextlib.contextmanager
def child(module: str, *args: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m module args…` beside us; it ends with us."""
    with log.open("ab") as out:
        started = subprocess.Popen(
            [sys.executable, "-m", module, *args],
            stdout=out,
            stderr=out,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(3)
        started.kill()
