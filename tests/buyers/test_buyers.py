"""Buyers: recognised, joined on evidence only, split again, asked for consent (issue item 4)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from miaohui.buyers import actions, queries, store
from miaohui.buyers.events import BuyersMerged, BuyersSplit
from miaohui.buyers.model import (
    ALREADY_UNDONE,
    MERGED_AGAIN,
    NO_REASON,
    SAME_BUYER,
    Decision,
    Purpose,
    Strength,
)
from miaohui.kit.audit import newest
from miaohui.kit.crypto import Vault
from miaohui.kit.errors import Refusal
from miaohui.kit.tx import Actor
from tests.world import SHOP_A, SHOP_B, World

VAULT = Vault(b"k" * 32)
SUPERVISOR = Actor("user", 7, "王主管")


def see(world: World, channel: str, platform_id: str, name: str = "赵小明", shop: int = SHOP_A) -> int:
    return world.write(lambda tx: actions.recognise_buyer(tx, shop, channel, platform_id, name))


def test_the_same_platform_id_is_the_same_buyer_and_only_the_mask_is_kept(world: World) -> None:
    first = see(world, "douyin", "7300000000000000001")
    assert see(world, "douyin", "7300000000000000001") == first
    buyer = world.read(lambda conn: queries.get_buyer(conn, SHOP_A, first))
    assert buyer["name_zh"] == "赵**"
    assert [i["platform_id"] for i in buyer["identities"]] == ["7300000000000000001"]


def test_the_same_id_on_another_channel_or_shop_is_another_buyer(world: World) -> None:
    ids = {see(world, "douyin", "1"), see(world, "doudian", "1"), see(world, "douyin", "1", shop=SHOP_B)}
    assert len(ids) == 3


def test_a_new_nickname_is_taken_over_and_an_empty_one_is_not(world: World) -> None:
    buyer = see(world, "douyin", "1", "赵小明")
    see(world, "douyin", "1", "")
    see(world, "douyin", "1", "钱多多")
    assert world.read(lambda conn: queries.get_buyer(conn, SHOP_A, buyer))["name_zh"] == "钱**"


def test_a_buyer_of_another_shop_is_not_found(world: World) -> None:
    buyer = see(world, "douyin", "1")
    with pytest.raises(Refusal) as refused:
        world.read(lambda conn: queries.get_buyer(conn, SHOP_B, buyer))
    assert refused.value.code == "kit.not_found"


def order(world: World, channel: str, platform_id: str, strength: Strength, number: str = "69") -> int | None:
    fact = actions.order_evidence(number, strength, "test")
    return world.write(lambda tx: actions.add_evidence(tx, SHOP_A, channel, platform_id, fact))


def test_the_same_order_told_by_two_platforms_joins_the_buyers(world: World) -> None:
    events = world.record(BuyersMerged)
    first, second = see(world, "doudian", "a"), see(world, "douyin", "b")
    order(world, "doudian", "a", Strength.PLATFORM)
    assert order(world, "douyin", "b", Strength.PLATFORM) == first
    assert events == [BuyersMerged(SHOP_A, first, second)]
    assert see(world, "douyin", "b") == first
    assert world.read(lambda conn: queries.current_id(conn, SHOP_A, second)) == first
    merges = world.read(lambda conn: queries.list_merges(conn, SHOP_A, first))
    assert [m["reason"] for m in merges] == ["平台信息一致"]


def test_an_order_number_typed_in_a_chat_only_proposes(world: World) -> None:
    first, second = see(world, "doudian", "a"), see(world, "widget", "b")
    order(world, "doudian", "a", Strength.PLATFORM)
    assert order(world, "widget", "b", Strength.CLAIMED) is None
    [proposal] = world.read(lambda conn: queries.list_proposals(conn, SHOP_A))
    assert {proposal["left_buyer_id"], proposal["right_buyer_id"]} == {first, second}
    kept = world.write(lambda tx: actions.decide_proposal(tx, SHOP_A, proposal["id"], True), SUPERVISOR)
    assert kept == first
    assert world.read(lambda conn: queries.list_proposals(conn, SHOP_A)) == []


def test_a_declined_proposal_stays_declined(world: World) -> None:
    order(world, "doudian", "a", Strength.PLATFORM)
    order(world, "widget", "b", Strength.CLAIMED)
    [proposal] = world.read(lambda conn: queries.list_proposals(conn, SHOP_A))
    world.write(lambda tx: actions.decide_proposal(tx, SHOP_A, proposal["id"], False), SUPERVISOR)
    order(world, "widget", "b", Strength.CLAIMED)
    assert world.read(lambda conn: queries.list_proposals(conn, SHOP_A)) == []
    with pytest.raises(Refusal, match="already_decided"):
        world.write(lambda tx: actions.decide_proposal(tx, SHOP_A, proposal["id"], True))


def test_the_same_nickname_joins_nobody(world: World) -> None:
    assert see(world, "douyin", "1", "小明") != see(world, "widget", "2", "小明")
    assert world.read(lambda conn: queries.list_proposals(conn, SHOP_A)) == []


def test_a_merge_is_undone_and_the_machine_does_not_repeat_it(world: World) -> None:
    events = world.record(BuyersSplit)
    first, second = see(world, "doudian", "a"), see(world, "douyin", "b")
    order(world, "doudian", "a", Strength.PLATFORM)
    order(world, "douyin", "b", Strength.PLATFORM)
    [merge] = world.read(lambda conn: queries.list_merges(conn, SHOP_A, first))
    restored = world.write(lambda tx: actions.undo_merge(tx, SHOP_A, merge["id"], "不是一个人"), SUPERVISOR)
    assert restored == second == see(world, "douyin", "b")
    assert [(e.kept_id, e.restored_id) for e in events] == [(first, second)]
    with pytest.raises(Refusal) as refused:
        world.write(lambda tx: actions.undo_merge(tx, SHOP_A, merge["id"], "再来"))
    assert refused.value.kind is ALREADY_UNDONE
    assert order(world, "douyin", "b", Strength.PLATFORM) is None
    assert see(world, "douyin", "b") == second


def test_merges_in_a_row_follow_to_the_last_and_are_undone_backwards(world: World) -> None:
    a, b, c = see(world, "douyin", "a"), see(world, "douyin", "b"), see(world, "douyin", "c")
    ab = world.write(lambda tx: actions.merge_buyers(tx, SHOP_A, b, a, "同一人"))
    bc = world.write(lambda tx: actions.merge_buyers(tx, SHOP_A, c, b, "同一人"))
    assert world.read(lambda conn: queries.person_ids(conn, SHOP_A, a)) == [c, a, b]
    with pytest.raises(Refusal) as refused:
        world.write(lambda tx: actions.undo_merge(tx, SHOP_A, ab, "错"))
    assert refused.value.kind is MERGED_AGAIN
    world.write(lambda tx: actions.undo_merge(tx, SHOP_A, bc, "错"))
    assert world.read(lambda conn: queries.person_ids(conn, SHOP_A, a)) == [b, a]
    assert see(world, "douyin", "a") == b and see(world, "douyin", "c") == c


def test_a_buyer_is_not_merged_with_itself_nor_without_a_reason(world: World) -> None:
    a, b = see(world, "douyin", "a"), see(world, "douyin", "b")
    for pair, reason, kind in (((a, a), "x", SAME_BUYER), ((a, b), "  ", NO_REASON)):
        with pytest.raises(Refusal) as refused:
            world.write(lambda tx, p=pair, r=reason: actions.merge_buyers(tx, SHOP_A, *p, r))
        assert refused.value.kind is kind


def test_the_newest_decision_that_covers_the_channel_is_in_force_and_survives_a_merge(world: World) -> None:
    """spec §9.2: consent first; an opt-out of one record binds the person."""
    a, b = see(world, "douyin", "a"), see(world, "widget", "b")
    say = lambda who, ok, channel="": world.write(
        lambda tx: actions.record_consent(tx, SHOP_A, who, Decision(Purpose.OUTREACH, ok, channel))
    )
    out = lambda who, channel: world.read(
        lambda conn: queries.has_opted_out(conn, SHOP_A, who, Purpose.OUTREACH, channel)
    )
    assert not out(a, "douyin")
    say(a, True)
    world.clock.advance(1)
    say(b, False, "douyin")
    assert not out(a, "douyin") and out(b, "douyin") and not out(b, "widget")
    world.write(lambda tx: actions.merge_buyers(tx, SHOP_A, a, b, "同一人"))
    assert out(a, "douyin") and not out(a, "widget")


def test_a_phone_number_is_sealed_masked_and_revealed_only_with_a_reason(world: World) -> None:
    """reliability.md R8: no clear number in the database; every look is in the audit log."""
    buyer = see(world, "douyin", "a")
    for _ in range(2):
        world.write(lambda tx: actions.keep_phone(tx, SHOP_A, buyer, "18612340001", VAULT, "订单"))
    rows = world.read(lambda conn: conn.execute(select(store.contacts)).all())
    assert len(rows) == 1 and "18612340001" not in str(rows[0])
    shown = world.read(lambda conn: queries.get_buyer(conn, SHOP_A, buyer))["contacts"][0]["masked_zh"]
    assert shown == "186****0001"
    with pytest.raises(Refusal) as refused:
        world.write(lambda tx: actions.reveal_phone(tx, SHOP_A, buyer, " ", VAULT), SUPERVISOR)
    assert refused.value.kind is NO_REASON
    clear = world.write(lambda tx: actions.reveal_phone(tx, SHOP_A, buyer, "核对收货", VAULT), SUPERVISOR)
    assert clear == "18612340001"
    [entry] = world.read(lambda conn: newest(conn, [SHOP_A]))
    assert entry["action"] == "buyers.revealed" and entry["actor_id"] == 7
    assert entry["detail"]["reason"] == "核对收货"


def test_the_same_phone_by_blind_index_proposes_a_join(world: World) -> None:
    for channel, platform_id in (("doudian", "a"), ("widget", "b")):
        fact = actions.phone_evidence(VAULT, " 18612340001 ", Strength.CLAIMED, "订单")
        world.write(lambda tx, c=channel, p=platform_id, f=fact: actions.add_evidence(tx, SHOP_A, c, p, f))
    [proposal] = world.read(lambda conn: queries.list_proposals(conn, SHOP_A))
    assert proposal["shown_zh"] == "手机 186****0001"
    assert world.read(lambda conn: queries.list_proposals(conn, SHOP_B)) == []
