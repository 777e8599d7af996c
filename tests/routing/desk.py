"""A small desk for routing tests: real staff, real inbox, the real wiring of this room, a frozen clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select

from miaohui.channels.model import Account, Inbound, Kind, Party, Role
from miaohui.channels.model.parts import Text
from miaohui.inbox.actions.conversation import close_conversation
from miaohui.inbox.actions.receive import receive_message
from miaohui.inbox.events import (
    ConversationAssigned,
    ConversationClosed,
    ConversationLabelled,
    ConversationOpened,
    MessageReceived,
    ReplyQueued,
    ReplySent,
)
from miaohui.inbox.queries.conversations import count_open_by_agent, get_conversation
from miaohui.inbox.store.conversations import conversations
from miaohui.kit.errors import Refusal
from miaohui.kit.tx import SYSTEM, Actor, Tx
from miaohui.routing import actions, jobs, queries, store
from miaohui.routing.actions import PresenceChange
from miaohui.routing.model import Presence, Rules
from miaohui.staff import actions as staff
from miaohui.staff.actions import AgentDraft
from miaohui.staff.events import (
    AgentDeparted,
    CapacityChanged,
    GroupChanged,
    MembershipChanged,
    SkillsChanged,
)
from tests.world import SHOP_A, World

ACCOUNT = Account(SHOP_A, 9001, "key-a", "douyin")
ANNA, BEN, CARA = 11, 12, 13


def wire(world: World) -> None:
    """Wire what `app/wiring.py` wires for this room."""
    on = world.wiring.on
    on(ConversationOpened, actions.on_opened)
    on(ConversationAssigned, actions.on_assigned)
    on(ConversationClosed, actions.on_closed)
    on(ConversationLabelled, actions.on_labelled)
    on(MessageReceived, actions.on_message)
    on(MessageReceived, actions.hear_handover_word)
    on(ReplyQueued, actions.on_reply_queued)
    on(ReplySent, actions.on_reply_sent)
    for event in (CapacityChanged, MembershipChanged, SkillsChanged, GroupChanged):
        on(event, actions.on_team_changed)
    on(AgentDeparted, actions.on_agent_departed)


class Desk:
    """One shop with four groups, and the people a test puts into them."""

    def __init__(self, world: World) -> None:
        self.world = world
        wire(world)
        self.groups = world.write(lambda tx: staff.ensure_default_groups(tx, SHOP_A))
        self._line = 0

    # ---- people

    def seat(self, user_id: int, *kinds: str, capacity: int = 10, presence: str = "online") -> None:
        """Add an agent to groups of these kinds, and set their presence."""
        group_ids = tuple(self.groups[kind] for kind in kinds)
        draft = AgentDraft(user_id, f"客服{user_id}", group_ids, capacity)
        self.world.write(lambda tx: staff.add_agent(tx, SHOP_A, draft))
        if presence != "offline":
            self.be(user_id, presence)

    def be(self, user_id: int, presence: str, *, handover: bool = False) -> None:
        """Set a presence, as the person themselves."""
        change = PresenceChange(Presence(presence), handover)
        self.do(user_id, lambda tx: actions.set_presence(tx, SHOP_A, user_id, change))

    def do(self, user_id: int, fn: Callable[[Tx], Any]) -> Any:
        """Do something as a person."""
        return self.world.write(fn, Actor("user", user_id, f"u{user_id}"))

    def rules(self, **changes: Any) -> None:
        """Change the routing rules."""
        version, now = self.world.read(lambda conn: queries.get_rules(conn, SHOP_A))
        fields = {name: getattr(now, name) for name in Rules.__dataclass_fields__}
        new = Rules(**{**fields, **changes})
        self.world.write(lambda tx: actions.set_rules(tx, SHOP_A, new, "test", version))

    # ---- buyers

    def come(self, buyer: str | int, entry: str = "商品详情页", text: str = "在吗") -> int:
        """Let a buyer write, through the real inbox; return the conversation."""
        self._line += 1
        fact = Inbound(
            channel="douyin", account_key="key-a", event_key=f"e-{self._line}", kind=Kind.MESSAGE,
            occurred_at=self.world.clock.now(), actor=Party(Role.BUYER, f"b-{buyer}", "赵小明"),
            conversation_key=f"c-{buyer}", message_key=f"p-{self._line}", entry=entry, parts=(Text(text),),
        )  # fmt: skip
        return self.world.write(lambda tx: receive_message(tx, ACCOUNT, fact)).conversation_id

    def answer(self, conversation_id: int, agent_id: int | None, *, by_robot: bool = False) -> None:
        """Tell that a reply reached the buyer."""
        sent = ReplySent(SHOP_A, conversation_id, 1, agent_id, by_robot, self.world.clock.now())
        self.world.write(lambda tx: tx.publish(sent))

    def close(self, conversation_id: int) -> None:
        """End a conversation, through the real inbox."""
        self.world.write(lambda tx: close_conversation(tx, SHOP_A, conversation_id, "agent", None))

    def wait(self, seconds: float) -> None:
        """Let time pass and fire every timer that is due, as the timer loop would."""
        self.world.clock.advance(seconds)
        self.fire()

    def fire(self) -> None:
        """Fire what is due now."""
        for source in jobs.TIMERS:
            for _ in range(50):
                due = self.world.read(source.next_due)
                if due is None or due > self.world.clock.now() or not self.world.write(source.fire):
                    break
        while self.world.write(jobs.PUMPS[0].step):
            pass

    # ---- what is so

    def owner(self, conversation_id: int) -> int | None:
        """Return who has the conversation, in routing and in the inbox: they must agree."""
        chat = self.world.read(lambda conn: queries.find_chat(conn, SHOP_A, conversation_id))
        seen = self.world.read(lambda conn: get_conversation(conn, SHOP_A, conversation_id))
        if chat is None:
            assert not seen.is_open
            return None
        assert chat.agent_id == seen.agent_id
        return chat.agent_id

    def owners(self) -> dict[int, int | None]:
        """Return every open conversation with its owner; the inbox must say the same."""
        c, i = store.tables.chats.c, conversations.c
        ours = select(c.conversation_id, c.agent_id).where(c.shop_id == SHOP_A)
        theirs = select(i.id, i.agent_id).where(i.shop_id == SHOP_A, i.status == "open")
        found: dict[int, int | None] = self.world.read(lambda conn: dict(conn.execute(ours).all()))
        assert found == self.world.read(lambda conn: dict(conn.execute(theirs).all()))
        return found

    def state(self, conversation_id: int) -> str:
        """Return placed, queued, offline_message or closed."""
        chat = self.world.read(lambda conn: queries.find_chat(conn, SHOP_A, conversation_id))
        return chat.state if chat else "closed"

    def loads(self) -> Mapping[int, int]:
        """Return agent → chats, checked against the inbox's own count."""
        ours = self.world.read(lambda conn: queries.count_load(conn, SHOP_A))
        theirs = self.world.read(lambda conn: count_open_by_agent(conn, SHOP_A))
        assert ours == {user_id: n for user_id, n in theirs.items() if n}
        return ours

    def waiting(self, state: str = "queued") -> list[int]:
        """Return the conversations that wait, the next one first."""
        found = self.world.read(lambda conn: queries.list_waiting(conn, SHOP_A, state, limit=200))
        return [w.conversation_id for w in found]

    def why(self, conversation_id: int) -> queries.Explained:
        """Return the newest decision about a conversation."""
        return self.world.read(lambda conn: queries.list_decisions(conn, SHOP_A, conversation_id))[0]

    def refused(self, fn: Callable[[Tx], Any], user_id: int | None = None) -> Refusal:
        """Return the refusal that doing something meets."""
        actor = SYSTEM if user_id is None else Actor("user", user_id, f"u{user_id}")
        with pytest.raises(Refusal) as caught:
            self.world.write(fn, actor)
        return caught.value
