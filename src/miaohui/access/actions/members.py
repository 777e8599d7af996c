"""Memberships: what a person is in a shop. Every change is a new row; the highest number is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from miaohui.access import model, queries, store
from miaohui.access.actions.sessions import end_sessions_of
from miaohui.access.events import PersonJoined, PersonLeft, RoleChanged
from miaohui.access.queries import Membership
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import INVALID, NOT_FOUND, STALE
from miaohui.kit.tx import Tx

_NEVER = Membership(None, (), 0)


@dataclass(frozen=True)
class Change:
    """Why, and over which version: None takes whatever is there."""

    reason: str = ""
    expected_version: int | None = None


def grant_role(
    tx: Tx, shop_id: int, user_id: int, role: str, group_ids: Sequence[int] | None = None,
    change: Change = Change(),
) -> int:  # fmt: skip
    """Give a person a role in a shop, or another one; return the membership's version.

    A change of role ends the person's sessions at once (R13): what they may do is decided at the next log-in.
    `group_ids` None keeps the groups.
    Raises: Refusal kit.stale, kit.invalid, kit.not_found (no such person), access.last_owner.
    """
    if role not in model.ROLES:
        INVALID.refuse(role=role)
    user = queries.get_user(tx.conn, user_id)
    old = _current(tx, shop_id, user_id, change)
    _keep_an_owner(tx, shop_id, old, role)
    groups = old.group_ids if group_ids is None else tuple(sorted(set(group_ids)))
    if (old.role, old.group_ids) == (role, groups):
        return old.version
    version = _write(tx, shop_id, user_id, Membership(role, groups, old.version + 1), change.reason)
    detail = {"role": role, "previous_role": old.role, "reason": change.reason}
    tx.audit("access.role_granted", f"user:{user_id}", detail, shop_id=shop_id)
    if old.role is None:
        tx.publish(PersonJoined(shop_id, user_id, user.display_name, role, groups, tx.now))
    elif old.role != role:
        end_sessions_of(tx, user_id, "role_changed")
        tx.publish(RoleChanged(shop_id, user_id, role, old.role, tx.now))
    return version


def set_groups(tx: Tx, shop_id: int, user_id: int, group_ids: Sequence[int]) -> None:
    """Set the groups whose conversations a member sees; nothing for somebody without a role here.

    Called by the wiring when `staff` changes an agent's groups; sessions stay, rights follow within the cache.
    """
    old = queries.find_membership(tx.conn, shop_id, user_id)
    groups = tuple(sorted(set(group_ids)))
    if old is None or old.role is None or old.group_ids == groups:
        return
    _write(tx, shop_id, user_id, Membership(old.role, groups, old.version + 1), "groups")
    tx.audit("access.groups_set", f"user:{user_id}", {"group_ids": list(groups)}, shop_id=shop_id)


def remove_member(tx: Tx, shop_id: int, user_id: int, change: Change = Change()) -> None:
    """Take every right in this shop from a person, at once: sessions end, tokens stop. The account stays.

    Raises: Refusal kit.not_found, kit.stale, access.last_owner.
    """
    old = _current(tx, shop_id, user_id, change)
    if old.role is None:
        NOT_FOUND.refuse()
    _keep_an_owner(tx, shop_id, old, None)
    end_sessions_of(tx, user_id, "left_shop")
    _write(tx, shop_id, user_id, Membership(None, (), old.version + 1), change.reason)
    detail = {"previous_role": old.role, "reason": change.reason}
    tx.audit("access.member_removed", f"user:{user_id}", detail, shop_id=shop_id)
    tx.publish(PersonLeft(shop_id, user_id, old.role, tx.now))


def _current(tx: Tx, shop_id: int, user_id: int, change: Change) -> Membership:
    old = queries.find_membership(tx.conn, shop_id, user_id) or _NEVER
    if change.expected_version is not None and change.expected_version != old.version:
        STALE.refuse(version=old.version, role=old.role, group_ids=list(old.group_ids))
    return old


def _keep_an_owner(tx: Tx, shop_id: int, old: Membership, new_role: str | None) -> None:
    if old.role != "owner" or new_role == "owner":
        return
    if tx.conn.dialect.name != "sqlite":
        tx.rows(store.LOCK_OWNERS, shop_id)
    if queries.count_owners(tx.conn, shop_id) <= 1:
        model.LAST_OWNER.refuse()


def _write(tx: Tx, shop_id: int, user_id: int, new: Membership, reason: str) -> int:
    by_user_id = tx.actor.id if tx.actor.kind in ("user", "token") else None
    groups = msgspec.json.encode(list(new.group_ids)).decode()
    added = tx.run(
        store.ADD_MEMBERSHIP,
        shop_id,
        user_id,
        new.version,
        new.role,
        groups,
        to_ms(tx.now),
        by_user_id,
        reason,
    )
    if added != 1:
        STALE.refuse(version=new.version)
    tx.ring("access")
    return new.version
