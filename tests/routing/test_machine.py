"""Dispatch under any order of events: a state machine that looks for a broken promise after every step.

No chat goes by dispatch to somebody offline, lost or on a break; dispatch never exceeds a capacity; nobody
idles while a chat waits that they could serve; no conversation is owned twice (issue item 8).
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from miaohui.kit import feed
from miaohui.kit.errors import Refusal
from miaohui.kit.tx import Tx
from miaohui.routing import actions, queries, store
from miaohui.routing.actions import Reassignment, Transfer
from miaohui.routing.actions.floor import read_floor
from miaohui.routing.actions.place import decision_for
from miaohui.routing.events import ConversationPlaced
from miaohui.routing.model import Presence
from miaohui.staff import actions as staff
from miaohui.staff import queries as staff_queries
from miaohui.staff.actions import AgentDraft, CapacityChange
from miaohui.staff.model import Skill
from tests.routing.desk import Desk
from tests.world import SHOP_A, World

PEOPLE = (11, 12, 13, 14)
KINDS = ("pre_sale", "orders", "live")
ENTRIES = ("商品详情页", "订单详情页", "直播", "消息私信")
BY_HAND = {"claim", "transfer", "takeover", "reassign", "outside"}
people = st.sampled_from(PEOPLE)
picks = st.integers(0, 999)


class Board:
    """What a browser's board knows from the feed alone: loads, and what waits."""

    def __init__(self) -> None:
        self.seen = 0
        self.loads: Counter[int] = Counter()
        self.waiting: dict[int, str] = {}

    def apply(self, event: feed.FeedEvent) -> None:
        """Patch the board with one event, as the page does."""
        self.seen, data = event.id, json.loads(event.data)
        chat = data.get("conversation_id")
        if event.name in ("routing.conversation_placed", "routing.conversation_queued"):
            self.loads[data["previous_agent_id"]] -= 1
            self.waiting.pop(chat, None)
            if event.name == "routing.conversation_placed":
                self.loads[data["agent_id"]] += 1
            else:
                self.waiting[chat] = data["state"]
        elif event.name == "routing.queue_swapped":
            self.waiting = {c: data["to"] if s == data["from"] else s for c, s in self.waiting.items()}
        elif event.name == "inbox.conversation_closed":
            self.loads[data["conversation"]["agent_id"]] -= 1
            self.waiting.pop(data["conversation"]["id"], None)


