"""Take in conversations that were held elsewhere: exported chat logs, a platform's history pages.

Nothing follows from old words: no event, no clock, no live feed. Source: domain §3.7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from miaohui.buyers.actions import recognise_buyer
from miaohui.channels.model import Account
from miaohui.channels.model.parts import Text
from miaohui.inbox.actions.lines import Envelope, content, insert_message
from miaohui.inbox.model import FAR_MS, State, preview
from miaohui.inbox.store.conversations import INSERT_CONVERSATION, SETTLE_HISTORY
from miaohui.kit.clock import to_ms
from miaohui.kit.text import masked_name
from miaohui.kit.tx import Tx


@dataclass(frozen=True, slots=True)
class OldLine:
    """One line of an old conversation. `key` names it for ever within its account."""

    key: str
    role: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OldTalk:
    """An old conversation, its lines oldest first. `agent_id` is who held it, where that is known."""

    peer: str
    buyer_name: str
    lines: tuple[OldLine, ...]
    entry: str = "其他"
    agent_id: int | None = None
    group_id: int | None = None
    is_open: bool = False


def load_history(tx: Tx, account: Account, talk: OldTalk) -> int:
    """Store an old conversation with its lines and return its id; lines that are known already are skipped.

    Shape: at least one line. An open one must be the only open conversation with its peer.
    """
    buyer_id = recognise_buyer(tx, account.shop_id, account.channel, talk.peer, talk.buyer_name)
    conversation_id, first, last = tx.ids.next(), talk.lines[0], talk.lines[-1]
    tx.run(
        INSERT_CONVERSATION, conversation_id, account.shop_id, account.id, account.channel, talk.peer,
        talk.peer, buyer_id, talk.peer, masked_name(talk.buyer_name)[:64] or "买家", talk.entry,
        msgspec.json.encode({}).decode(), to_ms(first.at), -to_ms(last.at),
    )  # fmt: skip
    count = sum(_store(tx, account, conversation_id, line, talk.agent_id) for line in talk.lines)
    waits = talk.is_open and last.role == "buyer"
    tx.run(
        SETTLE_HISTORY, "open" if talk.is_open else "closed", None if talk.is_open else to_ms(last.at),
        talk.agent_id, talk.group_id, to_ms(last.at) if waits else FAR_MS, last.role, preview(last.text),
        1 if waits else 0, count, conversation_id, account.shop_id,
    )  # fmt: skip
    return conversation_id


def _store(tx: Tx, account: Account, conversation_id: int, line: OldLine, agent_id: int | None) -> bool:
    what = content(line.role, (Text(line.text),), line.text, {}, "history")
    state = State.RECEIVED if line.role == "buyer" else State.DELIVERED
    where = Envelope(
        tx.ids.next(), account.shop_id, conversation_id, account.id, line.key, None, to_ms(line.at), 0,
        to_ms(line.at), agent_id if line.role == "agent" else None, None, state.value,
    )  # fmt: skip
    return insert_message(tx, where, what)
