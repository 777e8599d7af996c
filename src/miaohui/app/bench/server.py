"""A real server process for benchmarks, forked from a parent that has imported the program."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from miaohui.app import serve
from miaohui.app.process import Process
from miaohui.app.prove import stand
from miaohui.app.settings import Settings
from miaohui.inbox.routes.hooks import receive_hook
from miaohui.kit.runtime import Runtime

CONTEXT = multiprocessing.get_context("fork")


class Unwritten:
    """The runtime without persistence: the other side of the webhook ratio. Everything else is the real one."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rt, name)

    async def write(self, actor: Any, fn: Any, **options: Any) -> bool:
        return True


class _Shadow:
    """The application as the bare route sees it: its runtime does not write; nobody else's is touched."""

    def __init__(self, rt: Runtime) -> None:
        self.state = SimpleNamespace(runtime=Unwritten(rt))


def _unwritten_hook(rt: Runtime) -> Callable[[Request], Awaitable[Response]]:
    shadow = _Shadow(rt)

    async def hook(request: Request) -> Response:
        request.scope["app"] = shadow
        return await receive_hook(request)

    return hook


async def _echo(request: Request) -> Response:
    """Hand the text of a delivery straight to the sockets: the floor of the live figure."""
    hub = request.app.state.hub
    body = await request.body()
    for subscriber in hub.subscribers():
        if f"agent:{request.path_params['agent_id']}" in subscriber.topics:
            subscriber.offer(b'{"type":"echo","body":' + body + b"}")
    return Response(b"{}")


def _serve(settings: Settings, log: str) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 2)
    serve.set_up_logs("json")
    process = Process(settings)
    routes = process.app.router.routes
    process.app.add_route("/bench/unwritten/{channel}/{account_key}", _unwritten_hook(process.rt), ["POST"])
    process.app.add_route("/bench/echo/{agent_id}", _echo, ["POST"])
    routes[:0] = [routes.pop(), routes.pop()]
    serve.run_server(process, settings)


@contextlib.contextmanager
def running(settings: Settings, folder: Path) -> Iterator[int]:
    """Run a server; give its process id; stop it at the end."""
    child = CONTEXT.Process(target=_serve, args=(settings, str(folder / "server.log")))
    child.start()
    try:
        stand.wait_for_port(settings.port, 20)
        yield int(child.pid or 0)
    finally:
        child.terminate()
        child.join(15)
        if child.is_alive():
            os.kill(child.pid or 0, signal.SIGKILL)


def in_process(target: Callable[..., Any], *args: Any) -> Any:
    """Run a load generator in a process of its own; return what it returns."""
    receiver, sender = CONTEXT.Pipe(duplex=False)

    def body() -> None:
        sender.send(target(*args))

    child = CONTEXT.Process(target=body)
    child.start()
    sender.close()
    try:
        return receiver.recv()
    finally:
        child.join(10)
