"""Accept a reply: stored as queued, sent by a job, one after the other in each conversation."""

from __future__ import annotations

from miaohui.channels.model import Role
from miaohui.inbox.actions.announce import announce
from miaohui.inbox.actions.lines import Content, Envelope, content, insert_message, shown
from miaohui.inbox.actions.outcome import queue_next
from miaohui.inbox.actions.recall import mark_recalled, note_own_recall
from miaohui.inbox.actions.snooze import wake
from miaohui.inbox.events import ReplyQueued
from miaohui.inbox.model import (
    CLIENT_ID_REUSED,
    CONVERSATION_CLOSED,
    EMPTY_REPLY,
    MAX_TEXT_CHARS,
    NOT_RECALLABLE,
    TEXT_TOO_LONG,
    ReplyDraft,
    State,
    preview,
)
from miaohui.inbox.queries.conversations import Conversation, get_conversation
from miaohui.inbox.queries.messages import get_message
from miaohui.inbox.store.conversations import AFTER_OTHER
from miaohui.inbox.store.messages import FIND_BY_CLIENT
from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx


def reply(
    tx: Tx, shop_id: int, conversation_id: int, draft: ReplyDraft, agent_id: int | None, client_id: str
) -> int:
    """Queue a reply and return its message id; the same `client_id` again returns the same message.

    Order: replies of one conversation are sent in the order they were accepted here. Whether the channel's
    window is open is asked by the route before and by the job right before sending.
    Raises: Refusal kit.not_found, inbox.conversation_closed, inbox.empty_reply, inbox.text_too_long,
    inbox.client_id_reused.
    """
    talk = get_conversation(tx.conn, shop_id, conversation_id)
    if not draft.parts or not draft.text.strip():
        EMPTY_REPLY.refuse()
    if len(draft.text) > MAX_TEXT_CHARS:
        TEXT_TOO_LONG.refuse(limit=MAX_TEXT_CHARS)
    role = Role.BOT if draft.by_robot else Role.AGENT
    refs = dict(draft.refs)
    if draft.reply_to_message_id is not None:
        refs["reply_to_message_id"] = draft.reply_to_message_id
    what = content(role.value, draft.parts, draft.text, refs)
    before = tx.rows(FIND_BY_CLIENT, shop_id, conversation_id, client_id)
    if before:
        if before[0][1] != what.digest:
            CLIENT_ID_REUSED.refuse(message_id=before[0][0])
        return int(before[0][0])
    if not talk.is_open:
        CONVERSATION_CLOSED.refuse(conversation_id=conversation_id)
    return _store(tx, talk, what, agent_id, client_id)


def _store(tx: Tx, talk: Conversation, what: Content, agent_id: int | None, client_id: str) -> int:
    # A platform's clock may be ahead of ours: the answer still stands below the question.
    occurred_ms = max(to_ms(tx.now), to_ms(talk.last_message_at))
    where = Envelope(
        tx.ids.next(), talk.shop_id, talk.id, talk.account_id, None, None, occurred_ms, 0, to_ms(tx.now),
        agent_id, client_id, State.QUEUED.value,
    )  # fmt: skip
    insert_message(tx, where, what)
    tx.run(AFTER_OTHER, -occurred_ms, where.id, what.role, preview(what.text), talk.id)
    wake(tx, talk.shop_id, talk.id, "agent")
    tx.publish(ReplyQueued(talk.shop_id, talk.id, where.id, agent_id, tx.now))
    also = [f"agent:{agent_id}"] if agent_id is not None else []
    announce(tx, talk.shop_id, talk.id, "inbox.reply_queued", {"message": shown(where, what)}, also)
    queue_next(tx, talk.shop_id, talk.id)
    return where.id


def retract_reply(tx: Tx, shop_id: int, message_id: int, by_user_id: int | None) -> None:
    """Note that one of our messages was taken back on the platform (the route asked the adapter first).

    Raises: Refusal kit.not_found, inbox.not_recallable.
    """
    message = get_message(tx.conn, shop_id, message_id)
    if message.role not in ("agent", "bot") or message.state != State.DELIVERED or message.recalled_at:
        NOT_RECALLABLE.refuse(message_id=message_id)
    note_own_recall(tx, shop_id, message.account_id, message_id, message.message_key or "", by_user_id)
    mark_recalled(tx, shop_id, message.conversation_id, message_id, "agent")
    tx.audit("inbox.recalled", f"message:{message_id}", {}, shop_id=shop_id)
