"""Who calls: the implementation of `kit.http.Authenticator`, for HTTP and for WebSockets.

A short memory (two seconds, emptied by a ring of "access") keeps the database out of most requests; a revoked
session, role or token is dead within that time on every process, at once on the one that revoked it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from starlette.requests import HTTPConnection

from miaohui.access import actions, model, queries
from miaohui.access.actions.tokens import PREFIX
from miaohui.access.model import AccessPolicy
from miaohui.access.queries import Identity, Membership
from miaohui.access.routes.origin import is_safe, require_own
from miaohui.kit.errors import NOT_FOUND, UNAUTHENTICATED, Refusal
from miaohui.kit.http import Caller
from miaohui.kit.passwords import Passwords
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM

COOKIE = "miaohui_session"
SECURE_COOKIE = "__Host-" + COOKIE
SHOP_HEADER = "x-miaohui-shop"
TOUCH_SESSION_S = 60
TOUCH_TOKEN_S = 600
TOUCH_WAIT_S = 0.25
MAX_REMEMBERED = 5_000
MAX_SECRET_LENGTH = 200


def is_https(conn: HTTPConnection, policy: AccessPolicy) -> bool:
    """Tell whether the browser speaks TLS with us, or with a proxy in front of us."""
    return policy.secure_cookie or conn.url.scheme in ("https", "wss")


def cookie_name(conn: HTTPConnection, policy: AccessPolicy) -> str:
    """Return the cookie's name: with TLS no neighbouring host can set it (ASVS 3.3.1, 3.3.3)."""
    return SECURE_COOKIE if is_https(conn, policy) else COOKIE


def ip_of(conn: HTTPConnection) -> str:
    """Return the caller's address as the server saw it; proxies are believed by the server's setting only."""
    return conn.client.host if conn.client else ""


@dataclass(frozen=True)
class _Remembered:
    identity: Identity
    until_s: float


