"""The running application with its two shops, and the means to ask it as anybody about anything."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import httpx
import structlog
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from miaohui.access.model import PUBLIC
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.kit.db import metadata
from miaohui.kit.http import list_guards
from tests.app.calls import PATH, Call, Ref, calls_of, fill
from tests.app.twins import PNG, Shop, furnish

T = TypeVar("T")
# Rows that every request may touch: when a log-in or a token was last seen, and counted failures of passwords.
TOUCHED = {"access_sessions", "access_api_tokens", "access_attempts"}


@dataclass(frozen=True)
class Route:
    """One method of one route, with what it asks for. `permission` '' for those of the public list."""

    method: str
    path: str
    permission: str
    context: Any

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def params(self) -> list[str]:
        """The names in the address."""
        return re.findall(r"{(\w+)", self.path)


@dataclass
class Tally:
    """How many checks were made, by kind."""

    counts: dict[str, int]

    def add(self, kind: str, count: int = 1) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + count

    def __str__(self) -> str:
        parts = ", ".join(f"{kind} {count:,}" for kind, count in self.counts.items())
        return f"authorisation matrix: {sum(self.counts.values()):,} checks ({parts})"


TALLY = Tally({})


class Matrix:
    """Two furnished shops A and B in one process without background work; everything else is the real thing."""

    def __init__(self, folder: Path, url: str) -> None:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self.runner = asyncio.Runner()
        self.process = Process(Settings(data_dir=folder, database=url, role="web"))
        self.a, self.b = furnish(self.process, "kiaaa"), furnish(self.process, "zobbb")
        self.run(self.process.start())
        transport = httpx.ASGITransport(self.process.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://desk.test")
        self.routes = list(_routes(self.process))

    def close(self) -> None:
        self.run(self.client.aclose())
        self.run(self.process.stop())
        self.runner.close()
        structlog.reset_defaults()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @property
    def guarded(self) -> list[Route]:
        """HTTP routes that ask for something."""
        return [r for r in self.routes if r.permission and r.method != "WEBSOCKET"]

    async def ask(
        self, route: Route, call: Call, shop: Shop, headers: Mapping[str, str], ids: Mapping[str, Any] = {}
    ) -> httpx.Response:
        """Call a route as whoever `headers` are, with a shop's ids; `ids` overrides some, by place or by kind."""
        known = {**shop.ids, **ids}
        path = re.sub(
            r"{(\w+)(:\w+)?}",
            lambda m: str(fill(call.path.get(m[1], PATH.get(m[1], Missing(m[1]))), known, ("path", m[1]))),
            route.path,
        )
        body = fill(call.body, known, ("body",)) if call.body is not None else None
        options: dict[str, Any] = {"json": body} if body is not None else {}
        if call.has_file:
            options = {"files": {"file": ("a.png", PNG, "image/png")}}
        query = fill(call.query, known, ("query",))
        if route.path.endswith("/stream"):  # an endless answer: only its head is wanted
            return await asyncio.wait_for(self._head(path, query, headers), 5)
        return await self.client.request(route.method, path, params=query, headers=dict(headers), **options)

    async def _head(self, path: str, query: Mapping[str, str], headers: Mapping[str, Any]) -> httpx.Response:
        """Return status and first bytes of a stream: httpx's own transport waits for an end that never comes."""
        got: dict[str, Any] = {"body": b""}
        enough = asyncio.Event()

        async def send(message: Any) -> None:
            got["status"] = message.get("status", got.get("status"))
            got["body"] += message.get("body", b"")
            if message["type"] == "http.response.body":
                enough.set()

        sent = False

        async def receive() -> Any:
            nonlocal sent
            if not sent:
                sent = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await asyncio.Event().wait()

        raw = [(n.encode(), v if isinstance(v, bytes) else v.encode()) for n, v in headers.items()]
        request = httpx.Request("GET", f"http://desk.test{path}", params=dict(query), headers=raw)
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "headers": [(k.lower(), v) for k, v in request.headers.raw], "scheme": "http", "path": path,
            "raw_path": request.url.raw_path.split(b"?")[0], "query_string": request.url.query,
            "server": ("desk.test", 80), "client": ("127.0.0.1", 1), "root_path": "",
        }  # fmt: skip
        task = asyncio.create_task(self.process.app(scope, receive, send))
        await enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return httpx.Response(got["status"], content=got["body"], request=request)

    # ---- what is written

    def prints(self, shop: Shop | None = None) -> dict[str, str]:
        """Return a fingerprint of every table: of one shop's rows, or of all rows."""
        with self.process.db.read() as conn:
            return {
                name: _digest(conn, name, shop)
                for name in metadata.tables
                if name not in TOUCHED and "test_" not in name and not name.startswith("prove_")
            }

    def changed(self, before: Mapping[str, str], shop: Shop | None = None) -> list[str]:
        """Return which tables are not as they were."""
        now = self.prints(shop)
        return sorted(name for name, value in now.items() if before[name] != value)


