"""The HTTP application: rooms' routes, one error shape, limits, trace ids, the built pages."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from miaohui.app.errors import BODY_TIMEOUT, BUG, add_error_handlers, error_response
from miaohui.app.switchboard import Switchboard, opened
from miaohui.kit.errors import NOT_FOUND, TOO_LARGE, RefusalKind
from miaohui.kit.http import Authenticator, ErrorBody
from miaohui.kit.randomness import secret_hex
from miaohui.kit.runtime import Runtime

log = structlog.get_logger()
BODY_LIMIT = 1_000_000
UPLOAD_LIMIT = 20_000_000
IMPORT_LIMIT = 300_000_000
SLOWEST_BYTES_S = 16_384
LINGER_S, LINGER_BYTES = 2.0, 8_388_608
WEB_DIR = Path(__file__).parent / "web"


def make_app(
    rt: Runtime,
    authenticator: Authenticator,
    routers: Sequence[APIRouter],
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """Return the application. `routers` are the rooms' own; the order is the order in the documentation."""
    app = FastAPI(
        title="秒回 Miaohui",
        version=_version(),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan or _nothing,
        redirect_slashes=False,
    )
    app.state.runtime = rt
    app.state.authenticator = authenticator
    for router in routers:
        app.router.routes.extend(opened(router.routes))
    app.router.middleware_stack = Switchboard(app.router)
    add_error_handlers(app)
    _add_pages(app)
    _describe_errors(app)
    return app


def _describe_errors(app: FastAPI) -> None:
    """Have the document hold the error shape that every route refers to."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault(
            "ErrorBody", ErrorBody.model_json_schema(ref_template="#/components/schemas/{model}")
        )
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("miaohui")
    except PackageNotFoundError:
        return "0"


@asynccontextmanager
async def _nothing(app: FastAPI) -> AsyncIterator[None]:
    yield


# ---- limits and traces, as plain ASGI


class Edge:
    """Gives each request a trace id, bounds its body in size and time, and logs it without its contents."""

    def __init__(self, app: ASGIApp, *, body_timeout_s: float = 10.0) -> None:
        self.app, self.body_timeout_s = app, body_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace_id = scope["trace_id"] = secret_hex(8)
        body = _Body(receive, scope, _body_limit(scope), self.body_timeout_s)
        answer, started = _Answer(send, trace_id, body), time.perf_counter()
        try:
            await self._run(scope, body, answer)
        finally:
            took_ms = (time.perf_counter() - started) * 1000
            if answer.status >= 400 or took_ms > 500:
                log.info(
                    "http",
                    method=scope["method"],
                    path=scope["path"],
                    status=answer.status,
                    ms=round(took_ms, 1),
                    trace_id=trace_id,
                )

    async def _run(self, scope: Scope, body: _Body, answer: _Answer) -> None:
        limit = _body_limit(scope)
        trace_id, receive = answer.trace_id, body.receive
        if (_content_length(scope) or 0) > limit:
            refusal = error_response(TOO_LARGE, {"limit_bytes": limit}, trace_id=trace_id)
            await refusal(scope, receive, answer.send)
            return
        try:
            await self.app(scope, receive, answer.send)
        except _BodyProblem as problem:
            if answer.status == 0:
                await error_response(problem.kind, trace_id=trace_id)(scope, receive, answer.send)
        except Exception as error:  # here and not further out, so that a bug's answer carries the headers too
            log.error("http.bug", path=scope["path"], trace_id=trace_id, exc_info=error)
            if answer.status:
                raise
            await error_response(BUG, trace_id=trace_id)(scope, receive, answer.send)


class _Answer:
    """What goes back: its status once it began, its trace id in a header.

    An answer before the body has come in closes the connection: nobody reads the rest of it.
    """

    def __init__(self, send: Send, trace_id: str, body: _Body) -> None:
        self.trace_id, self.status = trace_id, 0
        self._send, self._body = send, body

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if not self._body.has_ended:
                await self._body.drain()
            closing = () if self._body.has_ended else ((b"connection", b"close"),)
            message["headers"] = [*message["headers"], (b"x-trace-id", self.trace_id.encode()), *closing]
        await self._send(message)


class _BodyProblem(Exception):
    def __init__(self, kind: RefusalKind) -> None:
        super().__init__(kind.code)
        self.kind = kind


def _body_limit(scope: Scope) -> int:
    """Return how large a body may be: exports of a shop's orders are large, and go to disk as they come."""
    if scope["path"] == "/api/imports/uploads":
        return IMPORT_LIMIT
    return UPLOAD_LIMIT if _is_upload(scope) else BODY_LIMIT


