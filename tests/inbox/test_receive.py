"""Receiving: permanent de-duplication, one open conversation per buyer, platform order (issue item 6)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from miaohui.channels.model import Kind, Party, Role
from miaohui.channels.model.parts import Image, Text
from miaohui.inbox.actions.conversation import close_conversation
from miaohui.inbox.events import (
    BusinessFactArrived,
    ConversationOpened,
    MessageConflicted,
    MessageEdited,
    MessageRecalled,
    MessageReceived,
    ReplySent,
)
from miaohui.inbox.queries.conversations import get_conversation
from miaohui.inbox.queries.messages import get_history, list_messages, scrub_messages
from miaohui.inbox.store.conversations import conversations
from miaohui.inbox.store.messages import messages
from miaohui.kit import feed
from tests.inbox.parts import ACCOUNT, BRIDGE, arrive, later, line, only
from tests.world import NOON, SHOP_A, World


def talks(world: World) -> list[Any]:
    return world.read(lambda conn: conn.execute(select(conversations).order_by(conversations.c.id)).all())


def lines(world: World) -> list[Any]:
    return world.read(lambda conn: conn.execute(select(messages).order_by(messages.c.id)).all())


def test_a_buyers_first_line_opens_a_conversation_and_the_next_ones_join_it(world: World) -> None:
    events = world.record(ConversationOpened, MessageReceived)
    assert arrive(world, line("什么时候发货", "1", entry="订单详情页")) == "stored"
    assert arrive(world, line("在吗", "2", at=later(3))) == "stored"
    talk = only(talks(world))
    assert (talk.entry, talk.message_count, talk.unread_count, talk.last_text) == ("订单详情页", 2, 2, "在吗")
    assert talk.waiting_ms == lines(world)[0].received_ms
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["ConversationOpened", "MessageReceived", "MessageReceived"]
    assert events[0].reopened is False and events[1].text == "什么时候发货"


def test_the_same_delivery_again_changes_nothing_however_late(world: World) -> None:
    arrive(world, line("在吗", "1"))
    before = talks(world), lines(world)
    events = world.record(MessageReceived)
    world.clock.advance(90 * 86_400)
    assert arrive(world, line("在吗", "1")) == "duplicate"
    assert (talks(world), lines(world)) == before and events == []


def test_a_redelivery_after_the_conversation_closed_opens_none(world: World) -> None:
    arrive(world, line("在吗", "1"))
    talk = only(talks(world))
    world.write(lambda tx: close_conversation(tx, SHOP_A, talk.id, "agent", 2))
    world.clock.advance(7_200)
    assert arrive(world, line("在吗", "1")) == "duplicate"
    assert only(talks(world)).status == "closed"


def test_the_same_id_with_another_content_is_kept_as_a_conflict_beside_the_first(world: World) -> None:
    events = world.record(MessageConflicted)
    arrive(world, line("退款 10 元", "1"))
    for _ in range(2):
        assert arrive(world, line("退款 1000 元", "1")) == "conflict"
    stored = only(lines(world))
    assert stored.text == "退款 10 元"
    history = world.read(lambda conn: get_history(conn, SHOP_A, stored.id))
    assert only(history["conflicts"])["text"] == "退款 1000 元"
    assert len(events) == 1


def test_the_platforms_order_is_shown_and_the_order_of_arrival_kept(world: World) -> None:
    arrive(world, line("第三", "3", at=later(3)))
    arrive(world, line("第一", "1", at=later(1)))
    arrive(world, line("第二乙", "2b", at=later(2), seq_hint=2))
    arrive(world, line("第二甲", "2a", at=later(2), seq_hint=1))
    talk = only(talks(world))
    shown = world.read(lambda conn: list_messages(conn, SHOP_A, talk.id))
    assert [m.text for m in shown] == ["第一", "第二甲", "第二乙", "第三"]
    assert [row.text for row in lines(world)] == ["第三", "第一", "第二乙", "第二甲"]
    assert -talk.recency_ms == int(later(3).timestamp() * 1000)


def test_two_buyers_and_two_accounts_have_conversations_of_their_own(world: World) -> None:
    arrive(world, line("a", "1", "buyer-1"))
    arrive(world, line("b", "2", "buyer-2"))
    arrive(world, line("c", "1", "buyer-1", account=BRIDGE), BRIDGE)
    assert len(talks(world)) == 3 and len({talk.buyer_id for talk in talks(world)}) == 3


@pytest.mark.parametrize(("minutes", "count"), [(9, 1), (11, 2)])
def test_a_buyer_back_within_ten_minutes_gets_the_same_conversation(
    world: World, minutes: int, count: int
) -> None:
    """domain §2.3: asked again within 10 minutes of the end counts as the same conversation."""
    arrive(world, line("a", "1"))
    talk = only(talks(world))
    world.write(lambda tx: close_conversation(tx, SHOP_A, talk.id, "agent", 2))
    events = world.record(ConversationOpened)
    world.clock.advance(minutes * 60)
    arrive(world, line("b", "2"))
    assert len(talks(world)) == count
    assert only(events).reopened is (count == 1)


def test_an_unknown_kind_is_kept_and_shown(world: World) -> None:
    arrive(world, line("", "1", kind=Kind.UNKNOWN, parts=(), raw={"type": "hologram", "x": 1}))
    talk = only(talks(world))
    message = only(world.read(lambda conn: list_messages(conn, SHOP_A, talk.id)))
    assert message.kind == "unknown" and message.parts[0]["raw"] == {"type": "hologram", "x": 1}
    assert talk.last_text == "[不支持的消息类型]"


def test_an_unknown_kind_without_a_conversation_is_passed_on_once(world: World) -> None:
    events = world.record(BusinessFactArrived)
    fact = line("", "1", kind=Kind.UNKNOWN, parts=(), actor=Party(), conversation_key="")
    assert [arrive(world, fact), arrive(world, fact)] == ["passed_on", "duplicate"]
    assert len(events) == 1 and talks(world) == []


def test_a_business_fact_is_published_once_and_opens_no_conversation(world: World) -> None:
    events = world.record(BusinessFactArrived)
    fact = line("", "o1", kind=Kind.ORDER, parts=(), refs={"order_id": "6920000000000000001"})
    assert [arrive(world, fact), arrive(world, fact)] == ["passed_on", "duplicate"]
    assert only(events).inbound.refs["order_id"] == "6920000000000000001"
    assert talks(world) == []


SYSTEM_LINES = [
    "用户超时未回复，系统关闭会话",
    "用户已等待超3分钟，请尽快回复",
    "客服小美接入",
    "【即将超时】您即将超20分钟未回复买家，请尽快回复，避免消极接待",
    "当前用户来自 商品详情页",
]


@pytest.mark.parametrize("text", SYSTEM_LINES)
def test_lines_that_feige_and_qianniu_wrote_are_no_questions(world: World, text: str) -> None:
    """domain §3.7: a robot once answered such a line and then itself."""
    events = world.record(MessageReceived)
    arrive(world, line("在吗", "1", account=BRIDGE), BRIDGE)
    arrive(world, line(text, "2", account=BRIDGE), BRIDGE)
    assert [event.text for event in events] == ["在吗"]
    assert lines(world)[1].role == "system" and only(talks(world)).unread_count == 1


def test_a_placeholder_on_a_page_stands_for_what_the_buyer_sent(world: World) -> None:
    """domain §3.7: the buyer did send a picture, and waits."""
    events = world.record(MessageReceived)
    arrive(world, line("[图片]", "1", account=BRIDGE), BRIDGE)
    assert only(events).kind == "image" and only(talks(world)).unread_count == 1


def test_our_own_long_words_read_off_the_page_under_the_buyers_name_are_no_question(world: World) -> None:
    """domain §3.7: a bridge mixed up the sides and a robot answered itself without end."""
    words = "您好，这款今天下单今天就能发货哦"
    arrive(world, line("什么时候发货", "1", account=BRIDGE), BRIDGE)
    arrive(world, line(words, "2", account=BRIDGE, role=Role.AGENT, at=later(5)), BRIDGE)
    events = world.record(MessageReceived)
    assert arrive(world, line(words, "3", account=BRIDGE, at=later(8)), BRIDGE) == "echo"
    assert arrive(world, line("好的", "4", account=BRIDGE, at=later(9)), BRIDGE) == "stored"
    assert [event.text for event in events] == ["好的"]


def test_the_same_words_typed_by_a_buyer_elsewhere_are_a_question(world: World) -> None:
    events = world.record(MessageReceived)
    arrive(world, line("客服小美接入", "1"))
    assert len(events) == 1


def test_an_answer_given_in_the_platforms_own_app_stops_the_waiting(world: World) -> None:
    events = world.record(ReplySent)
    arrive(world, line("在吗", "1"))
    arrive(world, line("在的", "2", at=later(5), role=Role.AGENT))
    talk = only(talks(world))
    assert world.read(lambda conn: get_conversation(conn, SHOP_A, talk.id)).waiting_since is None
    assert only(events).agent_id is None and not only(events).by_robot


def test_a_robots_answer_does_not_stop_the_waiting(world: World) -> None:
    """domain §2.6: a robot's answer is no valid human reply."""
    arrive(world, line("在吗", "1"))
    arrive(world, line("您好", "2", at=later(1), role=Role.BOT))
    talk = only(talks(world))
    assert world.read(lambda conn: get_conversation(conn, SHOP_A, talk.id)).waiting_since is not None


