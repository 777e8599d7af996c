"""Between the live desk (`inbox`, `staff`) and `insight`: who said what when, in the form that rounds are built from."""

# ruff: noqa: E501
from __future__ import annotations

from functools import lru_cache

from miaohui.importing.events import FileImported, ImportUndone
from miaohui.inbox import events as inbox
from miaohui.inbox import queries as inbox_queries
from miaohui.insight import actions as insight
from miaohui.insight.actions import LiveMessage
from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx, Wiring
from miaohui.staff import queries as staff

OTHER_PLATFORMS = {"tmall": "tmall", "qianniu": "tmall", "jd": "jd", "pinduoduo": "pinduoduo"}
ROBOT, AGENT = "robot", "agent"


@lru_cache(maxsize=64)
def platform_of(channel: str) -> str:
    """Return the platform whose definitions count for a channel; everything of the house is 抖店's."""
    return OTHER_PLATFORMS.get(channel, "douyin")


def wire_counting(wiring: Wiring) -> None:
    """Subscribe: live messages are noted inline; what follows from a file comes later, as jobs."""
    wiring.on(inbox.MessageReceived, note_buyer_message)
    wiring.on(inbox.ReplySent, note_reply)
    wiring.on(inbox.ConversationAssigned, note_assignment)
    wiring.on(inbox.ConversationClosed, note_end)
    wiring.after(FileImported, "insight.follow_import")
    wiring.after(ImportUndone, "insight.follow_undo")


def note_buyer_message(tx: Tx, event: inbox.MessageReceived) -> None:
    """Note what a buyer wrote. Inline on `MessageReceived`."""
    insight.note_message(tx, event.shop_id, LiveMessage(
        str(event.conversation_id), event.message_id, to_ms(event.occurred_at), "buyer", platform_of(event.channel),
        text=event.text, kind=event.kind, buyer_key=str(event.buyer_id),
    ))  # fmt: skip


def note_reply(tx: Tx, event: inbox.ReplySent) -> None:
    """Note a reply that reached the buyer. Inline on `ReplySent`."""
    talk = inbox_queries.get_conversation(tx.conn, event.shop_id, event.conversation_id)
    said = inbox_queries.get_message(tx.conn, event.shop_id, event.message_id)
    role = ROBOT if event.by_robot else AGENT
    insight.note_message(tx, event.shop_id, LiveMessage(
        str(event.conversation_id), event.message_id, to_ms(event.sent_at), role, platform_of(talk.channel),
        sender=_name(tx, event.shop_id, event.agent_id), text=said.text,
    ))  # fmt: skip


def note_assignment(tx: Tx, event: inbox.ConversationAssigned) -> None:
    """Note that a person took over. Inline on `ConversationAssigned`."""
    if event.agent_id is None:
        return
    talk = inbox_queries.get_conversation(tx.conn, event.shop_id, event.conversation_id)
    insight.note_takeover(tx, event.shop_id, LiveMessage(
        str(event.conversation_id), tx.ids.next(), to_ms(event.at), "system", platform_of(talk.channel),
        sender=_name(tx, event.shop_id, event.agent_id),
    ))  # fmt: skip


def note_end(tx: Tx, event: inbox.ConversationClosed) -> None:
    """Note that a conversation ended. Inline on `ConversationClosed`."""
    talk = inbox_queries.get_conversation(tx.conn, event.shop_id, event.conversation_id)
    insight.note_closing(tx, event.shop_id, LiveMessage(
        str(event.conversation_id), tx.ids.next(), to_ms(event.at), "system", platform_of(talk.channel)
    ))  # fmt: skip


def _name(tx: Tx, shop_id: int, user_id: int | None) -> str:
    """Return the name that reports call an agent by."""
    return "" if user_id is None else staff.name_of(tx.conn, shop_id, user_id)
