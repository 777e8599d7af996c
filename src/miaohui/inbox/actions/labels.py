"""Labels: what a shop calls its kinds of conversations, and putting them on and off."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from miaohui.inbox.actions.announce import announce
from miaohui.inbox.events import ConversationLabelled
from miaohui.inbox.model import LABEL_EXISTS
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.queries.lists import labels_of
from miaohui.inbox.store.work import conversation_labels, labels
from miaohui.kit.db import insert_new
from miaohui.kit.errors import NOT_FOUND, STALE
from miaohui.kit.tx import Tx


def create_label(tx: Tx, shop_id: int, name_zh: str, color: str) -> int:
    """Make a label; a retired one of the same name comes back. Raises: Refusal inbox.label_exists."""
    name = name_zh.strip()
    found = tx.execute(select(labels).where(labels.c.shop_id == shop_id, labels.c.name_zh == name)).first()
    if found is not None and found.retired_at is None:
        LABEL_EXISTS.refuse(label_id=found.id)
    if found is not None:
        tx.execute(
            update(labels)
            .where(labels.c.id == found.id)
            .values(retired_at=None, color=color, version=labels.c.version + 1)
        )
        return int(found.id)
    label_id = tx.ids.next()
    tx.execute(
        insert(labels).values(
            id=label_id, shop_id=shop_id, name_zh=name, color=color, version=1, created_at=tx.now
        )
    )
    tx.feed(shop_id, ["shop"], "inbox.labels_changed", {"label_id": label_id})
    return label_id


def change_label(tx: Tx, shop_id: int, label_id: int, version: int, name_zh: str, color: str) -> None:
    """Rename or recolour a label. Raises: Refusal kit.not_found, kit.stale, inbox.label_exists."""
    current = _get(tx, shop_id, label_id)
    if current.version != version:
        STALE.refuse(version=current.version, name_zh=current.name_zh, color=current.color)
    name = name_zh.strip()
    twin = tx.execute(
        select(labels.c.id).where(labels.c.shop_id == shop_id, labels.c.name_zh == name)
    ).first()
    if twin is not None and twin[0] != label_id:
        LABEL_EXISTS.refuse(label_id=twin[0])
    tx.execute(
        update(labels).where(labels.c.id == label_id).values(name_zh=name, color=color, version=version + 1)
    )
    tx.feed(shop_id, ["shop"], "inbox.labels_changed", {"label_id": label_id})


def retire_label(tx: Tx, shop_id: int, label_id: int) -> None:
    """Take a label out of use; conversations that carry it keep it. Raises: Refusal kit.not_found."""
    _get(tx, shop_id, label_id)
    tx.execute(
        update(labels).where(labels.c.id == label_id).values(retired_at=tx.now, version=labels.c.version + 1)
    )
    tx.feed(shop_id, ["shop"], "inbox.labels_changed", {"label_id": label_id})


def put_label(tx: Tx, shop_id: int, conversation_id: int, label_id: int) -> None:
    """Put a label on a conversation; twice is once. Raises: Refusal kit.not_found."""
    get_conversation(tx.conn, shop_id, conversation_id)
    if _get(tx, shop_id, label_id).retired_at is not None:
        NOT_FOUND.refuse(label_id=label_id)
    is_new = insert_new(
        tx.conn,
        conversation_labels,
        shop_id=shop_id,
        conversation_id=conversation_id,
        label_id=label_id,
        by_user_id=tx.actor.id if tx.actor.kind == "user" else None,
        at=tx.now,
    )
    if is_new:
        _tell(tx, shop_id, conversation_id, label_id, True)


def take_label(tx: Tx, shop_id: int, conversation_id: int, label_id: int) -> None:
    """Take a label off a conversation; one that is not on it is fine. Raises: Refusal kit.not_found."""
    get_conversation(tx.conn, shop_id, conversation_id)
    _get(tx, shop_id, label_id)
    gone = tx.execute(
        delete(conversation_labels).where(
            conversation_labels.c.shop_id == shop_id,
            conversation_labels.c.conversation_id == conversation_id,
            conversation_labels.c.label_id == label_id,
        )
    )
    if gone.rowcount:
        _tell(tx, shop_id, conversation_id, label_id, False)


def _tell(tx: Tx, shop_id: int, conversation_id: int, label_id: int, is_on: bool) -> None:
    by_user_id = tx.actor.id if tx.actor.kind == "user" else None
    tx.publish(ConversationLabelled(shop_id, conversation_id, label_id, is_on, by_user_id, tx.now))
    found = labels_of(tx.conn, shop_id, [conversation_id]).get(conversation_id, [])
    announce(tx, shop_id, conversation_id, "inbox.labels_put", {"label_ids": found})


def _get(tx: Tx, shop_id: int, label_id: int):  # type: ignore[no-untyped-def]
    row = tx.execute(select(labels).where(labels.c.shop_id == shop_id, labels.c.id == label_id)).first()
    return row if row is not None else NOT_FOUND.refuse(label_id=label_id)
