"""Security headers, walked over every route of an app (R24; ASVS 3.2.1, 3.4.1, 3.4.3–3.4.6, 3.4.8, 14.3.2)."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

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


def _policy(header: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in header.split(";")}


def _paths(app: FastAPI) -> list[str]:
    return [route.path for route in app.routes if isinstance(route, Route)] + ["/nowhere", "/api/nowhere"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_answer_carries_the_headers(scheme: str) -> None:
    app = _app()
    client = TestClient(app, f"{scheme}://testserver", raise_server_exceptions=False, follow_redirects=False)
    walked = 0
    for path in _paths(app):
        headers = client.get(path).headers
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
        walked += 1
    assert walked >= 8


def test_scripts_come_from_our_own_files_only() -> None:
    policy = _policy(TestClient(_app()).get("/").headers["content-security-policy"])
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert policy["object-src"] == ["'none'"]
    everything = " ".join(source for name, found in policy.items() if name != "style-src" for source in found)
    assert "unsafe" not in everything
    assert "*" not in everything


def test_data_is_not_cached_unless_its_route_says_how() -> None:
    client = TestClient(_app())
    assert client.get("/api/things").headers["cache-control"] == "no-store"
    assert client.get("/api/nowhere").headers["cache-control"] == "no-store"
    assert client.get("/api/cached").headers["cache-control"] == "private, max-age=60"
    assert "cache-control" not in client.get("/").headers


def test_a_route_cannot_weaken_a_header() -> None:
    assert TestClient(_app()).get("/api/cached").headers["x-frame-options"] == "DENY"


def test_data_opened_as_a_page_runs_nothing() -> None:
    policy = _policy(TestClient(_app()).get("/api/things").headers["content-security-policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["sandbox"] == []


def test_the_embeddable_pages_and_who_embeds_them_can_be_set() -> None:
    rules = HeaderRules(embeddable=("/chat/", "/embed/"), frame_ancestors="https://shop.example")
    client = TestClient(_app(rules))
    moved = _policy(client.get("/embed/x").headers["content-security-policy"])
    assert moved["frame-ancestors"] == ["https://shop.example"]
    former = _policy(client.get("/widget/chat").headers["content-security-policy"])
    assert former["frame-ancestors"] == ["'none'"]
