"""A shop with running clocks for tests: events go through the same wiring as in the product."""

from __future__ import annotations

from datetime import datetime, timedelta

from miaohui.inbox.events import (
    ConversationAssigned,
    ConversationClosed,
    ConversationOpened,
    MessageRecalled,
    MessageReceived,
    ReplySent,
)
from miaohui.kit.tx import Wiring
from miaohui.shop import actions as shop_actions
from miaohui.shop.events import CalendarChanged, LiveSessionChanged, PolicyChanged, PromotionChanged
from miaohui.sla import actions
from miaohui.sla.actions import fire_due
from miaohui.sla.events import ClockBreached, ClockRetargeted, ClockStarted, ClockStopped, ClockWarned
from miaohui.sla.jobs import next_due
from tests.world import SHOP_A, SHOP_B, World

ALICE, BOB = 11, 12
PRESALE, AFTERSALE = 7, 8


def wire(wiring: Wiring) -> None:
    """Put the handlers in place as `app/wiring.py` does."""
    wiring.on(ConversationOpened, actions.follow_opening)
    wiring.on(MessageReceived, actions.follow_message)
    wiring.on(ReplySent, actions.follow_reply)
    wiring.on(ConversationAssigned, actions.follow_assignment)
    wiring.on(ConversationClosed, actions.follow_closing)
    wiring.on(MessageRecalled, actions.follow_recall)
    wiring.on(PolicyChanged, actions.follow_policy_change)
    wiring.on(LiveSessionChanged, actions.follow_live_change)
    wiring.on(PromotionChanged, actions.follow_promotion_change)
    wiring.on(CalendarChanged, actions.follow_calendar_change)


class Office:
    """Buyers write, agents answer, timers fire; `events` holds what the clocks said."""

    def __init__(self, world: World) -> None:
        self.world = world
        wire(world.wiring)
        self.events = world.record(ClockStarted, ClockWarned, ClockBreached, ClockStopped, ClockRetargeted)
        self._message_id = 0

    def open_shops(self) -> Office:
        for shop_id in (SHOP_A, SHOP_B):
            self.world.write(lambda tx, s=shop_id: shop_actions.create_shop(tx, "店", shop_id=s))
        return self

    def next_message(self) -> int:
        self._message_id += 1
        return self._message_id

    def enter(self, conversation_id: int, group_id: int | None = None, shop_id: int = SHOP_A) -> None:
        now = self.world.clock.now()
        self.world.write(
            lambda tx: tx.publish(
                ConversationOpened(shop_id, conversation_id, 1, "widget", "其他", group_id, now)
            )
        )

    def assign(
        self,
        conversation_id: int,
        agent_id: int | None,
        group_id: int | None = PRESALE,
        shop_id: int = SHOP_A,
    ) -> None:
        now = self.world.clock.now()
        self.world.write(
            lambda tx: tx.publish(
                ConversationAssigned(shop_id, conversation_id, agent_id, group_id, None, "auto", None, now)
            )
        )

    def buyer_writes(
        self, conversation_id: int, *, occurred_at: datetime | None = None, shop_id: int = SHOP_A,
        kind: str = "text",
    ) -> int:  # fmt: skip
        message_id, now = self.next_message(), self.world.clock.now()
        event = MessageReceived(
            shop_id, conversation_id, message_id, 1, "widget", kind, "在吗", occurred_at or now, now
        )
        self.world.write(lambda tx: tx.publish(event))
        return message_id

    def agent_answers(
        self, conversation_id: int, agent_id: int | None = ALICE, *, by_robot: bool = False,
        sent_at: datetime | None = None,
    ) -> int:  # fmt: skip
        message_id = self.next_message()
        event = ReplySent(
            SHOP_A, conversation_id, message_id, agent_id, by_robot, sent_at or self.world.clock.now()
        )
        self.world.write(lambda tx: tx.publish(event))
        return message_id

    def close(self, conversation_id: int) -> None:
        now = self.world.clock.now()
        self.world.write(
            lambda tx: tx.publish(ConversationClosed(SHOP_A, conversation_id, ALICE, "done", None, now))
        )

    def recall(self, conversation_id: int, message_id: int, by: str = "buyer") -> None:
        now = self.world.clock.now()
        self.world.write(lambda tx: tx.publish(MessageRecalled(SHOP_A, conversation_id, message_id, by, now)))

    def run_timers(self) -> int:
        """Fire as the timer loop does: while something is due at the present moment."""
        fired = 0
        while True:
            due = self.world.read(next_due)
            if due is None or due > self.world.clock.now():
                return fired
            fired += self.world.write(fire_due)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, stopping at every deadline as the timer loop does."""
        until = self.world.clock.now() + timedelta(seconds=seconds)
        while True:
            due = self.world.read(next_due)
            if due is None or due > until:
                break
            if due > self.world.clock.now():
                self.world.clock.set(due)
            self.run_timers()
        self.world.clock.set(until)

    def of(self, event_type: type) -> list:
        return [event for event in self.events if isinstance(event, event_type)]
