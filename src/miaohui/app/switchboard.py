"""Which route answers a path, found by the path's first words instead of trying hundreds of patterns in turn.

Trying them one by one took longer than storing a delivery: 200 µs of 330 (docs/reference/performance.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fastapi import APIRouter
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send


def opened(routes: Sequence[BaseRoute]) -> Iterator[BaseRoute]:
    """Give the routes of included routers instead of those routers: none of ours is included under a prefix."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from opened(inner.routes) if inner is not None else (route,)


def fixed_words(path: str) -> str:
    """Return the first one or two words of a route's path, as far as they are fixed: `api/orders`, `hooks`, ''."""
    words: list[str] = []
    for word in path.split("/")[1:3]:
        if not word or "{" in word:
            break
        words.append(word)
    return "/".join(words)


class Switchboard:
    """Hands a request to a small router that knows only the routes with its first words, and the open ones.

    Order: as in the whole router, so the same route answers. Built at the first request, and again when routes
    were added since.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._count = -1
        self._boards: dict[str, APIRouter] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._router.app(scope, receive, send)
            return
        if self._count != len(self._router.routes):
            self._build()
        await self._board(scope["path"]).app(scope, receive, send)

    def _board(self, path: str) -> APIRouter:
        words = path.split("/", 3)
        two = "/".join(words[1:3])
        return (
            self._boards.get(two) or self._boards.get(words[1] if len(words) > 1 else "") or self._boards[""]
        )

    def _build(self) -> None:
        routes = self._router.routes
        words = [fixed_words(getattr(route, "path", "")) for route in routes]
        boards = {}
        for board in {"", *words}:
            reached = ("", board.split("/")[0], board)
            fitting = [route for route, own in zip(routes, words, strict=True) if own in reached]
            boards[board] = APIRouter(routes=fitting, redirect_slashes=False)
        self._boards, self._count = boards, len(routes)
