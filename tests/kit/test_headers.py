"""Security headers, walked over every route of an app (R24; ASVS 3.2.1, 3.4.1–3.4.6, 14.3.2)."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

from miaohui.kit.headers import HeaderRules, SecurityHeaders


def _app(rules: HeaderRules | None = None) -> FastAPI:
    app = FastAPI(openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)

    @app.get("/api/things")
    def things() -> dict[str, int]:
        return {"n": 1}

    @app.get("/api/cached")
    def cached() -> JSONResponse:
        headers = {"Cache-Control": "private, max-age=60", "X-Frame-Options": "ALLOWALL"}
        return JSONResponse({}, headers=headers)

    @app.get("/api/broken")
    def broken() -> None:
        raise HTTPException(503)

    @app.get("/hooks/away")
    def away() -> RedirectResponse:
        return RedirectResponse("/")

    @app.get("/widget/chat")
    def widget() -> HTMLResponse:
        return HTMLResponse("<p>你好</p>")

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse("<p>秒回</p>")

    app.add_middleware(SecurityHeaders, rules=rules)
    return app


def _get(app: FastAPI, *paths: str, scheme: str = "http") -> list[httpx.Headers]:
    async def visit() -> list[httpx.Headers]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://testserver") as client:
            return [(await client.get(path)).headers for path in paths]

    return asyncio.run(visit())


def _policy(header: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in header.split(";")}


def _paths(app: FastAPI) -> list[str]:
    return [route.path for route in app.routes if isinstance(route, Route)] + ["/nowhere", "/api/nowhere"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_answer_carries_the_headers(scheme: str) -> None:
    app = _app()
    paths = _paths(app)
    for path, headers in zip(paths, _get(app, *paths, scheme=scheme), strict=True):
        policy = _policy(headers["content-security-policy"])
        embedded = path.startswith("/widget/")
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert ("strict-transport-security" in headers) is (scheme == "https"), path
        assert policy["frame-ancestors"] == (["*"] if embedded else ["'none'"]), path
        assert headers.get("x-frame-options") == (None if embedded else "DENY"), path
        assert headers["cross-origin-resource-policy"] == ("cross-origin" if embedded else "same-origin"), (
            path
        )
        assert policy["base-uri"] == ["'none'"], path
    assert len(paths) >= 8


def test_scripts_come_from_our_own_files_only() -> None:
    policy = _policy(_get(_app(), "/")[0]["content-security-policy"])
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert policy["object-src"] == ["'none'"]
    everything = " ".join(source for name, found in policy.items() if name != "style-src" for source in found)
    assert "unsafe" not in everything
    assert "*" not in everything


def test_data_is_not_cached_unless_its_route_says_how() -> None:
    found = _get(_app(), "/api/things", "/api/nowhere", "/api/cached", "/")
    values = [headers.get("cache-control") for headers in found]
    assert values == ["no-store", "no-store", "private, max-age=60", None]


def test_a_route_cannot_weaken_a_header() -> None:
    assert _get(_app(), "/api/cached")[0]["x-frame-options"] == "DENY"


def test_data_opened_as_a_page_runs_nothing() -> None:
    policy = _policy(_get(_app(), "/api/things")[0]["content-security-policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["sandbox"] == []


def test_the_embeddable_pages_and_who_embeds_them_can_be_set() -> None:
    rules = HeaderRules(embeddable=("/chat/", "/embed/"), frame_ancestors="https://shop.example")
    moved, former = _get(_app(rules), "/embed/x", "/widget/chat")
    assert _policy(moved["content-security-policy"])["frame-ancestors"] == ["https://shop.example"]
    assert _policy(former["content-security-policy"])["frame-ancestors"] == ["'none'"]


def test_a_route_that_serves_files_keeps_its_own_policy() -> None:
    app = FastAPI()

    @app.get("/files/1/a.png")
    def file() -> HTMLResponse:
        return HTMLResponse(
            "x", headers={"Content-Security-Policy": "sandbox", "X-Frame-Options": "ALLOWALL"}
        )

    app.add_middleware(SecurityHeaders)
    [headers] = _get(app, "/files/1/a.png")
    assert headers["content-security-policy"] == "sandbox" and headers["x-frame-options"] == "DENY"