def _is_upload(scope: Scope) -> bool:
    path = str(scope["path"])
    return path.endswith(("/attachments", "/uploads", "/imports")) or "/uploads/" in path


def _content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < 20 else None
    return None


class _Body:
    """What comes in: bounded in size; we wait ten seconds for the whole of it, and longer only while it flows.

    Who drips a byte now and then is cut off after ten seconds as well (reliability.md F18).
    """

    def __init__(self, receive: Receive, scope: Scope, limit: int, timeout_s: float) -> None:
        self._receive, self._limit, self._timeout_s = receive, limit, timeout_s
        self._waited_s, self._seen, self._is_late = 0.0, 0, False
        self.has_ended = not _has_body(scope)

    async def receive(self) -> Message:
        """Return the next piece. Raises: _BodyProblem when it is too much or too slow."""
        if self.has_ended:
            return await self._receive()
        began_s = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout_s + self._seen / SLOWEST_BYTES_S - self._waited_s):
                message = await self._receive()
        except TimeoutError:
            self._is_late = True
            raise _BodyProblem(BODY_TIMEOUT) from None
        self._waited_s += time.perf_counter() - began_s
        self._note(message)
        if self._seen > self._limit:
            raise _BodyProblem(TOO_LARGE)
        return message

    def _note(self, message: Message) -> None:
        self._seen += len(message.get("body", b""))
        self.has_ended = not message.get("more_body", False)

    async def drain(self) -> None:
        """Take the rest and forget it, for a moment: who is still sending when we close never reads our answer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while not self.has_ended and not self._is_late and self._seen < self._limit + LINGER_BYTES:
                    self._note(await self._receive())


def _has_body(scope: Scope) -> bool:
    """Tell whether a body comes: a length other than none, or pieces."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0"))
        for name, value in scope["headers"]
    )


# ---- the built pages


def _built_file(target: Path, path: str, takes_gzip: bool) -> FileResponse:
    """Return a built file: what its name fixes is kept for ever, and sent packed where the build packed it."""
    keep = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
    headers = {"Cache-Control": "public, max-age=86400" if path == "favicon.svg" else keep}
    packed = target.with_name(f"{target.name}.gz")
    if not packed.is_file():
        return FileResponse(target, headers=headers)
    headers["Vary"] = "Accept-Encoding"
    if not takes_gzip:
        return FileResponse(target, headers=headers)
    kind = mimetypes.guess_type(target.name)[0]
    return FileResponse(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=kind)


def _add_pages(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request) -> Any:
        """Serve a built file, or the page for any address that is not an API's."""
        if path.startswith(("api/", "hooks/", "widget/")):
            return error_response(NOT_FOUND)
        target = (WEB_DIR / path).resolve()
        if path and target.is_file() and target.is_relative_to(WEB_DIR):
            return _built_file(target, path, "gzip" in request.headers.get("accept-encoding", ""))
        index = WEB_DIR / "index.html"
        if not index.exists():
            return PlainTextResponse(
                "页面尚未构建，请运行 make web\nThe pages are not built: run `make web`.\n", 503
            )
        return FileResponse(index, headers={"Cache-Control": "no-cache"})
