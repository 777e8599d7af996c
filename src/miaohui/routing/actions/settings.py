"""The routing rules: versioned, checked, in force at once."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import insert

from miaohui.kit.errors import STALE
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.drain import drain
from miaohui.routing.actions.floor import read_floor
from miaohui.routing.actions.presence import swap_messages
from miaohui.routing.model import BAD_RULES, Rules, problems
from miaohui.staff import queries as staff_queries


def set_rules(tx: Tx, shop_id: int, rules: Rules, reason: str, expected_version: int) -> int:
    """Replace the shop's routing rules; return the new version.

    Raises: Refusal routing.bad_rules with what is wrong, kit.stale with the current value.
    """
    groups = frozenset(g.id for g in staff_queries.list_groups(tx.conn, shop_id))
    skills = frozenset(staff_queries.skill_catalogue(tx.conn, shop_id))
    if wrong := problems(rules, groups, skills):
        BAD_RULES.refuse(problems=wrong)
    version, current = store.rows.get_rules(tx.conn, shop_id)
    if version != expected_version:
        STALE.refuse(version=version, rules=asdict(current))
    tx.execute(
        insert(store.tables.settings).values(
            shop_id=shop_id, version=version + 1, value=asdict(rules), effective_at=tx.now,
            author_id=tx.actor.id, reason=reason,
        )
    )  # fmt: skip
    tx.audit("routing.rules_set", "routing", {"version": version + 1, "reason": reason}, shop_id=shop_id)
    tx.feed(shop_id, ["board", "admin"], "routing.rules_changed", {"version": version + 1})
    store.chats.gate(tx.conn, shop_id)
    floor = read_floor(tx, shop_id)
    swap_messages(tx, floor)
    drain(tx, shop_id, floor)
    store.reserve.watch(tx.conn, shop_id, tx.now)  # who waits already may be called for sooner now
    tx.ring("timers")
    return version + 1