class DispatchMachine(RuleBasedStateMachine):
    """A small shop in which anything may happen next."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(World())
        self.opened: list[int] = []
        self.board = Board()
        self.desk.world.wiring.on(ConversationPlaced, self.check_placed)

    def check_placed(self, tx: Tx, event: ConversationPlaced) -> None:
        """Look at the room inside the very transaction that placed a chat."""
        if event.trigger in BY_HAND:
            return
        seat = queries.get_room(tx.conn, SHOP_A, tx.now).seats[event.agent_id]
        assert seat.state == Presence.ONLINE, f"{event.trigger} gave a chat to somebody {seat.state}"
        assert seat.load <= seat.max_concurrency, f"{event.trigger} exceeded a capacity"

    def attempt(self, fn: Any) -> None:
        """Do something that may be refused; a refusal must change nothing, which the invariants see."""
        try:
            fn()
        except Refusal as refusal:
            assert refusal.kind.status < 500

    def pick(self, n: int) -> int:
        """Return one of the conversations that were ever opened."""
        return self.opened[n % len(self.opened)]

    @initialize()
    def people_arrive(self) -> None:
        desk = self.desk
        desk.rules(entry_skills={"private_message": {"platform_rules": 2}}, shrink_floor=1, exclusion_s=90)
        desk.seat(11, "pre_sale", capacity=3)
        desk.seat(12, "pre_sale", "orders", capacity=2)
        desk.seat(13, "orders", "live", capacity=1, presence="offline")
        desk.seat(14, "live", capacity=2, presence="on_break")
        for n in range(14):  # more than the room has: the queue is never empty at first
            self.a_buyer_writes(n, ENTRIES[n % 4])

    def a_buyer_writes(self, buyer: int, entry: str) -> None:
        chat = self.desk.come(buyer, entry)
        if chat not in self.opened:
            self.opened.append(chat)

    @rule(first=st.integers(0, 20), count=st.integers(1, 6), entry=st.sampled_from(ENTRIES))
    def buyers_write(self, first: int, count: int, entry: str) -> None:
        for n in range(count):
            self.a_buyer_writes(first + n, entry)

    @rule(n=picks, by_robot=st.booleans())
    def an_answer_goes_out(self, n: int, by_robot: bool) -> None:
        chat = self.pick(n)
        self.desk.answer(chat, self.desk.owner(chat), by_robot=by_robot)

    @rule(n=picks, who=st.none() | people)
    def a_chat_ends(self, n: int, who: int | None) -> None:
        """Any chat, or one that somebody has: that is what makes room."""
        mine = [chat for chat, owner in self.desk.owners().items() if owner == who and who is not None]
        chat = mine[n % len(mine)] if mine else self.pick(n)
        self.desk.close(chat)

    @rule(who=people, presence=st.sampled_from(list(Presence)), handover=st.booleans())
    def somebody_changes_presence(self, who: int, presence: Presence, handover: bool) -> None:
        self.attempt(lambda: self.desk.be(who, presence, handover=handover))

    @rule()
    def everybody_goes_home(self) -> None:
        for who in PEOPLE:
            self.desk.be(who, "offline", handover=True)

    @rule(who=people, capacity=st.integers(1, 4))
    def a_capacity_changes(self, who: int, capacity: int) -> None:
        def change(tx: Tx) -> None:
            version = staff_queries.list_capacities(tx.conn, SHOP_A, who)[0].version
            staff.set_capacity(tx, SHOP_A, who, CapacityChange(capacity), version)

        self.desk.world.write(change)

    @rule(who=people, level=st.integers(0, 3))
    def a_skill_changes(self, who: int, level: int) -> None:
        def change(tx: Tx) -> None:
            version = staff_queries.get_agent(tx.conn, SHOP_A, who).skills_version
            staff.set_skills(tx, SHOP_A, who, [Skill("platform_rules", level)] if level else [], version)

        self.desk.world.write(change)

    @rule(who=people, kinds=st.sets(st.sampled_from(KINDS)))
    def groups_change(self, who: int, kinds: set[str]) -> None:
        def change(tx: Tx) -> None:
            agent = staff_queries.get_agent(tx.conn, SHOP_A, who)
            draft = AgentDraft(who, agent.display_name, tuple(self.desk.groups[k] for k in sorted(kinds)))
            staff.change_agent(tx, SHOP_A, draft, agent.version)

        self.desk.world.write(change)

    @rule(seconds=st.sampled_from([1, 30, 61, 181, 700]), awake=st.sets(people))
    def time_passes(self, seconds: int, awake: set[int]) -> None:
        """Whoever is awake beats; the others' pages go silent."""
        for _ in range(0, seconds, 30):
            self.desk.wait(min(seconds, 30))
            for who in sorted(awake):
                self.desk.world.write(lambda tx, w=who: actions.note_heartbeat(tx, SHOP_A, w))

    @rule(n=picks, who=people)
    def somebody_claims(self, n: int, who: int) -> None:
        chat = self.pick(n)
        self.attempt(lambda: self.desk.do(who, lambda tx: actions.claim(tx, SHOP_A, chat, who)))

    @rule(n=picks, who=people, to=people, kind=st.none() | st.sampled_from(KINDS))
    def somebody_transfers(self, n: int, who: int, to: int, kind: str | None) -> None:
        chat = self.pick(n)
        wanted = Transfer(to_user_id=to) if kind is None else Transfer(to_group_id=self.desk.groups[kind])
        self.attempt(lambda: self.desk.do(who, lambda tx: actions.transfer(tx, SHOP_A, chat, wanted)))

    @rule(who=people, to=st.none() | people)
    def a_shift_ends(self, who: int, to: int | None) -> None:
        wanted = Reassignment(who, to_user_ids=() if to is None else (to,))
        self.desk.do(99, lambda tx: actions.reassign(tx, SHOP_A, wanted))

    @rule(n=picks, boost=st.sampled_from(["vip", "breach"]))
    def a_chat_becomes_urgent(self, n: int, boost: str) -> None:
        chat = self.pick(n)
        self.attempt(lambda: self.desk.world.write(lambda tx: actions.reprioritise(tx, SHOP_A, chat, boost)))

    @rule(mode=st.sampled_from(["priority", "even"]), shrink=st.booleans(), auto=st.booleans())
    def the_rules_change(self, mode: str, shrink: bool, auto: bool) -> None:
        self.desk.rules(mode=mode, shrink=shrink, offline_auto_assign=auto)

    @invariant()
    def every_chat_has_one_owner_and_loads_are_exact(self) -> None:
        assert Counter(o for o in self.desk.owners().values() if o is not None) == self.desk.loads()

    @invariant()
    def nobody_idles_while_a_chat_waits_that_they_could_serve(self) -> None:
        waiting = self.desk.waiting()

        def look(tx: Tx) -> None:
            floor = read_floor(tx, SHOP_A)
            for conversation_id in waiting:
                chat = store.chats.find(tx.conn, SHOP_A, conversation_id)
                assert chat is not None
                groups = store.lanes.groups_of(tx.conn, SHOP_A, conversation_id)
                assert groups and groups[0] == chat.group_id
                assert decision_for(tx, floor, chat, groups).user_id is None, "somebody idles"

        self.desk.world.write(look)

    @invariant()
    def messages_wait_only_while_everybody_is_away(self) -> None:
        room = self.desk.world.read(lambda conn: queries.get_room(conn, SHOP_A, self.desk.world.clock.now()))
        if not room.is_open:
            assert self.desk.waiting() == []
        elif room.rules.offline_auto_assign and any(s.state == Presence.ONLINE for s in room.seats.values()):
            assert self.desk.waiting("offline_message") == []

    @invariant()
    def a_board_that_follows_the_feed_shows_what_is_so(self) -> None:
        for event in self.desk.world.read(lambda conn: feed.read(conn, self.board.seen, 10_000)):
            self.board.apply(event)
        known = {who: n for who, n in self.board.loads.items() if n and who is not None}
        assert known == self.desk.loads()
        waiting = {chat: "queued" for chat in self.desk.waiting()}
        waiting |= {chat: "offline_message" for chat in self.desk.waiting("offline_message")}
        assert self.board.waiting == waiting

    def teardown(self) -> None:
        self.desk.world.close()


TestDispatch = DispatchMachine.TestCase
TestDispatch.settings = settings(
    max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
