"""Public reads of `access`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import and_, exists, select
from sqlalchemy.engine import Connection

from miaohui.access import model, store
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.db import raw_rows
from miaohui.kit.errors import NOT_FOUND


def token_hash(token: str) -> str:
    """Return what is stored of a session, token or invitation secret. Secrets have 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class User:
    """A person of this installation."""

    id: int
    login: str
    display_name: str
    password_hash: str | None


@dataclass(frozen=True)
class Membership:
    """What a person is in one shop. `role` None: left. `version` counts the changes."""

    role: str | None
    group_ids: tuple[int, ...]
    version: int


@dataclass(frozen=True)
class Member:
    """A row of the list of people of a shop."""

    user_id: int
    login: str
    display_name: str
    role: str | None
    group_ids: tuple[int, ...]
    version: int
    since_at: datetime
    has_totp: bool
    seen_at: datetime | None


@dataclass(frozen=True)
class Identity:
    """Who holds a session or a token. `shops`: shop → role and groups. `only`: a token's shop and permissions."""

    id: int
    user_id: int
    name: str
    expires_at: datetime
    seen_at: datetime | None
    shops: dict[int, Membership]
    only: tuple[int, frozenset[str]] | None = None
    label: str = ""
    strength: str = ""

    def seen(self, at: datetime) -> Identity:
        """Return the same identity, seen at `at`."""
        return replace(self, seen_at=at)


@dataclass(frozen=True)
class Totp:
    """A person's authenticator. `secret_sealed` opens with the vault, context `access_totp_enrolments`."""

    enrolment_id: int
    secret_sealed: str
    created_at: datetime
    is_confirmed: bool


def _user(row: Any) -> User | None:
    return None if row is None else User(row.id, row.login, row.display_name, row.password_hash)


def find_user_by_login(conn: Connection, login: str) -> User | None:
    """Return the person with this log-in name, however it is written."""
    t = store.users
    return _user(conn.execute(select(t).where(t.c.login_key == model.login_key(login))).first())


def get_user(conn: Connection, user_id: int) -> User:
    """Return a person. Raises: Refusal kit.not_found."""
    t = store.users
    return _user(conn.execute(select(t).where(t.c.id == user_id)).first()) or NOT_FOUND.refuse()


def find_membership(conn: Connection, shop_id: int, user_id: int) -> Membership | None:
    """Return what a person is, or was, in a shop; None if never a member."""
    for number, role, group_ids in raw_rows(conn, store.MEMBERSHIP, (shop_id, user_id)):
        return Membership(role, tuple(msgspec.json.decode(group_ids)), number)
    return None


def get_membership(conn: Connection, shop_id: int, user_id: int) -> Membership:
    """Return what a person is, or was, in a shop. Raises: Refusal kit.not_found."""
    return find_membership(conn, shop_id, user_id) or NOT_FOUND.refuse()


def list_shop_roles(conn: Connection, user_id: int) -> dict[int, Membership]:
    """Return the shops where a person has a role, by shop id, ascending."""
    return {
        shop_id: Membership(role, tuple(msgspec.json.decode(group_ids)), 0)
        for shop_id, role, group_ids in raw_rows(conn, store.MEMBERSHIPS_OF_USER, (user_id,))
    }


def list_members(conn: Connection, shop_id: int, after_id: int = 0, limit: int = 100) -> list[Member]:
    """Return the people of a shop by id, those who left included (role None)."""
    return [
        Member(
            r[0], r[1], r[2], r[3], tuple(msgspec.json.decode(r[4])), r[5], from_ms(r[6]), bool(r[7]),
            None if r[8] is None else from_ms(r[8]),
        )
        for r in raw_rows(conn, store.MEMBERS, (shop_id, after_id, limit))
    ]  # fmt: skip


def get_member(conn: Connection, shop_id: int, user_id: int) -> Member:
    """Return one person of a shop. Raises: Refusal kit.not_found."""
    found = list_members(conn, shop_id, user_id - 1, 1)
    return found[0] if found and found[0].user_id == user_id else NOT_FOUND.refuse()


def count_owners(conn: Connection, shop_id: int) -> int:
    """Return how many owners a shop has."""
    return int(raw_rows(conn, store.OWNER_COUNT, (shop_id,))[0][0])


def find_session(conn: Connection, token: str) -> Identity | None:
    """Return who holds a session that has not ended; its times are for the caller to judge."""
    for session_id, user_id, name, expires, seen, strength in raw_rows(
        conn, store.SESSION, (token_hash(token),)
    ):
        shops = list_shop_roles(conn, user_id)
        return Identity(session_id, user_id, name, from_ms(expires), from_ms(seen), shops, strength=strength)
    return None


