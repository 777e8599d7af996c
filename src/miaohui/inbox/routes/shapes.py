"""From rows to answers, and cursors to and from text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.channels.model import Sender, SendWindow
from miaohui.inbox.jobs.ports import blobs_of, book_of, sender_of
from miaohui.inbox.model.messages import masked_for_display
from miaohui.inbox.queries.conversations import Conversation, check_visible
from miaohui.inbox.queries.files import with_links
from miaohui.inbox.queries.messages import Message, conflict_counts
from miaohui.inbox.queries.window import window_state
from miaohui.inbox.schemas import MessageOut, MessagePageOut, WindowOut
from miaohui.kit.errors import INVALID, Refusal
from miaohui.kit.http import Caller
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx

_NUMBER = re.compile(r"-?[0-9]{1,16}")
WINDOWS_ZH = {
    "open": "可以发送",
    "closed": "已超出平台允许的回复时间",
    "never_opened": "买家尚未发言，不能主动发送",
    "quota": "本次可发条数已用完，请等买家回复",
    "unreachable": "买家已无法送达",
    "offline": "渠道连接中断：可以写，消息会排队，恢复连接后自动发送",
}
WINDOWS_EN = {
    "open": "You can write",
    "closed": "The platform's time for answers is over",
    "never_opened": "The buyer has not written: the platform lets nobody write first",
    "quota": "No messages left until the buyer writes again",
    "unreachable": "The buyer cannot be reached any more",
    "offline": "The channel is disconnected: what you write waits and is sent when it is back",
}


def text_of(cursor: tuple[int, ...] | None) -> str | None:
    """Return a cursor as it stands in an address."""
    return None if cursor is None else ".".join(str(part) for part in cursor)


def cursor_of(text: str | None, sizes: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return a cursor from an address. Raises: Refusal kit.invalid."""
    if text is None or text == "":
        return None
    parts = text.split(".")
    if len(parts) not in sizes or not all(_NUMBER.fullmatch(part) for part in parts):
        INVALID.refuse(problems=[{"where": "query.cursor", "problem": "not a cursor of this list"}])
    return tuple(int(part) for part in parts)


def message_out(rt: Runtime, message: Message, conflicts: int = 0) -> MessageOut:
    """Return a message for an answer, with fresh links to its files."""
    values = dataclasses.asdict(message)
    for inner in ("shop_id", "account_id", "message_key"):
        values.pop(inner)
    values["text"], parts = masked_for_display(message.role, message.text, message.parts)
    values["parts"] = with_links(blobs_of(rt), parts, rt.clock.now().timestamp())
    return MessageOut(**values, conflict_count=conflicts)


def page_out(rt: Runtime, conn: Connection, shop_id: int, found: list[Message], limit: int) -> MessagePageOut:
    """Return a page of messages; there may be older ones when it is full."""
    counts = conflict_counts(conn, shop_id, [message.id for message in found])
    items = [message_out(rt, message, counts.get(message.id, 0)) for message in found]
    older = text_of(found[0].order_key) if len(found) >= limit else None
    newer = text_of(found[-1].order_key) if found else None
    return MessagePageOut(items=items, next_cursor=older, newer_cursor=newer)


def window_of(rt: Runtime, conn: Connection, talk: Conversation) -> tuple[Sender | None, SendWindow]:
    """Return the way out of a conversation's channel and whether it is open now."""
    try:
        account = book_of(rt).by_id(conn, talk.shop_id, talk.account_id)
    except Refusal:
        return None, SendWindow(False, 0, None, "", "unreachable")
    sender = sender_of(rt, account.channel)
    if sender is None:
        return None, SendWindow(False, 0, None, "", "unreachable")
    return sender, sender.window(account, window_state(conn, talk, rt.clock.now()).state, rt.clock.now())


def window_out(rt: Runtime, conn: Connection, talk: Conversation) -> WindowOut:
    """Return a conversation's send window as people see it."""
    sender, window = window_of(rt, conn, talk)
    caps = sender.caps if sender is not None else None
    return WindowOut(
        is_open=window.is_open,
        reason=window.reason,
        reason_zh=WINDOWS_ZH.get(window.reason, window.reason),
        reason_en=WINDOWS_EN.get(window.reason, window.reason),
        remaining=window.remaining,
        closes_at=window.closes_at,
        max_text_chars=caps.max_text_chars if caps else None,
        parts_out=sorted(caps.parts_out) if caps else [],
        can_recall=bool(caps and caps.can_recall),
        is_attended=bool(caps and caps.is_attended),
        notes_zh=caps.notes_zh if caps else "",
    )


def seen(caller: Caller, conversation_id: int) -> Callable[..., Any]:
    """Return a caller of actions that asks first, in the same transaction, whether the person may see it."""

    def act(tx: Tx, action: Callable[..., Any], *args: Any) -> Any:
        check_visible(tx.conn, caller, conversation_id)
        return action(tx, *args)

    return act


def fit(shape: Any, rows: list[dict[str, Any]]) -> list[Any]:
    """Return rows in a shape, leaving out the columns that it does not show."""
    return [shape(**{name: row[name] for name in shape.model_fields if name in row}) for row in rows]
