"""Security headers over every route of the real application, its edge included (R24, ASVS 3.4.1–3.4.6)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from miaohui.access.model import PERMISSIONS, PUBLIC
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.kit.http import list_guards

ALWAYS = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-resource-policy",
)


@pytest.fixture
def process(tmp_path: Path, test_url: Callable[[Path], str]) -> Iterator[Process]:
    yield Process(Settings(data_dir=tmp_path, database=test_url(tmp_path)))


def _visit(process: Process, asks: list[tuple[str, str, bytes]]) -> list[httpx.Response]:
    async def visit() -> list[httpx.Response]:
        transport = httpx.ASGITransport(process.app, raise_app_exceptions=False)
        await process.start()
        try:
            async with httpx.AsyncClient(transport=transport, base_url="https://desk.test") as client:
                return [await client.request(method, path, content=body) for method, path, body in asks]
        finally:
            await process.stop()

    return asyncio.run(visit())


def test_every_route_answers_with_the_headers(process: Process) -> None:
    guards = [guard for guard in list_guards(process.app.routes) if guard.method != "WEBSOCKET"]
    asks = [(guard.method, re.sub(r"\{[^}]+\}", "1", guard.path), b"") for guard in guards]
    asks += [("GET", "/api/nowhere", b""), ("TRACE", "/api/session", b"")]
    asks += [("POST", "/api/session", b"x" * 1_000_001)]
    answers = _visit(process, asks)
    assert len(answers) > 100
    for (method, path, _), answer in zip(asks, answers, strict=True):
        missing = [name for name in ALWAYS if name not in answer.headers]
        assert missing == [], f"{method} {path}"
        assert "'unsafe-eval'" not in answer.headers["content-security-policy"]
        if path.startswith("/api/"):
            assert answer.headers["cache-control"] in ("no-store", "no-cache"), f"{method} {path}"
    assert [answer.status_code for answer in answers[-3:]] == [404, 405, 413]


def test_a_bug_answers_with_the_headers_and_without_its_story(process: Process) -> None:
    async def broken() -> None:
        raise RuntimeError("the inside story")

    process.app.router.routes.insert(0, APIRoute("/api/broken", broken))
    answer = _visit(process, [("GET", "/api/broken", b"")])[0]
    assert (answer.status_code, answer.json()["code"]) == (500, "kit.bug")
    assert "story" not in answer.text
    assert answer.headers["x-trace-id"] == answer.json()["trace_id"]
    assert [name for name in ALWAYS if name not in answer.headers] == []


def test_no_route_of_the_application_is_without_a_guard(process: Process) -> None:
    known = {"session", *PERMISSIONS}
    holes = [
        guard
        for guard in list_guards(process.app.routes)
        if guard.method != "WEBSOCKET"
        and guard.permission not in known
        and (guard.method.replace("HEAD", "GET"), guard.path) not in PUBLIC
    ]
    assert holes == []