def find_token(conn: Connection, token: str) -> Identity | None:
    """Return who made an API token that was not revoked; its expiry is for the caller to judge."""
    for row in raw_rows(conn, store.TOKEN, (token_hash(token),)):
        token_id, shop_id, user_id, name, label, permissions, expires, used = row
        only = shop_id, frozenset(msgspec.json.decode(permissions))
        used_at = None if used is None else from_ms(used)
        shops = list_shop_roles(conn, user_id)
        return Identity(token_id, user_id, name, from_ms(expires), used_at, shops, only, label)
    return None


@dataclass(frozen=True)
class OpenSession:
    """A row of the list of a person's sessions."""

    id: int
    created_at: datetime
    expires_at: datetime
    seen_at: datetime
    strength: str
    ip: str
    user_agent: str


def list_sessions(conn: Connection, user_id: int, now: datetime, idle_s: int) -> list[OpenSession]:
    """Return a person's sessions that are alive at `now`, the latest seen first."""
    idle_since = now - timedelta(seconds=idle_s)
    return [
        OpenSession(r[0], from_ms(r[1]), from_ms(r[2]), from_ms(r[3]), r[4], r[5], r[6])
        for r in raw_rows(conn, store.OPEN_SESSIONS, (user_id, to_ms(now), to_ms(idle_since)))
    ]


@dataclass(frozen=True)
class ApiToken:
    """A row of the list of a shop's API tokens. `hint`: the first characters of the secret."""

    id: int
    user_id: int
    label: str
    hint: str
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def list_tokens(conn: Connection, shop_id: int) -> list[ApiToken]:
    """Return a shop's tokens that were not revoked, newest first; expired ones too."""
    t, e = store.api_tokens, store.token_ends
    open_ones = select(t).where(t.c.shop_id == shop_id, ~exists().where(e.c.token_id == t.c.id))
    return [
        ApiToken(
            r.id, r.user_id, r.label, r.hint, r.permissions, r.created_at, r.expires_at, r.used_at
        )
        for r in conn.execute(open_ones.order_by(t.c.id.desc()))
    ]  # fmt: skip


@dataclass(frozen=True)
class Invitation:
    """An invitation to join (`user_id` None), or a new password for a person."""

    id: int
    shop_id: int
    display_name: str
    role: str
    group_ids: list[int]
    user_id: int | None
    created_at: datetime
    expires_at: datetime
    by_user_id: int | None


def _invitation(row: Any) -> Invitation:
    return Invitation(
        row.id, row.shop_id, row.display_name, row.role, row.group_ids, row.user_id, row.created_at,
        row.expires_at, row.by_user_id,
    )  # fmt: skip


def list_invitations(conn: Connection, shop_id: int, now: datetime) -> list[Invitation]:
    """Return a shop's invitations and password links that still work, newest first."""
    t, e = store.invitations, store.invitation_ends
    usable = and_(t.c.shop_id == shop_id, t.c.expires_at > now, ~exists().where(e.c.invitation_id == t.c.id))
    return [_invitation(r) for r in conn.execute(select(t).where(usable).order_by(t.c.id.desc()))]


def find_invitation(conn: Connection, token: str, now: datetime) -> Invitation | None:
    """Return the invitation or password link of this secret, if it still works."""
    t, e = store.invitations, store.invitation_ends
    usable = and_(
        t.c.token_hash == token_hash(token),
        t.c.expires_at > now,
        ~exists().where(e.c.invitation_id == t.c.id),
    )
    row = conn.execute(select(t).where(usable)).first()
    return None if row is None else _invitation(row)


def find_totp(conn: Connection, user_id: int, *, confirmed: bool = True) -> Totp | None:
    """Return a person's authenticator in force, or (confirmed=False) the newest one waiting for its code."""
    for enrolment_id, sealed, created, is_confirmed in raw_rows(conn, store.TOTP, (user_id,)):
        if bool(is_confirmed) is confirmed:
            return Totp(enrolment_id, sealed, from_ms(created), bool(is_confirmed))
    return None


def count_recovery_codes(conn: Connection, enrolment_id: int) -> int:
    """Return how many recovery codes are left."""
    return int(raw_rows(conn, store.RECOVERY_LEFT, (enrolment_id,))[0][0])


def list_preferences(conn: Connection, user_id: int) -> dict[str, Any]:
    """Return what a person has set for herself, by name."""
    t = store.preferences
    return {
        row.name: row.value for row in conn.execute(select(t.c.name, t.c.value).where(t.c.user_id == user_id))
    }
