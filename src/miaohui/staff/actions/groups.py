"""Groups: make, change, order the overflow, archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, update

from miaohui.kit.errors import STALE
from miaohui.kit.tx import Tx
from miaohui.staff import queries, store
from miaohui.staff.events import GroupChanged
from miaohui.staff.model import (
    BAD_GROUP,
    BAD_OVERFLOW,
    DEFAULT_GROUP_KINDS,
    DEFAULT_OVERFLOW,
    GROUP_IN_USE,
    GROUP_KINDS_ZH,
    NAME_TAKEN,
    Group,
    is_valid_overflow,
)


@dataclass(frozen=True)
class GroupDraft:
    """What a person may decide about a group."""

    kind: str
    name: str
    position: int = 0


def create_group(tx: Tx, shop_id: int, draft: GroupDraft) -> int:
    """Make a group; return its id. Raises: Refusal staff.bad_group, staff.name_taken."""
    name = _checked_name(tx, shop_id, draft, None)
    group_id = tx.ids.next()
    tx.execute(
        insert(store.groups).values(
            id=group_id, shop_id=shop_id, kind=draft.kind, name=name, position=draft.position, version=1,
            created_at=tx.now,
        )
    )  # fmt: skip
    tx.audit("staff.group_created", f"group:{group_id}", {"name": name, "kind": draft.kind}, shop_id=shop_id)
    _announce(tx, shop_id, group_id)
    return group_id


def _checked_name(tx: Tx, shop_id: int, draft: GroupDraft, own_id: int | None) -> str:
    name = draft.name.strip()
    if draft.kind not in GROUP_KINDS_ZH or not 1 <= len(name) <= 40:
        BAD_GROUP.refuse(kinds=list(GROUP_KINDS_ZH), max_name_length=40)
    if any(g.name == name and g.id != own_id for g in queries.list_groups(tx.conn, shop_id)):
        NAME_TAKEN.refuse(name=name)
    return name


def _announce(tx: Tx, shop_id: int, group_id: int) -> None:
    tx.feed(shop_id, ["shop", "admin"], "staff.group_changed", {"group_id": group_id})
    tx.publish(GroupChanged(shop_id, group_id, tx.now))


def _bump(tx: Tx, group: Group, expected_version: int, **values: object) -> None:
    if group.version != expected_version:
        STALE.refuse(
            version=group.version, name=group.name, overflow_group_ids=list(group.overflow_group_ids)
        )
    changed = tx.execute(
        update(store.groups)
        .where(store.groups.c.id == group.id, store.groups.c.version == expected_version)
        .values(version=expected_version + 1, **values)
    )
    if changed.rowcount != 1:
        STALE.refuse(version=group.version + 1)


def change_group(tx: Tx, shop_id: int, group_id: int, draft: GroupDraft, expected_version: int) -> None:
    """Rename or move a group. Raises: Refusal staff.group_missing, staff.name_taken, kit.stale."""
    group = queries.get_group(tx.conn, shop_id, group_id)
    name = _checked_name(tx, shop_id, draft, group_id)
    _bump(tx, group, expected_version, kind=draft.kind, name=name, position=draft.position)
    tx.audit("staff.group_changed", f"group:{group_id}", {"from": group.name, "to": name}, shop_id=shop_id)
    _announce(tx, shop_id, group_id)


def set_overflow(tx: Tx, shop_id: int, group_id: int, order: Sequence[int], expected_version: int) -> None:
    """Set where the group's chats go, in this order, when nobody in it has room.

    Raises: Refusal staff.group_missing, staff.bad_overflow, kit.stale.
    """
    group = queries.get_group(tx.conn, shop_id, group_id)
    known = frozenset(g.id for g in queries.list_groups(tx.conn, shop_id))
    if not is_valid_overflow(group_id, order, known):
        BAD_OVERFLOW.refuse(known_group_ids=sorted(known - {group_id}))
    _bump(tx, group, expected_version)
    _write_overflow(tx, shop_id, group_id, order)
    tx.audit("staff.overflow_changed", f"group:{group_id}", {"order": list(order)}, shop_id=shop_id)
    _announce(tx, shop_id, group_id)


def _write_overflow(tx: Tx, shop_id: int, group_id: int, order: Sequence[int]) -> None:
    o = store.overflows
    tx.execute(delete(o).where(o.c.shop_id == shop_id, o.c.group_id == group_id))
    for position, to_group_id in enumerate(order):
        tx.execute(
            insert(o).values(shop_id=shop_id, group_id=group_id, position=position, to_group_id=to_group_id)
        )


def archive_group(tx: Tx, shop_id: int, group_id: int, reason: str, expected_version: int) -> None:
    """Take a group out of use; its history stays. Raises: Refusal staff.group_in_use, kit.stale."""
    group = queries.get_group(tx.conn, shop_id, group_id)
    if group.archived_at is not None:
        return
    members = queries.list_user_ids_of_group(tx.conn, shop_id, group_id)
    if members:
        GROUP_IN_USE.refuse(user_ids=members)
    _bump(tx, group, expected_version)
    tx.execute(
        insert(store.archivals).values(
            shop_id=shop_id, group_id=group_id, archived_at=tx.now, by_user_id=tx.actor.id, reason=reason
        )
    )
    o = store.overflows
    tx.execute(delete(o).where(o.c.shop_id == shop_id, o.c.to_group_id == group_id))
    tx.audit("staff.group_archived", f"group:{group_id}", {"reason": reason}, shop_id=shop_id)
    _announce(tx, shop_id, group_id)


def ensure_default_groups(tx: Tx, shop_id: int) -> dict[str, int]:
    """Make the groups 售前 售中 售后 直播 with their overflow order where missing; return kind → id.

    Source: spec §1.1, §1.4. Running it again changes nothing.
    """
    existing = {g.kind: g.id for g in reversed(queries.list_groups(tx.conn, shop_id))}
    missing = [kind for kind in DEFAULT_GROUP_KINDS if kind not in existing]
    for kind in missing:
        position = DEFAULT_GROUP_KINDS.index(kind)
        existing[kind] = create_group(tx, shop_id, GroupDraft(kind, GROUP_KINDS_ZH[kind], position))
    for kind in missing:
        _write_overflow(tx, shop_id, existing[kind], [existing[to] for to in DEFAULT_OVERFLOW[kind]])
    return {kind: existing[kind] for kind in DEFAULT_GROUP_KINDS}
