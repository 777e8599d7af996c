"""What routing does when the team or a buyer changes. Inline handlers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from miaohui.buyers.events import BuyersMerged
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.drain import drain
from miaohui.routing.actions.floor import read_floor
from miaohui.routing.actions.place import Move, place
from miaohui.routing.actions.presence import PresenceChange, set_presence
from miaohui.routing.model import Entry, Presence, home_group
from miaohui.staff import queries as staff_queries
from miaohui.staff.events import AgentDeparted, GroupChanged


class TeamEvent(Protocol):
    """CapacityChanged, MembershipChanged, SkillsChanged, GroupChanged, AgentJoined."""

    @property
    def shop_id(self) -> int: ...

    @property
    def at(self) -> datetime: ...


def on_team_changed(tx: Tx, event: TeamEvent) -> None:
    """Use the room that a new capacity, group or skill makes, at once."""
    if isinstance(event, GroupChanged):
        _leave_archived(tx, event)
    drain(tx, event.shop_id)


def _leave_archived(tx: Tx, event: GroupChanged) -> None:
    """Chats that wait for a group that is taken out of use go where their entry leads now."""
    group = staff_queries.find_group(tx.conn, event.shop_id, event.group_id)
    if group is None or group.archived_at is None:
        return
    store.chats.gate(tx.conn, event.shop_id)
    floor = read_floor(tx, event.shop_id)
    groups = staff_queries.list_groups(tx.conn, event.shop_id)
    for conversation_id in store.chats.waiting_ids_of(tx.conn, event.shop_id, event.group_id):
        chat = store.chats.find(tx.conn, event.shop_id, conversation_id)
        if chat is not None:
            chat.group_id = home_group(floor.rules, Entry(chat.entry), groups)
            place(tx, floor, chat, Move("group_archived"))


def on_agent_departed(tx: Tx, event: AgentDeparted) -> None:
    """Set somebody who left the team offline and pass their chats on."""
    change = PresenceChange(Presence.OFFLINE, handover=True, reason="departed")
    set_presence(tx, event.shop_id, event.user_id, change)


def on_buyers_merged(tx: Tx, event: BuyersMerged) -> None:
    """Let the kept buyer find the agent who served either of the two, whoever answered later."""
    store.rows.merge_buyers(tx.conn, event.shop_id, event.kept_id, event.merged_id)