class SessionAuthenticator:
    """Finds the caller by the session cookie or by `Authorization: Bearer`. One per process."""

    def __init__(
        self, rt: Runtime, policy: AccessPolicy | None = None, passwords: Passwords | None = None
    ) -> None:
        self.rt, self.policy = rt, policy or AccessPolicy()
        self.passwords = passwords or Passwords()
        self.hashing = asyncio.Semaphore(2)
        self.hashing_count = 0
        self._bell = rt.doorbell.listen("access")
        self._remembered: dict[str, _Remembered] = {}

    async def caller(self, request: Request) -> Caller:
        """Return the caller of a request. Raises: Refusal kit.unauthenticated, access.foreign_origin."""
        return await self.caller_of(request)

    async def caller_of(self, conn: HTTPConnection) -> Caller:
        """Return the caller of a request or of a WebSocket, which may ask again while it is open.

        Raises: Refusal kit.unauthenticated; access.foreign_origin for a cookie sent by another site's page;
        kit.not_found for a shop that is not the caller's.
        """
        bearer = conn.headers.get("authorization")
        if bearer is not None:
            return await self._by_token(conn, bearer)
        secret = conn.cookies.get(cookie_name(conn, self.policy), "")
        if not 0 < len(secret) <= MAX_SECRET_LENGTH or secret.startswith(PREFIX):
            UNAUTHENTICATED.refuse()  # an API token in the cookie would shed its limits
        if not is_safe(conn):
            require_own(conn, self.policy)
        return await self._by_session(conn, secret)

    async def _by_session(self, conn: HTTPConnection, secret: str) -> Caller:
        identity = await self._identity(secret)
        now = self.rt.clock.now()
        is_session = identity is not None and identity.only is None
        if identity is None or not is_session or not self.is_alive(identity, now) or not identity.shops:
            UNAUTHENTICATED.refuse()
        if conn.scope["type"] == "http":  # an open socket alone does not keep a session alive
            await self._touch(secret, identity, now)
        shop_id = _chosen_shop(conn, identity.shops)
        role, group_ids = _rights(identity.shops[shop_id])
        permissions = self.permissions_of(role, identity.strength)
        return Caller(
            identity.user_id, shop_id, role, identity.name, permissions,
            None if "inbox.read_all" in permissions else group_ids, identity.id, ip_of(conn),
        )  # fmt: skip

    async def _by_token(self, conn: HTTPConnection, header: str) -> Caller:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.startswith(PREFIX) or len(secret) > MAX_SECRET_LENGTH:
            UNAUTHENTICATED.refuse()
        identity = await self._identity(secret)
        now = self.rt.clock.now()
        if identity is None or identity.only is None or now >= identity.expires_at:
            UNAUTHENTICATED.refuse()
        shop_id, granted = identity.only
        if shop_id not in identity.shops:  # its maker left the shop
            UNAUTHENTICATED.refuse()
        _chosen_shop(conn, {shop_id: identity.shops[shop_id]})
        await self._touch(secret, identity, now)
        role, group_ids = _rights(identity.shops[shop_id])
        permissions = granted & model.ROLES[role] - model.NOT_FOR_TOKENS
        return Caller(
            identity.user_id, shop_id, role, f"{identity.name}（令牌 {identity.label}）", permissions,
            None if "inbox.read_all" in permissions else group_ids, None, ip_of(conn), identity.id,
        )  # fmt: skip

    def permissions_of(self, role: str, strength: str) -> frozenset[str]:
        """Return what a role may do after a log-in of this strength: where a second factor is required, a
        password alone opens nothing but the pages where it is switched on (ASVS 6.3.3)."""
        return frozenset() if self.needs_totp(role, strength) else model.ROLES[role]

    def needs_totp(self, role: str, strength: str) -> bool:
        """Tell whether a log-in is too weak for a role."""
        return role in self.policy.totp_roles and strength == "password"

    def is_alive(self, identity: Identity, now: datetime) -> bool:
        """Tell whether a session is within both its times (ASVS 7.3.1, 7.3.2)."""
        idle = timedelta(seconds=self.policy.session_idle_s)
        return now < identity.expires_at and identity.seen_at is not None and now < identity.seen_at + idle

    async def _identity(self, secret: str) -> Identity | None:
        """Return who holds the secret, from memory if it is fresh."""
        key, now_s = queries.token_hash(secret), self.rt.clock.monotonic_s()
        if self._bell.is_set():
            self.forget_all()
        found = self._remembered.get(key)
        if found is not None and now_s < found.until_s:
            return found.identity
        find = queries.find_token if secret.startswith(PREFIX) else queries.find_session
        identity = await self.rt.read(lambda conn: find(conn, secret))
        # A ring during the read may mean that it saw the state before the revocation: use it, keep nothing.
        if identity is not None and not self._bell.is_set():
            self._remember(key, identity, now_s)
        return identity

    def _remember(self, key: str, identity: Identity, now_s: float) -> None:
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = _Remembered(identity, now_s + self.policy.cache_s)

    def forget_all(self) -> None:
        """Empty the memory: rights changed somewhere."""
        self._bell.clear()
        self._remembered.clear()

    async def _touch(self, secret: str, identity: Identity, now: datetime) -> None:
        """Note the use once a minute (a token: ten); a database that cannot write, or not now, does not stop
        reading: nobody waits long for this, and it is written when it can be."""
        pause_s = TOUCH_SESSION_S if identity.only is None else TOUCH_TOKEN_S
        if identity.seen_at is not None and now < identity.seen_at + timedelta(seconds=pause_s):
            return
        key = queries.token_hash(secret)
        if key in self._remembered:
            self._remembered[key] = _Remembered(identity.seen(now), self._remembered[key].until_s)
        touch = actions.touch_session if identity.only is None else actions.touch_token
        noting = asyncio.ensure_future(
            self.rt.write(SYSTEM, lambda tx: touch(tx, identity.id, now), background=True)
        )
        noting.add_done_callback(lambda done: done.cancelled() or done.exception())
        with contextlib.suppress(Refusal, TimeoutError):
            async with asyncio.timeout(TOUCH_WAIT_S):
                await asyncio.shield(noting)


def _rights(membership: Membership) -> tuple[str, frozenset[int]]:
    if membership.role is None:
        UNAUTHENTICATED.refuse()
    return membership.role, frozenset(membership.group_ids)


def _chosen_shop(conn: HTTPConnection, shops: dict[int, Membership]) -> int:
    """Return the shop that the request is about: named and the caller's own, else the first.

    Sockets, event streams and downloads cannot carry headers, so reading requests may name it as `?shop=`.
    """
    text = conn.headers.get(SHOP_HEADER)
    if text is None and (is_safe(conn) or conn.scope["type"] == "websocket"):
        text = conn.query_params.get("shop")
    if text is None:
        return next(iter(shops))
    return named_shop(text, shops) or NOT_FOUND.refuse()


def named_shop(text: str, shops: Container[int]) -> int | None:
    """Return the shop that `text` names if it is one of `shops`."""
    named = int(text) if text.isascii() and text.isdecimal() and len(text) <= 16 else 0
    return named if named in shops else None
