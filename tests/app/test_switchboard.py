"""The switchboard finds what trying every route in turn finds."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match

from miaohui.app.switchboard import Switchboard, fixed_words, opened
from miaohui.app.wiring import routers


def _all_routes() -> list[Any]:
    return [route for router in routers() for route in opened(router.routes)]


def _scope(route: Any) -> dict[str, Any]:
    path = re.sub(r"\{[^}]*\}", "12", route.path)
    if not getattr(route, "methods", None):
        return {"type": "websocket", "path": path, "headers": []}
    return {"type": "http", "path": path, "method": sorted(route.methods)[0], "headers": []}


def _first(routes: list[Any], scope: dict[str, Any]) -> Any:
    return next((r for r in routes if r.matches(dict(scope))[0] == Match.FULL), None)


def test_every_route_answers_as_if_all_were_tried_in_turn() -> None:
    routes = _all_routes()
    switchboard = Switchboard(APIRouter(routes=routes))
    switchboard._build()
    for route in routes:
        scope = _scope(route)
        found = _first(switchboard._board(scope["path"]).routes, scope)
        assert found is _first(routes, scope), route.path
    assert len(routes) > 200


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/orders/{order_id}", "api/orders"), ("/api/orders", "api/orders"), ("/hooks/{channel}/{key}", "hooks"),
        ("/widget/{account_key}.js", "widget"), ("/{path:path}", ""), ("/healthz", "healthz"), ("/", ""),
    ],
)  # fmt: skip
def test_fixed_words_end_where_a_parameter_begins(path: str, words: str) -> None:
    assert fixed_words(path) == words


def _app() -> FastAPI:
    app = FastAPI(redirect_slashes=False)

    async def shown(request: Request) -> Response:
        return PlainTextResponse(f"{request.url.path} {sorted(request.path_params.values())}")

    app.add_route("/api/orders/{order_id}", shown, ["GET"])
    app.add_route("/api/{room}", shown, ["POST"])
    app.add_route("/{path:path}", shown, ["GET"])
    app.router.middleware_stack = Switchboard(app.router)
    return app


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def test_open_routes_and_wrong_methods_are_found_from_every_board() -> None:
    async def visit() -> None:
        async with _client(_app()) as client:
            assert (await client.get("/api/orders/7")).text == "/api/orders/7 ['7']"
            assert (await client.get("/api/orders")).text == "/api/orders ['api/orders']"
            assert (await client.post("/api/orders")).text == "/api/orders ['orders']"
            assert (await client.delete("/api/orders/7")).status_code == 405
            assert (await client.get("/")).text == "/ ['']"

    asyncio.run(visit())


def test_a_route_added_later_is_found() -> None:
    app = _app()

    async def late(request: Request) -> Response:
        return PlainTextResponse("late")

    async def visit() -> None:
        async with _client(app) as client:
            await client.get("/")
            app.add_route("/late/{n}", late, ["GET"])
            app.router.routes.insert(0, app.router.routes.pop())
            assert (await client.get("/late/1")).text == "late"

    asyncio.run(visit())
