"""Drafts on the server and saved views: they survive a closed tab and refuse stale writes (F13, F14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore

from miaohui.inbox.model import MAX_TEXT_CHARS, TEXT_TOO_LONG
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.store.work import drafts, views
from miaohui.kit.errors import NOT_FOUND, STALE
from miaohui.kit.tx import Tx


def save_draft(
    tx: Tx, key: tuple[int, int, int], text: str, parts: Sequence[Mapping[str, Any]], version: int
) -> int:
    """Keep what a person has written but not sent; return the new version. An empty draft is removed.

    Shape: `key` is (shop, conversation, user); `version` is the one the writer saw, 0 for the first.
    Raises: Refusal kit.not_found, kit.stale (another tab wrote meanwhile; detail has its text).
    """
    shop_id, conversation_id, user_id = key
    get_conversation(tx.conn, shop_id, conversation_id)
    if len(text) > MAX_TEXT_CHARS:
        TEXT_TOO_LONG.refuse(limit=MAX_TEXT_CHARS)
    where = (
        drafts.c.shop_id == shop_id,
        drafts.c.conversation_id == conversation_id,
        drafts.c.user_id == user_id,
    )
    current = tx.execute(select(drafts).where(*where)).first()
    if (current.version if current else 0) != version:
        facts = {"text": current.text, "parts": current.parts} if current else {"text": "", "parts": []}
        STALE.refuse(version=current.version if current else 0, **facts)
    if not text and not parts:
        tx.execute(delete(drafts).where(*where))
        return 0
    values = {"text": text, "parts": [dict(p) for p in parts], "version": version + 1, "updated_at": tx.now}
    tx.execute(
        insert_or_ignore(drafts)
        .values(shop_id=shop_id, conversation_id=conversation_id, user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["shop_id", "conversation_id", "user_id"], set_=values)
    )
    return version + 1


def save_view(
    tx: Tx, shop_id: int, user_id: int | None, name_zh: str, wanted: Mapping[str, Any], position: int = 0
) -> int:
    """Keep a filter under a name; `user_id` None shares it with the whole shop. Returns its id."""
    view_id = tx.ids.next()
    tx.execute(
        insert(views).values(
            id=view_id, shop_id=shop_id, user_id=user_id, name_zh=name_zh.strip(), filter=dict(wanted),
            position=position, version=1, updated_at=tx.now,
        )
    )  # fmt: skip
    return view_id


def change_view(tx: Tx, shop_id: int, view_id: int, version: int, changes: Mapping[str, Any]) -> None:
    """Change a saved view's name, filter or position. Raises: Refusal kit.not_found, kit.stale."""
    current = tx.execute(select(views).where(views.c.shop_id == shop_id, views.c.id == view_id)).first()
    if current is None:
        NOT_FOUND.refuse(view_id=view_id)
    if current.version != version:
        STALE.refuse(
            version=current.version,
            name_zh=current.name_zh,
            filter=current.filter,
            position=current.position,
        )
    allowed = {k: v for k, v in changes.items() if k in ("name_zh", "filter", "position")}
    tx.execute(
        update(views).where(views.c.id == view_id).values(**allowed, version=version + 1, updated_at=tx.now)
    )


def delete_view(tx: Tx, shop_id: int, view_id: int) -> None:
    """Remove a saved view. Raises: Refusal kit.not_found."""
    gone = tx.execute(delete(views).where(views.c.shop_id == shop_id, views.c.id == view_id))
    if gone.rowcount != 1:
        NOT_FOUND.refuse(view_id=view_id)