def test_a_recall_hides_the_message_once(world: World) -> None:
    events = world.record(MessageRecalled)
    arrive(world, line("说错了", "1"))
    fact = line("", "r1", kind=Kind.RECALL, message_key="p-1", parts=())
    assert [arrive(world, fact), arrive(world, fact)] == ["recalled", "duplicate"]
    assert only(lines(world)).recalled_ms is not None and len(events) == 1
    assert only(talks(world)).last_text == "（已撤回）"


def test_a_recall_that_overtakes_its_message_is_applied_when_it_comes(world: World) -> None:
    events = world.record(MessageRecalled)
    assert arrive(world, line("", "r1", kind=Kind.RECALL, message_key="p-1", parts=())) == "early"
    arrive(world, line("说错了", "1"))
    assert only(lines(world)).recalled_ms is not None and len(events) == 1


def test_an_edit_changes_the_text_and_keeps_the_first(world: World) -> None:
    events = world.record(MessageEdited)
    arrive(world, line("要红色", "1"))
    edit = line("要蓝色", "x1", kind=Kind.EDIT, message_key="p-1")
    assert [arrive(world, edit), arrive(world, edit)] == ["edited", "duplicate"]
    stored = only(lines(world))
    assert stored.text == "要蓝色" and len(events) == 1
    history = world.read(lambda conn: get_history(conn, SHOP_A, stored.id))
    assert only(history["edits"])["old_text"] == "要红色"
    assert arrive(world, line("要红色", "1")) == "duplicate"
    assert world.read(scrub_messages).broken_ids == ()