@dataclass(frozen=True)
class Missing:
    """A parameter that the table of calls does not know."""

    name: str


def _digest(conn: Any, name: str, shop: Shop | None) -> str:
    where = ""
    if shop is not None:
        table = metadata.tables[name]
        if name == "shop_shops":
            where = f" WHERE id = {shop.id}"
        elif name == "access_users":
            where = f" WHERE id IN ({','.join(map(str, shop.users.values()))})"
        elif "shop_id" not in table.c:
            return ""
        else:
            where = f" WHERE shop_id = {shop.id}"
    rows = sorted(map(repr, conn.exec_driver_sql(f"SELECT * FROM {name}{where}").all()))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _routes(process: Process) -> Iterator[Route]:
    contexts = {(m, c.path): c for c in iter_route_contexts(process.app.routes) for m in _methods(c)}
    seen = set()
    for guard in list_guards(process.app.routes):
        if (guard.method, guard.path) in seen:
            continue
        seen.add((guard.method, guard.path))
        context = contexts[(guard.method, guard.path)]
        own = getattr(context.endpoint, "permission", "") if guard.method == "WEBSOCKET" else ""
        yield Route(guard.method, guard.path, _unless_public(guard.permission or own), context)


def _methods(context: Any) -> list[str]:
    return sorted(context.methods or {"WEBSOCKET"})


def _unless_public(permission: str) -> str:
    return "" if permission.startswith("public:") else permission


def is_public(route: Route) -> bool:
    """Tell whether a route stands on the list of those that ask for nothing."""
    return (route.method.replace("HEAD", "GET"), route.path) in PUBLIC


def fields_of(model: Any, at: str = "") -> Iterator[str]:
    """Give the places of all fields of a body's type, 'filter.agent_id'."""
    for name, info in getattr(model, "model_fields", {}).items():
        yield f"{at}{name}"
        pending = [info.annotation]
        while pending:
            one = pending.pop()
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from fields_of(one, f"{at}{name}.")
            else:
                pending.extend(get_args(one))


def query_names(route: Route) -> list[str]:
    """Return the names of a route's query parameters."""
    found, pending = [], [route.context.dependant]
    while pending:
        dependant = pending.pop()
        found += [param.alias for param in dependant.query_params]
        pending.extend(dependant.dependencies)
    return found


def told(answer: httpx.Response, *ids: Any) -> tuple[int, str]:
    """Return what an answer tells, without the ids that were asked for, times and the trace id."""
    text = answer.content.decode(errors="replace")
    for one in ids:
        text = text.replace(str(one), "#")
    return answer.status_code, re.sub(r'"trace_id":"[^"]*"|"20\d\d-\d\d-\d\dT[^"]*"', "", text)


def shown(answer: httpx.Response) -> str:
    """Return an answer for a failure's message."""
    return f"{answer.status_code} {answer.content[:600].decode(errors='replace')[:300]}"


def told_all(problems: list[str]) -> str:
    """Return all problems for a failure's message."""
    return f"{len(problems)} problems:\n" + "\n".join(problems)


def code_of(answer: httpx.Response) -> str:
    """Return the code of an error."""
    try:
        return str(answer.json().get("code", ""))
    except (ValueError, AttributeError):
        return ""


def each_call(routes: list[Route]) -> Iterator[tuple[Route, Call]]:
    """Give every way in which routes are called."""
    for route in routes:
        for call in calls_of(route.key):
            yield route, call


def address_refs(route: Route, call: Call) -> dict[str, Ref]:
    """Return what the parameters of a route's address point at."""
    found = {name: call.path.get(name, PATH.get(name)) for name in route.params}
    return {name: ref for name, ref in found.items() if isinstance(ref, Ref)}
