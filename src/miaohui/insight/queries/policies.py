"""Dated policies in force, with the defaults of the model below them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from miaohui.insight.model.attribution import CreditRules
from miaohui.insight.model.definitions import (
    DEFINITIONS,
    EXEMPTIONS,
    FOREVER,
    Definition,
    Exemption,
)
from miaohui.insight.model.policies import KINDS, merged
from miaohui.insight.model.rounds import RoundRules
from miaohui.insight.store import changes, policies


def find_policy(conn: Connection, shop_id: int, kind: str, day: str = FOREVER) -> dict[str, Any] | None:
    """Return the value of a policy in force on a local day, or None when none was ever set."""
    found = conn.execute(
        select(policies.c.value)
        .where(policies.c.shop_id == shop_id, policies.c.kind == kind, policies.c.effective_from <= day)
        .order_by(policies.c.effective_from.desc())
        .limit(1)
    ).first()
    return dict(found[0]) if found else None


def list_policies(conn: Connection, shop_id: int) -> list[dict[str, Any]]:
    """Return every policy row, newest first within its kind."""
    found = conn.execute(
        select(policies)
        .where(policies.c.shop_id == shop_id)
        .order_by(policies.c.kind, policies.c.effective_from.desc())
    ).mappings()
    return [dict(row) for row in found]


def list_in_force(conn: Connection, shop_id: int, day: str) -> list[dict[str, Any]]:
    """Return every kind of policy with the value that holds on a local day, defaults filled in."""
    rows: dict[str, dict[str, Any]] = {}
    for row in list_policies(conn, shop_id):
        if row["effective_from"] <= day:
            rows.setdefault(row["kind"], row)
    none: dict[str, Any] = {"value": {}, "effective_from": "", "reason": "", "set_by": ""}
    return [
        {**rows.get(kind, none), "kind": kind, "value": merged(kind, rows.get(kind, none)["value"])}
        for kind in KINDS
    ]


def calibrated_rules(conn: Connection, shop_id: int, platform: str) -> RoundRules:
    """Return what this shop has settled about the platform's open questions; the defaults where it has not."""
    value = find_policy(conn, shop_id, f"round_rules.{platform}") or {}
    return RoundRules(**value)


def credit_rules(conn: Connection, shop_id: int, day: str = FOREVER) -> CreditRules:
    """Return the attribution rules in force (default: 2 days, the last human)."""
    value = find_policy(conn, shop_id, "credit_rules", day) or {}
    return CreditRules(int(value.get("window_days", 2)), value.get("keep", "last"))


def list_definitions(conn: Connection, shop_id: int) -> tuple[Definition, ...]:
    """Return the built-in definitions and those the shop added: a new version needs no code."""
    value = find_policy(conn, shop_id, "definitions") or {}
    own = [
        Definition(
            line["platform"], line["code"], line["version"], line["name_zh"], line["effective_from"],
            line.get("effective_to", FOREVER), line["measure"], line.get("formula_zh", ""), line.get("better", "low"),
            line.get("unit", "%"), int(line.get("min_sample", 30)), line.get("source", "店铺自定"), line["params"],
        )
        for line in value.get("definitions", [])
    ]  # fmt: skip
    return (*DEFINITIONS, *own)


def list_exemptions(conn: Connection, shop_id: int) -> tuple[Exemption, ...]:
    """Return the exemption calendar: built in, and what the shop added."""
    value = find_policy(conn, shop_id, "exemptions") or {}
    own = [
        Exemption(d["platform"], d["from_on"], d["to_on"], d.get("reason_zh", ""))
        for d in value.get("days", [])
    ]
    return (*EXEMPTIONS, *own)


def list_changes(conn: Connection, shop_id: int) -> list[dict[str, Any]]:
    """Return what was changed because of a rule, oldest first."""
    found = conn.execute(
        select(changes).where(changes.c.shop_id == shop_id).order_by(changes.c.changed_on, changes.c.id)
    ).mappings()
    return [dict(row) for row in found]
