"""What every room's routes share: who calls, what they may do, how refusals are declared.

Authentication itself is a port (`access` implements it): rooms depend on this page only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request
from fastapi.routing import iter_route_contexts
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.routing import BaseRoute

from miaohui.kit.errors import (
    FORBIDDEN,
    INVALID,
    NOT_FOUND,
    TOO_MANY,
    UNAUTHENTICATED,
    UNAVAILABLE,
    RefusalKind,
)
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor


@dataclass(frozen=True)
class Caller:
    """An authenticated person or token inside one shop. The tenant comes from here, never from a body.

    `group_ids` is None for roles that see every group of the shop, else the groups they belong to.
    """

    user_id: int
    shop_id: int
    role: str
    name: str
    permissions: frozenset[str]
    group_ids: frozenset[int] | None
    session_id: int | None = None
    ip: str = ""
    token_id: int | None = None

    @property
    def actor(self) -> Actor:
        """Who the audit log names: the person, or a token that the person made (kind 'token')."""
        kind = "user" if self.token_id is None else "token"
        return Actor(kind, self.user_id, self.name, self.ip)

    def can(self, permission: str) -> bool:
        """Tell whether the caller's role holds `permission` in this shop."""
        return permission in self.permissions


class Authenticator(Protocol):
    """Finds out who calls from the session cookie or the bearer token."""

    async def caller(self, request: Request) -> Caller:
        """Return the caller. Raises: Refusal kit.unauthenticated."""


def runtime(request: Request) -> Runtime:
    """Return the process's runtime."""
    return request.app.state.runtime  # type: ignore[no-any-return]


Rt = Annotated[Runtime, Depends(runtime)]


def require(permission: str) -> Callable[..., Awaitable[Caller]]:
    """Return a dependency: the caller, who holds `permission`. 'session' asks only for a log-in.

    Raises: Refusal kit.unauthenticated, kit.forbidden.
    """

    async def dependency(request: Request) -> Caller:
        caller: Caller = await request.app.state.authenticator.caller(request)
        if permission != "session" and not caller.can(permission):
            FORBIDDEN.refuse(permission=permission)
        return caller

    dependency.permission = permission  # type: ignore[attr-defined]
    return dependency


@dataclass(frozen=True)
class Guard:
    """What one route asks for: `permission` None when nothing ('session': a log-in only)."""

    method: str
    path: str
    permission: str | None


def list_guards(routes: Iterable[BaseRoute]) -> list[Guard]:
    """Return every method and path that `routes` answer, WebSockets ('WEBSOCKET') included, with what they ask for."""
    return [
        Guard(method, route.path or "", _permission_of(route))
        for route in iter_route_contexts(list(routes))
        for method in sorted(getattr(route, "methods", None) or {"WEBSOCKET"})
    ]


def _permission_of(route: Any) -> str | None:
    waiting = [route.dependant] if getattr(route, "dependant", None) else []
    while waiting:
        dependant = waiting.pop()
        permission = getattr(dependant.call, "permission", None)
        if isinstance(permission, str):
            return permission
        waiting.extend(dependant.dependencies)
    return None


class ErrorBody(BaseModel):
    """The one shape of every error."""

    code: str
    message: str
    message_en: str
    detail: dict[str, Any] = {}
    trace_id: str = ""


class Schema(BaseModel):
    """Base of request and response bodies: unknown fields are refused, numbers are not guessed from text."""

    model_config = ConfigDict(extra="forbid", strict=False, from_attributes=True)


def _of_a_calendar(text: str) -> str:
    """Refuse days that no calendar has, and those that no shop will see."""
    if text and not date(2000, 1, 1) <= date.fromisoformat(text) < date(2100, 1, 1):
        raise ValueError("日期须在 2000–2099 年之间")
    return text


Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_of_a_calendar)]
DayOrEmpty = Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"), AfterValidator(_of_a_calendar)]

ALWAYS = (UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, INVALID, TOO_MANY, UNAVAILABLE)


def refusals(*kinds: RefusalKind) -> dict[int | str, dict[str, Any]]:
    """Return the `responses=` of a route: what it may refuse, on top of what every route may.

    The shape is referred to by name (`app.http` puts it into the document): FastAPI would otherwise build a
    validator for each status of each route, a third of the start-up time.
    """
    by_status: dict[int, list[RefusalKind]] = {}
    for kind in (*ALWAYS, *kinds):
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: {
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
            "description": " / ".join(f"{k.code}: {k.en}" for k in found),
        }
        for status, found in by_status.items()
    }
