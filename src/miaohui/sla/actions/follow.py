"""What clocks do when something happens in the inbox or to the shop's rules: one function an event.

`app/wiring.py` puts them in place; each runs in the transaction of the fact itself (house §3).
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, update

from miaohui.inbox.events import (
    ConversationAssigned,
    ConversationClosed,
    ConversationOpened,
    MessageRecalled,
    MessageReceived,
    ReplySent,
)
from miaohui.kit.tx import Tx
from miaohui.shop.events import CalendarChanged, LiveSessionChanged, PolicyChanged, PromotionChanged
from miaohui.shop.model import POLICIES
from miaohui.sla.actions.clocks import (
    Wait,
    cancel_clock,
    find_open,
    list_waits,
    rules_now,
    start_clock,
    stop_clock,
)
from miaohui.sla.actions.reopen import reopen_round
from miaohui.sla.actions.retarget import put_promise, retarget_clock, retarget_clocks
from miaohui.sla.actions.sessions import assign_session, begin_session, end_session, open_session
from miaohui.sla.model import promise_for
from miaohui.sla.model.rules import KINDS
from miaohui.sla.store import GIVE_CLOCK, clocks, waits

RETARGET_JOB = "sla.retarget_clocks"
_LIVE_ZH = {
    "planned": "新增直播", "moved": "直播改期", "started": "开播", "extended": "加播", "ended": "下播",
    "cancelled": "直播取消",
}  # fmt: skip
_PROMOTION_ZH = {"planned": "新增大促", "moved": "大促改期", "cancelled": "大促取消"}


def follow_opening(tx: Tx, event: ConversationOpened) -> None:
    """Begin a stay: its start decides whether its rounds count (08:00:00–22:59:59, domain.md §2.1)."""
    if event.reopened:  # the one who had it has it again
        open_session(tx, event.shop_id, event.conversation_id, event.at)
    else:
        begin_session(tx, event.shop_id, event.conversation_id, event.at, (None, event.group_id))


def follow_message(tx: Tx, event: MessageReceived) -> None:
    """Start the clock of a round, or let the message join the one that runs."""
    rules = rules_now(tx, event.shop_id)
    if event.kind not in rules.rounds.ignored_kinds:
        wait = Wait(event.message_id, event.occurred_at, event.received_at)
        start_clock(tx, event.shop_id, event.conversation_id, wait, rules)


def follow_reply(tx: Tx, event: ReplySent) -> None:
    """Stop the clock for a human's answer. A robot's answer does not, unless the shop decided so (§2.6)."""
    if not event.by_robot:
        stop_clock(tx, event.shop_id, event.conversation_id, event.message_id, event.agent_id, event.sent_at)
    elif rules_now(tx, event.shop_id).rounds.robot_reply_ends_round:
        cancel_clock(tx, event.shop_id, event.conversation_id, "robot")


def follow_closing(tx: Tx, event: ConversationClosed) -> None:
    """End the clock and the stay; an unanswered round counts as such."""
    cancel_clock(tx, event.shop_id, event.conversation_id, "closed")
    end_session(tx, event.shop_id, event.conversation_id, event.at)


def follow_recall(tx: Tx, event: MessageRecalled) -> None:
    """Forget a buyer message that was taken back: the next one anchors the round, or there is none.

    An answer that is taken back was none: its round goes on.
    """
    if event.by != "buyer":
        reopen_round(tx, event.shop_id, event.conversation_id, event.message_id)
        return
    clock = find_open(tx, event.shop_id, event.conversation_id)
    if clock is None:
        return
    gone = tx.execute(
        delete(waits).where(waits.c.shop_id == event.shop_id, waits.c.message_id == event.message_id)
    )
    if gone.rowcount == 0:
        return
    left = list_waits(tx, clock)
    if not left:
        cancel_clock(tx, event.shop_id, event.conversation_id, "recalled")
    elif clock.anchor_message_id == event.message_id:
        tx.execute(update(clocks).where(clocks.c.id == clock.id).values(anchor_message_id=left[0].message_id))
        rules = rules_now(tx, event.shop_id)
        promise = promise_for(left[0].received_at, rules, clock.group_id)
        put_promise(tx, clock, promise, "买家撤回了首条消息")


def follow_assignment(tx: Tx, event: ConversationAssigned) -> None:
    """Keep who has the conversation; another group may have another target."""
    assign_session(tx, event.shop_id, event.conversation_id, event.agent_id, event.group_id)
    clock = find_open(tx, event.shop_id, event.conversation_id)
    if clock is None:
        return
    tx.run(GIVE_CLOCK, event.agent_id, event.group_id, clock.id)
    if clock.group_id != event.group_id and clock.breached_at is None:
        moved = replace(clock, group_id=event.group_id)
        retarget_clock(tx, moved, rules_now(tx, event.shop_id), "转到其他分组")


def follow_policy_change(tx: Tx, event: PolicyChanged) -> None:
    """Bring running clocks in line when the policy is one of theirs and holds already."""
    if event.kind in KINDS and event.effective_from <= tx.now:
        _retarget(tx, event.shop_id, f"规则变更：{POLICIES[event.kind].title_zh}第 {event.version} 版")


def follow_live_change(tx: Tx, event: LiveSessionChanged) -> None:
    """Bring running clocks in line with the guard windows (spec §2.4)."""
    _retarget(tx, event.shop_id, f"{_LIVE_ZH[event.change]}：{event.title}")


def follow_promotion_change(tx: Tx, event: PromotionChanged) -> None:
    """Bring running clocks in line with the promotions (spec §2.5)."""
    _retarget(tx, event.shop_id, f"{_PROMOTION_ZH[event.change]}：{event.name_zh}")


def follow_calendar_change(tx: Tx, event: CalendarChanged) -> None:
    """Bring running clocks in line with the opening hours (spec §2.3)."""
    _retarget(tx, event.shop_id, f"营业日历变更：{event.on_date}")


def _retarget(tx: Tx, shop_id: int, why_zh: str) -> None:
    """Do the first 300 here and leave the rest, if any, to a job, so that the lane stays free."""
    after_id = retarget_clocks(tx, shop_id, why_zh)
    if after_id is not None:
        tx.enqueue(RETARGET_JOB, {"why_zh": why_zh, "after_id": after_id}, shop_id=shop_id)
