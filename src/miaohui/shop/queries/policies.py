"""Reads of dated policy rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection, Row

from miaohui.shop.model import POLICIES, UNKNOWN_POLICY, PolicyKind, PolicyVersion
from miaohui.shop.model.policies import version_in_force
from miaohui.shop.store import policies


def kind_of(kind: str) -> PolicyKind:
    """Return the kind of that name. Raises: Refusal shop.unknown_policy."""
    found = POLICIES.get(kind)
    return found if found is not None else UNKNOWN_POLICY.refuse(kind=kind, kinds=sorted(POLICIES))


def version_of(row: Row[Any]) -> PolicyVersion:
    """Return one stored row as a version."""
    return PolicyVersion(
        row.kind, row.version, row.effective_from, row.value, row.author, row.reason, row.created_at,
        row.undoes_version,
    )  # fmt: skip


def default_version(kind: PolicyKind) -> PolicyVersion:
    """Return version 0: the default, with its source in the specification."""
    return PolicyVersion(kind.kind, 0, None, kind.default_value(), "规格默认", kind.source, None)


def list_policy_history(conn: Connection, shop_id: int, kind: str) -> list[PolicyVersion]:
    """Return every version ever written, newest first, ending with the default as version 0."""
    rows = conn.execute(
        select(policies)
        .where(policies.c.shop_id == shop_id, policies.c.kind == kind)
        .order_by(policies.c.version.desc())
    )
    return [*(version_of(row) for row in rows), default_version(kind_of(kind))]


def get_policy(conn: Connection, shop_id: int, kind: str, at: datetime) -> PolicyVersion:
    """Return the version that holds at `at`, the default where nobody wrote one.

    Raises: Refusal shop.unknown_policy.
    """
    known = kind_of(kind)
    rows = conn.execute(
        select(policies)
        .where(policies.c.shop_id == shop_id, policies.c.kind == kind, policies.c.effective_from <= at)
        .order_by(policies.c.effective_from.desc(), policies.c.version.desc())
        .limit(1)
    )
    row = rows.first()
    return version_of(row) if row is not None else default_version(known)


def find_policy(conn: Connection, shop_id: int, kind: str, at: datetime) -> dict[str, Any] | None:
    """Return the value that holds at `at`, the specification's default where nobody wrote one.

    None only for a kind that no room has registered. Source: house §5.
    """
    return get_policy(conn, shop_id, kind, at).value if kind in POLICIES else None


def current_version(conn: Connection, shop_id: int, kind: str) -> int:
    """Return the number of the newest row, future ones included; 0 when there is none."""
    rows = conn.execute(
        select(policies.c.version)
        .where(policies.c.shop_id == shop_id, policies.c.kind == kind)
        .order_by(policies.c.version.desc())
        .limit(1)
    )
    return int(rows.scalar() or 0)


def list_policies(conn: Connection, shop_id: int, at: datetime) -> list[tuple[PolicyKind, PolicyVersion]]:
    """Return every kind with the version that holds at `at`, in the order of the specification."""
    stored: dict[str, list[PolicyVersion]] = {}
    for row in conn.execute(select(policies).where(policies.c.shop_id == shop_id)):
        stored.setdefault(row.kind, []).append(version_of(row))
    return [
        (kind, version_in_force(stored.get(kind.kind, []), at) or default_version(kind))
        for kind in POLICIES.values()
    ]
