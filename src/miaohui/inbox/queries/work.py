"""Reads of what people keep around conversations: notes, labels, drafts, views, files, failed deliveries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.engine import Connection

from miaohui.inbox.store.conversations import conversations, ratings
from miaohui.inbox.store.deliveries import deliveries, pulses, silences
from miaohui.inbox.store.work import attachments, drafts, labels, mentions, notes, views
from miaohui.kit.clock import from_ms
from miaohui.kit.errors import NOT_FOUND


def _dicts(rows: Any) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in rows]


def list_notes(conn: Connection, shop_id: int, conversation_id: int) -> list[dict[str, Any]]:
    """Return a conversation's private notes, oldest first."""
    return _dicts(
        conn.execute(
            select(notes)
            .where(notes.c.shop_id == shop_id, notes.c.conversation_id == conversation_id)
            .order_by(notes.c.id)
        )
    )


def list_mentions(conn: Connection, shop_id: int, user_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """Return the notes that mention a person, newest first."""
    rows = conn.execute(
        select(
            mentions.c.conversation_id, mentions.c.seen_at, notes.c.id.label("note_id"), notes.c.text,
            notes.c.author_id, notes.c.author_name, notes.c.at,
        )
        .join(notes, notes.c.id == mentions.c.note_id)
        .where(mentions.c.shop_id == shop_id, mentions.c.user_id == user_id)
        .order_by(mentions.c.note_id.desc())
        .limit(limit)
    )  # fmt: skip
    return _dicts(rows)


def list_labels(conn: Connection, shop_id: int) -> list[dict[str, Any]]:
    """Return a shop's labels in use, by name."""
    return _dicts(
        conn.execute(
            select(labels)
            .where(labels.c.shop_id == shop_id, labels.c.retired_at.is_(None))
            .order_by(labels.c.name_zh)
        )
    )


def find_draft(conn: Connection, shop_id: int, conversation_id: int, user_id: int) -> dict[str, Any] | None:
    """Return what a person has written but not sent in a conversation, or None."""
    row = conn.execute(
        select(drafts).where(
            drafts.c.shop_id == shop_id,
            drafts.c.conversation_id == conversation_id,
            drafts.c.user_id == user_id,
        )
    ).first()
    return None if row is None else dict(row._mapping)


def list_drafts(conn: Connection, shop_id: int, user_id: int) -> list[dict[str, Any]]:
    """Return a person's drafts, the newest first."""
    return _dicts(
        conn.execute(
            select(drafts)
            .where(drafts.c.shop_id == shop_id, drafts.c.user_id == user_id)
            .order_by(drafts.c.updated_at.desc())
            .limit(200)
        )
    )


def list_views(conn: Connection, shop_id: int, user_id: int) -> list[dict[str, Any]]:
    """Return the saved views a person has: their own and the shop's."""
    return _dicts(
        conn.execute(
            select(views)
            .where(views.c.shop_id == shop_id, or_(views.c.user_id == user_id, views.c.user_id.is_(None)))
            .order_by(views.c.position, views.c.id)
        )
    )


def get_view(conn: Connection, shop_id: int, view_id: int) -> dict[str, Any]:
    """Return a saved view. Raises: Refusal kit.not_found."""
    row = conn.execute(select(views).where(views.c.shop_id == shop_id, views.c.id == view_id)).first()
    return dict(row._mapping) if row is not None else NOT_FOUND.refuse(view_id=view_id)


def may_attach(conn: Connection, shop_id: int, conversation_id: int, attachment_id: int) -> bool:
    """Tell whether a stored file belongs to this conversation, or to the visitor it is held with."""
    row = conn.execute(
        select(attachments.c.conversation_id, attachments.c.peer, attachments.c.account_id).where(
            attachments.c.shop_id == shop_id, attachments.c.id == attachment_id
        )
    ).first()
    if row is None:
        return False
    talk = conn.execute(
        select(conversations.c.peer, conversations.c.account_id).where(
            conversations.c.shop_id == shop_id, conversations.c.id == conversation_id
        )
    ).first()
    is_visitors = talk is not None and (row[1], row[2]) == (talk[0], talk[1])
    return row[0] == conversation_id or is_visitors


def find_attachment(conn: Connection, attachment_id: int) -> dict[str, Any] | None:
    """Return an attachment's row of any shop: for links whose signature was checked before."""
    row = conn.execute(select(attachments).where(attachments.c.id == attachment_id)).first()
    return None if row is None else dict(row._mapping)


def list_ratings(conn: Connection, shop_id: int, conversation_id: int) -> list[dict[str, Any]]:
    """Return how a conversation was rated, oldest first."""
    return _dicts(
        conn.execute(
            select(ratings)
            .where(ratings.c.shop_id == shop_id, ratings.c.conversation_id == conversation_id)
            .order_by(ratings.c.id)
        )
    )


def list_failed_deliveries(
    conn: Connection, shop_id: int, limit: int = 50, before: int | None = None
) -> list[dict[str, Any]]:
    """Return deliveries that could not be handled, newest first, with the beginning of their body."""
    query = (
        select(deliveries)
        .where(deliveries.c.shop_id == shop_id, deliveries.c.state == "failed")
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(deliveries.c.id < before)
    return [
        {
            "id": row.id,
            "account_id": row.account_id,
            "channel": row.channel,
            "received_at": from_ms(row.received_ms),
            "tries": row.tries,
            "error": row.error or "",
            "body_start": bytes(row.body[:2000]).decode("utf-8", "replace"),
            "size_bytes": len(row.body),
        }
        for row in conn.execute(query)
    ]


def count_waiting_deliveries(conn: Connection) -> int:
    """Return how many deliveries of all shops wait for the pump."""
    return int(
        conn.execute(
            select(func.count()).select_from(deliveries).where(deliveries.c.state == "waiting")
        ).scalar_one()
    )


def find_pulse(conn: Connection, shop_id: int, account_id: int) -> Any:
    """Return when an account last delivered something, or None when it never did."""
    last = conn.execute(
        select(pulses.c.last_ms).where(pulses.c.shop_id == shop_id, pulses.c.account_id == account_id)
    ).scalar()
    return None if last is None else from_ms(last)


def list_silences(conn: Connection, shop_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """Return when channel accounts fell silent and spoke again, newest first."""
    return _dicts(
        conn.execute(
            select(silences).where(silences.c.shop_id == shop_id).order_by(silences.c.id.desc()).limit(limit)
        )
    )
