"""Simulated colleagues answer what was asked, with facts, in short sentences."""

from __future__ import annotations

import re
from random import Random
from statistics import mean

import pytest

from miaohui.app.sim.answers import RULES, SKELETONS, Facts, answer, compose_s, facts_from_order, intent_of
from miaohui.app.sim.lines import load_lines

KNOWN = Facts("24日18点", "南京转运中心", "顺丰速运", "SF1400012345678", "有", "聚酯纤维95%")
MARKS = re.compile(r"[^\w\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("身高163体重108穿什么码啊", "size_advice"), ("有运费险吗", "freight_insurance"),
        ("怎么还没发货啊都三天了", "ship_urge"), ("我的快递到哪了", "logistics_where"),
        ("好评返现怎么弄", "rate_cashback"), ("加个微信吧发图方便", "add_wechat"),
        ("再不解决我就投诉到平台了", "complaint_threat"), ("人工！别用机器人糊弄我", "complaint_threat"),
        ("3号链接直播间价多少", "live_price"), ("发错颜色了，我买的黑的来个灰的", "damaged_wrong"),
        ("视频里看着很厚，收到薄得像纸", "content_mismatch"), ("在吗", "greeting"), ("？", "waiting"),
        ("好的谢谢", "thanks"), ("可以开发票吗", "invoice"), ("嗯", "other"),
    ],
)  # fmt: skip
def test_what_a_line_is_about(text: str, intent: str) -> None:
    assert intent_of(text) == intent


def test_most_openers_are_recognised_as_something() -> None:
    texts = [text for texts in load_lines().openers.values() for text in texts]
    unknown = sum(1 for text in texts if intent_of(text) == "other")
    assert unknown / len(texts) < 0.3


def test_every_intent_has_a_skeleton_that_needs_no_fact() -> None:
    for intent, _ in RULES:
        assert any("{" not in variant for variant in SKELETONS[intent]) or intent in ()


@pytest.mark.parametrize("facts", [Facts(), KNOWN])
def test_sentences_are_at_most_fifteen_characters(facts: Facts) -> None:
    """Spec §4.3; marks and emoji are not counted, tracking numbers are no prose."""
    for intent, words in RULES:
        for seed in range(8):
            for sentence in answer(words[0], facts, Random(seed), is_first=seed % 2 == 0):
                plain = MARKS.sub("", sentence.replace(KNOWN.tracking_no, ""))
                assert len(plain) <= 15, (intent, sentence)
                assert "{" not in sentence


def test_a_known_fact_is_used_and_an_unknown_one_is_never_made_up() -> None:
    assert "24日18点" in "".join(answer("什么时候发货", KNOWN, Random(1)))
    assert "南京转运中心" in "".join(
        answer("我的快递到哪了", Facts(last_node="南京转运中心", carrier="中通"), Random(1))
    )
    for seed in range(20):
        assert "转运" not in "".join(answer("我的快递到哪了", Facts(), Random(seed)))


def test_facts_come_from_the_order_as_the_api_shows_it() -> None:
    order = {
        "status": "shipped", "ship_due_at": "2026-11-24T10:00:00Z", "insurance_fen": 80,
        "items": [{"product_id": "37"}],
        "parcels": [{"carrier_name": "顺丰速运", "tracking_no": "SF1", "nodes": [{"site": "南京转运中心"}]}],
    }  # fmt: skip
    assert facts_from_order(order, {"37": "棉 100%"}) == Facts(
        "", "南京转运中心", "顺丰速运", "SF1", "有", "棉 100%"
    )
    waiting = facts_from_order({**order, "status": "to_ship", "parcels": [], "insurance_fen": None}, {})
    assert waiting == Facts(ship_due="24日18点")
    assert facts_from_order(None, {}) == Facts()


def test_composing_an_answer_takes_eighteen_seconds_on_average() -> None:
    """domain.md 5.3: log-normal, mean about 18 s."""
    rng = Random(3)
    times = [compose_s(rng, ["订单里点申请售后", "保持吊牌完好哦"]) for _ in range(4000)]
    assert mean(times) == pytest.approx(18.0, rel=0.06)
    assert compose_s(rng, ["在的亲"]) < 20


def test_forbidden_things_are_refused_within_the_rules() -> None:
    """domain.md 5.7: no WeChat, no cash for good reviews."""
    assert "平台内沟通更有保障" in answer("加个微信吧", Facts(), Random(0))
    assert "平台不允许返现评价" in answer("好评返现怎么弄", Facts(), Random(0))
