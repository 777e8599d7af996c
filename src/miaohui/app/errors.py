"""Errors over HTTP: three kinds, one shape (house §7). Garbage is the caller's fault, and never a 5xx (R7)."""

from __future__ import annotations

import math
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException

from miaohui.kit.errors import INVALID, NOT_FOUND, TOO_LARGE, UNAVAILABLE, Outage, Refusal, RefusalKind

log = structlog.get_logger()
BUG = RefusalKind(
    "kit.bug", 500, "系统出错了，已记录，请把编号发给管理员", "A bug; it is logged: report the trace id"
)
METHOD = RefusalKind("kit.method_not_allowed", 405, "不支持的请求方法", "Method not allowed here")
BODY_TIMEOUT = RefusalKind(
    "kit.body_timeout", 408, "请求内容传输过慢，请重试", "The request body came too slowly"
)


def error_response(
    kind: RefusalKind,
    detail: dict[str, Any] | None = None,
    *,
    trace_id: str = "",
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return the one error shape. What no JSON can carry (half characters, NaN) is shown as text."""
    texts = {"code": kind.code, "message": kind.zh, "message_en": kind.en}
    body = {**texts, "detail": _sendable(detail or {}), "trace_id": trace_id}
    return JSONResponse(body, kind.status, headers)


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_sendable(str(key)): _sendable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_sendable(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _trace_id(request: Request) -> str:
    return str(request.scope.get("trace_id", ""))


def add_error_handlers(app: FastAPI) -> None:
    """Have every failure of the application answered in the one shape."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> JSONResponse:
        pause = str(refusal.detail.get("retry_after_s", 5))
        headers = {"Retry-After": pause} if refusal.kind.status in (429, 503) else None
        return error_response(refusal.kind, refusal.detail, trace_id=_trace_id(request), headers=headers)

    @app.exception_handler(Outage)
    async def outage(request: Request, error: Outage) -> JSONResponse:
        headers = {"Retry-After": str(max(1, round(error.retry_after_s)))}
        return error_response(
            UNAVAILABLE, {"system": error.system}, trace_id=_trace_id(request), headers=headers
        )

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [
            {"where": ".".join(str(part) for part in e["loc"]), "problem": str(e["msg"])[:300]}
            for e in error.errors()[:20]
        ]
        return error_response(INVALID, {"problems": problems}, trace_id=_trace_id(request))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        kinds = {404: NOT_FOUND, 405: METHOD, 413: TOO_LARGE, 400: INVALID, 422: INVALID}
        kind = kinds.get(error.status_code, BUG if error.status_code >= 500 else INVALID)
        return error_response(kind, trace_id=_trace_id(request), headers=dict(error.headers or {}))

    _add_storage_handlers(app)

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> JSONResponse:
        return _bug(request, error)


def _add_storage_handlers(app: FastAPI) -> None:
    @app.exception_handler(DBAPIError)
    async def database_error(request: Request, error: DBAPIError) -> JSONResponse:
        return _database_error(request, error)

    @app.exception_handler(OverflowError)
    @app.exception_handler(UnicodeEncodeError)
    async def unstorable(request: Request, error: OverflowError | UnicodeEncodeError) -> JSONResponse:
        return _unstorable(request, error)


def _database_error(request: Request, error: DBAPIError) -> JSONResponse:
    if isinstance(error, DataError):  # a NUL in an address or a number beyond the column: the caller's
        problem = {"where": "request", "problem": "a value that no database can hold"}
        return error_response(INVALID, {"problems": [problem]}, trace_id=_trace_id(request))
    text = str(error.orig).lower()
    if any(word in text for word in ("full", "locked", "connection", "i/o", "unable to open")):
        log.error("http.database_unavailable", error=text[:300])
        return error_response(UNAVAILABLE, trace_id=_trace_id(request), headers={"Retry-After": "5"})
    return _bug(request, error)


def _unstorable(request: Request, error: OverflowError | UnicodeEncodeError) -> JSONResponse:
    """Answer 422 to what SQLite's driver cannot take: PostgreSQL says DataError to the same."""
    if "SQLite INTEGER" not in str(error) and "surrogates not allowed" not in str(error):
        return _bug(request, error)
    problem = {"where": "request", "problem": "a value that no database can hold"}
    return error_response(INVALID, {"problems": [problem]}, trace_id=_trace_id(request))


def _bug(request: Request, error: Exception) -> JSONResponse:
    log.error("http.bug", path=request.url.path, trace_id=_trace_id(request), exc_info=error)
    return error_response(BUG, trace_id=_trace_id(request))