def test_a_buyer_who_only_enters_opens_nothing_but_lends_the_entry(world: World) -> None:
    """domain §2.6: a silent session is no conversation."""
    enter = line("", "i1", kind=Kind.ENTER, parts=(), entry="直播", refs={"room_id": "r9"})
    assert [arrive(world, enter), arrive(world, enter)] == ["entered", "duplicate"]
    assert talks(world) == []
    arrive(world, line("这个多少钱", "1", at=later(10)))
    talk = only(talks(world))
    assert talk.entry == "直播" and talk.refs == {"room_id": "r9"}


def test_a_read_receipt_moves_only_forward(world: World) -> None:
    arrive(world, line("在吗", "1"))
    read = lambda key, s: arrive(world, line("", key, kind=Kind.READ, parts=(), at=later(s), message_key=""))
    assert [read("a", 10), read("b", 5), read("c", 20)] == ["read", "duplicate", "read"]
    assert only(talks(world)).buyer_read_ms == int(later(20).timestamp() * 1000)


def test_the_live_event_carries_the_row_and_the_message(world: World) -> None:
    arrive(world, line("我电话18612340001", "1"))
    event = world.read(lambda conn: feed.read(conn, 0))[-1]
    assert event.name == "inbox.message_received"
    assert '"last_text":"我电话186****0001"' in event.data and '"unread_count":1' in event.data
    talk = only(talks(world))
    assert event.topics == {"shop", f"conversation:{talk.id}"}


POISON = [
    "\u202e\u200b隐\u2066藏\u2069", "👨‍👩‍👧‍👦" * 20_000, "Z̷̢̛̗͎̝̭̻" * 2_000, "a" * 900_000,
    "␀", "6920000000000000001", "<script>alert(1)</script>", "'; DROP TABLE inbox_messages; --", "{0.__class__}",
]  # fmt: skip


@pytest.mark.parametrize("text", POISON, ids=range(len(POISON)))
def test_odd_texts_are_stored_verbatim(world: World, text: str) -> None:
    """reliability.md F10."""
    assert arrive(world, line(text, "1")) == "stored"
    stored = only(lines(world))
    assert stored.text == text
    assert len(world.read(lambda conn: feed.read(conn, 0))[-1].data) < 30_000


def test_a_message_of_parts_keeps_them_all(world: World) -> None:
    arrive(world, line("", "1", parts=(Text("看图"), Image(ref="x", width=2**40))))
    talk = only(talks(world))
    message = only(world.read(lambda conn: list_messages(conn, SHOP_A, talk.id)))
    assert [part["type"] for part in message.parts] == ["text", "image"] and message.text == "看图 [图片]"


def test_a_flipped_bit_in_a_message_is_found_by_the_scrub(world: World) -> None:
    """reliability.md §1.9, F4."""
    for n in range(5):
        arrive(world, line(f"第{n}句", str(n), at=later(n)))
    victim = lines(world)[2]
    world.write(
        lambda tx: tx.execute(messages.update().where(messages.c.id == victim.id).values(text="第2勺"))
    )
    found = world.read(lambda conn: scrub_messages(conn, 0, 3))
    assert (found.checked_count, found.broken_ids, found.last_id) == (3, (victim.id,), victim.id)
    assert world.read(lambda conn: scrub_messages(conn, found.last_id or 0, 3)).broken_ids == ()


def test_the_account_decides_and_not_the_delivery_which_shop_it_is(world: World) -> None:
    arrive(world, line("a", "1", account=ACCOUNT))
    assert {row.shop_id for row in lines(world)} == {SHOP_A}
    assert NOON.tzinfo is not None
