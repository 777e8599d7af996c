"""What follows in the inbox when buyer records are joined or split (issue item 6: merge of duplicate buyers)."""

from __future__ import annotations

from miaohui.buyers.actions import merge_buyers, undo_merge
from miaohui.buyers.events import BuyersMerged, BuyersSplit
from miaohui.inbox.actions.buyers import follow_merge, follow_split
from miaohui.inbox.events import ConversationsMerged
from miaohui.inbox.queries.conversations import list_of_buyer
from miaohui.inbox.queries.messages import scrub_messages
from tests.inbox.parts import BRIDGE, arrive, line, only
from tests.world import SHOP_A, World


def wire(world: World) -> None:
    world.wiring.on(BuyersMerged, follow_merge)
    world.wiring.on(BuyersSplit, follow_split)


def buyers(world: World) -> list[tuple[int, int]]:
    query = "SELECT id, buyer_id FROM inbox_conversations ORDER BY id"
    return [(row[0], row[1]) for row in world.read(lambda conn: conn.exec_driver_sql(query).all())]


def test_a_merged_buyers_conversations_stand_side_by_side_and_part_again(world: World) -> None:
    wire(world)
    events = world.record(ConversationsMerged)
    arrive(world, line("抖音上问", "1", "b1"))
    arrive(world, line("飞鸽上问", "2", "b2", account=BRIDGE), BRIDGE)
    (first, kept), (second, merged) = buyers(world)
    merge_id = world.write(lambda tx: merge_buyers(tx, SHOP_A, kept, merged, "同一订单"))
    assert buyers(world) == [(first, kept), (second, kept)]
    assert only(events).conversation_ids == (second,)
    listed = world.read(lambda conn: list_of_buyer(conn, SHOP_A, kept))
    assert [talk.id for talk in listed] == [second, first]
    arrive(world, line("再问", "3", "b2", account=BRIDGE), BRIDGE)
    assert buyers(world) == [(first, kept), (second, kept)]
    world.write(lambda tx: undo_merge(tx, SHOP_A, merge_id, "不是一个人"))
    assert buyers(world) == [(first, kept), (second, merged)]
    assert world.read(scrub_messages).broken_ids == ()
