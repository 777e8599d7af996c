"""What is asked before a reply is stored: can this channel send it, and may it now?"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from miaohui.channels.model import Sender
from miaohui.channels.model.parts import Text
from miaohui.inbox.model import (
    CHANNEL_MISSING,
    PART_NOT_SUPPORTED,
    TEXT_TOO_LONG,
    WINDOW_CLOSED,
    ReplyDraft,
)
from miaohui.inbox.queries.conversations import Conversation, check_visible, get_conversation
from miaohui.inbox.queries.known import check_files, check_message
from miaohui.inbox.queries.messages import find_by_client
from miaohui.inbox.routes.shapes import window_of
from miaohui.kit.http import Caller
from miaohui.kit.runtime import Runtime


def check_send(
    rt: Runtime, conn: Connection, caller: Caller, conversation_id: int, draft: ReplyDraft, client_id: str
) -> None:
    """Tell the agent before anything is stored what the channel would refuse; the job asks again.

    Raises: Refusal kit.not_found, inbox.channel_missing, inbox.part_not_supported, inbox.text_too_long,
    inbox.window_closed.
    """
    check_visible(conn, caller, conversation_id)
    if find_by_client(conn, caller.shop_id, conversation_id, client_id) is not None:
        return  # a retry of a reply that was accepted: its window was open then
    talk = get_conversation(conn, caller.shop_id, conversation_id)
    sender, window = window_of(rt, conn, talk)
    if sender is None:
        CHANNEL_MISSING.refuse(channel=talk.channel)
    _check_parts(conn, talk, sender, draft)
    if talk.is_open and not window.is_open:
        closes_at = window.closes_at.isoformat() if window.closes_at else None
        WINDOW_CLOSED.refuse(reason=window.reason, remaining=window.remaining, closes_at=closes_at)


def _check_parts(conn: Connection, talk: Conversation, sender: Sender, draft: ReplyDraft) -> None:
    caps = sender.caps
    wrong = sorted({part.type for part in draft.parts} - set(caps.parts_out))
    if wrong:
        PART_NOT_SUPPORTED.refuse(types=wrong, allowed=sorted(caps.parts_out), channel_zh=caps.name_zh)
    longest = max((len(part.text) for part in draft.parts if isinstance(part, Text)), default=0)
    if caps.max_text_chars is not None and longest > caps.max_text_chars:
        TEXT_TOO_LONG.refuse(limit=caps.max_text_chars, length=longest)
    check_files(conn, talk.shop_id, talk.id, draft.parts)
    check_message(conn, talk.shop_id, talk.id, draft.reply_to_message_id)
