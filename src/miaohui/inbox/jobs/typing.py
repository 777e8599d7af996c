"""Show the buyer that somebody writes, where the channel can. A courtesy: it never fails, nothing is stored."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec
from sqlalchemy.engine import Connection

from miaohui.channels.model import ChannelError
from miaohui.inbox.actions.announce import WIDGET, visitor_topic
from miaohui.inbox.jobs.ports import book_of, sender_of
from miaohui.inbox.queries.conversations import Conversation, check_visible, get_conversation
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.http import Caller
from miaohui.kit.pace import Pace
from miaohui.kit.runtime import Runtime

TIMEOUT_S = 2.0
EVERY_S = 3.0


async def show_typing(rt: Runtime, caller: Caller, conversation_id: int) -> None:
    """Tell the other side of a conversation that an agent writes, at most every three seconds.

    Raises: Refusal kit.not_found for a conversation that the caller may not see.
    """
    talk = await rt.read(lambda conn: _visible(conn, caller, conversation_id))
    if not _pace(rt).take(f"{talk.shop_id}:{conversation_id}"):
        return
    if talk.channel == WIDGET:
        hub = rt.ports.get("hub")
        if hub is not None:
            frame = msgspec.json.encode({"type": "typing", "on": True})
            hub.signal(talk.shop_id, visitor_topic(talk.account_id, talk.peer), frame)
        return
    with contextlib.suppress(ChannelError, Outage, TimeoutError, Refusal):
        account = await rt.read(lambda conn: book_of(rt).by_id(conn, talk.shop_id, talk.account_id))
        sender = sender_of(rt, account.channel)
        if sender is not None and sender.caps.can_type:
            async with asyncio.timeout(TIMEOUT_S):
                await sender.typing(account, talk.conversation_key, True)


def _visible(conn: Connection, caller: Caller, conversation_id: int) -> Conversation:
    check_visible(conn, caller, conversation_id)
    return get_conversation(conn, caller.shop_id, conversation_id)


def _pace(rt: Runtime) -> Pace:
    if "inbox.pace.typing" not in rt.ports:
        rt.ports["inbox.pace.typing"] = Pace(rt.clock, 1 / EVERY_S, 1)
    return rt.ports["inbox.pace.typing"]  # type: ignore[no-any-return]
