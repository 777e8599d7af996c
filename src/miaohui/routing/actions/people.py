"""What routing does when the team or a buyer changes. Inline handlers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from miaohui.buyers.events import BuyersMerged
from miaohui.kit.tx import Tx
from miaohui.routing import store
from miaohui.routing.actions.drain import drain
from miaohui.routing.actions.presence import PresenceChange, set_presence
from miaohui.routing.model import Presence
from miaohui.staff.events import AgentDeparted


class TeamEvent(Protocol):
    """CapacityChanged, MembershipChanged, SkillsChanged, GroupChanged, AgentJoined."""

    @property
    def shop_id(self) -> int: ...

    @property
    def at(self) -> datetime: ...


def on_team_changed(tx: Tx, event: TeamEvent) -> None:
    """Use the room that a new capacity, group or skill makes, at once."""
    drain(tx, event.shop_id)


def on_agent_departed(tx: Tx, event: AgentDeparted) -> None:
    """Set somebody who left the team offline and pass their chats on."""
    change = PresenceChange(Presence.OFFLINE, handover=True, reason="departed")
    set_presence(tx, event.shop_id, event.user_id, change)


def on_buyers_merged(tx: Tx, event: BuyersMerged) -> None:
    """Let the kept buyer find the agent who served either of the two, whoever answered later."""
    store.rows.merge_buyers(tx.conn, event.shop_id, event.kept_id, event.merged_id)
