"""Definitions with dates, credits, after-sales clocks, intervals, elasticity, calibration: pure rules."""

# ruff: noqa: E501
from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.insight.model.aftersales import AfterSale, clock_start_ms, is_on_time, review_ms
from miaohui.insight.model.attribution import Contact, CreditRules, Purchase, credit, credits, origin_of
from miaohui.insight.model.calibration import best_fit
from miaohui.insight.model.definitions import (
    DEFINITIONS,
    Exemption,
    all_in_force,
    exempted,
    in_force,
    round_rules,
)
from miaohui.insight.model.elasticity import Exposure, estimate
from miaohui.insight.model.intents import intent_of
from miaohui.insight.model.platform import MEASURES
from miaohui.insight.model.reconcile import Facts, compare
from miaohui.insight.model.rounds import RoundRules
from miaohui.insight.model.statistics import Ratio, ratio_difference, wilson, within_slope
from miaohui.insight.model.values import day_start_ms

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("day", "version", "perfunctory"),
    [("2026-05-01", "2026-05", "closes"), ("2026-07-13", "2026-05", "closes"), ("2026-07-14", "2026-07-14", "closes"),
     ("2026-09-07", "2026-07-14", "closes"), ("2026-09-08", "2026-09-08", "closes"), ("2026-09-28", "2026-09-08", "closes"),
     ("2026-09-29", "2026-09-29", "ignored"), ("2027-01-01", "2026-09-29", "ignored")],
)  # fmt: skip
def test_each_day_has_the_version_in_force(day: str, version: str, perfunctory: str) -> None:
    """domain.md §2.2: four versions within a year."""
    found = in_force("douyin", "avg_response_s", day)
    assert found is not None and found.version == version
    assert round_rules("douyin", day).perfunctory == perfunctory


def test_every_indicator_has_one_version_a_day_and_a_calculation() -> None:
    for d in DEFINITIONS:
        same = [o for o in DEFINITIONS if (o.platform, o.code) == (d.platform, d.code)]
        assert sum(o.effective_from <= d.effective_from <= o.effective_to for o in same) == 1, d
        assert d.measure in MEASURES and d.formula_zh and d.source.startswith("domain.md")


def test_the_three_three_minute_rates_stand_side_by_side() -> None:
    """domain.md §2.4, §8: by message, by session, by round."""
    codes = {d.code for d in all_in_force("douyin", "2026-11-22")}
    assert {"reply_3m_rate_msg", "reply_3m_rate_session", "reply_3m_rate_round"} <= codes


def test_four_platforms_have_definitions_and_tmall_divides_help_by_orders() -> None:
    assert {d.platform for d in DEFINITIONS} == {"douyin", "tmall", "jd", "pinduoduo"}
    measures = {d.platform: d.measure for d in DEFINITIONS if d.code == "platform_help_rate"}
    assert measures == {"douyin": "help_per_help", "tmall": "help_per_order"}


def test_the_exemption_calendar_knows_its_days() -> None:
    calendar = [Exemption("jd", "2024-02-04", "2024-02-17", "春节")]
    assert exempted("jd", "2024-02-17", calendar) and not exempted("jd", "2024-02-18", calendar)
    assert not exempted("douyin", "2024-02-10", calendar)


# ---- attribution (domain.md §2.5)

NOW = day_start_ms("2026-11-20") + 12 * HOUR


def contact(name: str, hours: float, *agents: str, enquiry: bool = True, buyer: str = "u1") -> Contact:
    at = NOW + int(hours * HOUR)
    return Contact(name, buyer, at, at + HOUR // 6, agents, enquiry)


def purchase(paid_hours: float | None = 0.2, **rest: object) -> Purchase:
    paid = None if paid_hours is None else NOW + int(paid_hours * HOUR)
    return Purchase("i1", "o1", str(rest.get("buyer", "u1")), NOW, paid, 9900, tuple(rest.get("links", ())))  # type: ignore[arg-type]


CREDITS: list[tuple[str, list[Contact], Purchase, CreditRules, tuple[str, str, tuple[str, ...], str]]] = [
    ("the last enquiry before the order has it", [contact("a", -5, "雨"), contact("b", -1, "文")], purchase(), CreditRules(), ("文", "文", ("雨",), "same")),
    ("outside the window nobody has", [contact("a", -49, "雨")], purchase(), CreditRules(), ("", "", (), "fully_silent")),
    ("a longer window reaches it", [contact("a", -49, "雨")], purchase(), CreditRules(15), ("雨", "雨", (), "same")),
    ("who served between order and payment has the payment", [contact("a", -1, "雨"), contact("b", 1, "文")], purchase(5), CreditRules(), ("雨", "文", (), "both")),
    ("a silent order that somebody brought to payment", [contact("b", 1, "文")], purchase(5), CreditRules(), ("", "文", (), "silent_order")),
    ("an unpaid order has no payment credit", [contact("a", -1, "雨")], purchase(None), CreditRules(), ("雨", "", (), "ordered_unpaid")),
    ("after a transfer the last human has it", [contact("a", -1, "雨", "文")], purchase(), CreditRules(), ("文", "文", ("雨",), "same")),
    ("or the first, where the shop says so", [contact("a", -1, "雨", "文")], purchase(), CreditRules(2, "creator"), ("雨", "雨", ("文",), "same")),
    ("an after-sale talk is no enquiry", [contact("a", -1, "雨", enquiry=False)], purchase(), CreditRules(), ("", "", ("雨",), "fully_silent")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "contacts", "order", "rules", "expected"), CREDITS, ids=[c[0] for c in CREDITS]
)
def test_credit_goes_where_the_rules_say(name, contacts, order, rules, expected) -> None:  # type: ignore[no-untyped-def]
    found = credit(order, contacts, rules)
    assert (found.order_agent, found.payment_agent, found.assistants, found.kind) == expected


def test_an_order_without_a_buyer_is_joined_by_a_session_that_names_it() -> None:
    found = credits(
        [purchase(buyer="", links=("a",))],
        [contact("a", -1, "雨"), contact("b", -1, "文", buyer="u2")],
        CreditRules(),
    )
    assert found[0].order_agent == "雨"


@pytest.mark.parametrize("days", [1, 16])
def test_the_window_is_two_to_fifteen_days(days: int) -> None:
    with pytest.raises(ValueError, match="2–15"):
        CreditRules(days)


def test_the_origin_of_an_order_comes_from_its_columns() -> None:
    assert origin_of("直播", "", "").code == "live" and origin_of("短视频", "", "").code == "video"
    assert origin_of("商品卡", "搜索", "").code == "shelf" and origin_of("", "", "").code == "other"


# ---- after-sales (domain.md §2.1)


@pytest.mark.parametrize(
    ("applied", "starts"),
    [
        ("22:59", 22 + 59 / 60),
        ("23:00", 32.0),
        ("23:59", 32.0),
        ("00:00", 8.0),
        ("07:59", 8.0),
        ("08:00", 8.0),
        ("12:30", 12.5),
    ],
)
def test_what_is_applied_for_at_night_counts_from_eight(applied: str, starts: float) -> None:
    day = day_start_ms("2026-11-20")
    hour, minute = applied.split(":")
    assert clock_start_ms(day + int(hour) * HOUR + int(minute) * 60_000) == day + round(starts * HOUR)


def sale(applied: int, agreed: int | None, **rest: object) -> AfterSale:
    values = {"deadline_ms": None, "status": "同意退款，退款成功", "arbitration": "", "liable": "", **rest}
    return AfterSale("a", "o", "p", "开衫", "仅退款", str(values["status"]), applied, agreed, None, None, None,
                     values["deadline_ms"], "质量", str(values["arbitration"]), str(values["liable"]), False, 1, 1)  # type: ignore[arg-type]  # fmt: skip


def test_review_time_is_never_negative_and_deadlines_are_judged() -> None:
    day = day_start_ms("2026-11-20")
    assert review_ms(sale(day + HOUR, day + 2 * HOUR)) == 0
    assert review_ms(sale(day + HOUR, day + 10 * HOUR)) == 2 * HOUR
    assert review_ms(sale(day, None)) is None
    assert is_on_time(sale(day, day + HOUR, deadline_ms=day + 2 * HOUR)) is True
    assert is_on_time(sale(day, day + 3 * HOUR, deadline_ms=day + 2 * HOUR)) is False


def test_arbitration_and_fault_are_read_from_the_export() -> None:
    assert sale(0, None, arbitration="平台介入", liable="商家责任").has_arbitration
    assert (
        sale(0, None, liable="商家责任").is_our_fault and not sale(0, None, arbitration="无").has_arbitration
    )
    assert sale(0, None, status="待商家处理").is_open and not sale(0, None).is_open


# ---- intervals


@given(st.integers(0, 400), st.integers(1, 400))
def test_an_interval_holds_its_rate_and_stays_between_nothing_and_all(successes: int, trials: int) -> None:
    if successes > trials:
        return
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials + 1e-12 and successes / trials - 1e-12 <= high <= 1


def test_known_intervals() -> None:
    low, high = wilson(8, 10)
    assert round(low, 4) == 0.4902 and round(high, 4) == 0.9433
    found = ratio_difference(Ratio(30, 100), Ratio(50, 100))
    assert found is not None and found.is_clear and round(found.value, 2) == -0.2


# ---- elasticity (spec §2.2)


def exposures(effect: float, count: int, seed: int) -> list[Exposure]:
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        product, hour = rng.choice("甲乙丙"), rng.choice((10, 13, 21))
        wait = rng.lognormvariate(3, 0.8) * (1.6 if hour == 21 else 1)
        base = {"甲": 0.7, "乙": 0.5, "丙": 0.3}[product] * (0.7 if hour == 21 else 1)
        found.append(
            Exposure(wait, rng.random() < base * (1 - effect * min(wait, 180) / 10), hour, product, "size")
        )
    return found


def test_a_real_effect_is_found_and_its_interval_holds_the_truth() -> None:
    found = estimate(exposures(0.04, 12_000, 3))
    assert (
        found.can_tell
        and found.low is not None
        and found.high is not None
        and found.low <= 0.04 <= found.high
    )
    assert found.in_force == found.own


def test_without_an_effect_the_prior_stays_and_the_text_says_so() -> None:
    told = [estimate(exposures(0.0, 3_000, seed)) for seed in range(20)]
    assert sum(e.can_tell for e in told) <= 2, "a 95 % interval may be wrong once in forty, one-sided"
    quiet = next(e for e in told if not e.can_tell)
    assert quiet.in_force == 0.012 and "1.2%" in quiet.warning_zh


def test_with_few_sessions_the_prior_of_the_article_is_in_force() -> None:
    found = estimate(exposures(0.04, 100, 1))
    assert found.own is None and found.in_force == 0.012 and "样本太少" in found.warning_zh


def test_what_differs_between_strata_cannot_pretend_to_be_an_effect() -> None:
    """Slow hours that convert badly for another reason (Simpson): inside an hour there is no effect."""
    strata = [[(1.0, 0.9), (2.0, 0.9), (3.0, 0.9)], [(11.0, 0.1), (12.0, 0.1), (13.0, 0.1)]]
    found = within_slope(strata)
    assert found is not None and abs(found.value) < 1e-9


# ---- calibration and reconciliation


def test_calibration_finds_the_choice_that_fits_and_names_what_it_cannot_tell() -> None:
    exempt, capped = RoundRules(closing="exempt"), RoundRules(closing="exempt", late="capped")
    ours = {
        RoundRules(): {"d1": 40.0, "d2": 50.0},
        exempt: {"d1": 31.0, "d2": 42.0},
        capped: {"d1": 31.0, "d2": 42.0},
    }
    found = best_fit(ours, {"d1": 31.02, "d2": 41.98}, RoundRules())
    assert (
        found is not None
        and found.best.rules.closing == "exempt"
        and round(found.best.mean_error_s, 2) == 0.02
    )
    assert found.undecided == ["late"] and round(found.default.mean_error_s, 1) == 8.5


def test_a_difference_is_told_with_its_likely_reason() -> None:
    assert compare("avg_response_s", "平响", "s", 30.0, 30.3, Facts(1.0)).is_close
    assert "覆盖" in compare("avg_response_s", "平响", "s", 30.0, 45.0, Facts(0.6)).reason_zh
    assert (
        "收尾"
        in compare(
            "avg_response_s", "平响", "s", 30.0, 36.0, Facts(1.0, closing_missed=10, turns=1000)
        ).reason_zh
    )
    assert compare("avg_response_s", "平响", "s", 30.0, None, Facts(None)).difference is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [("这个包邮吗", "freight_fee"), ("165 110斤穿什么码", "size_advice"), ("怎么还不发货", "ship_urge"), ("什么时候发货", "ship_when"),
     ("优惠券怎么用不了", "coupon"), ("能便宜点吗", "price_off"), ("能开发票吗", "invoice"), ("跟直播间说的不一样", "content_mismatch"),
     ("有运费险吗", "freight_insurance"), ("退款多久到账", "refund_when"), ("洗了一次掉色", "quality"), ("12315见", "complaint_threat"),
     ("主播说的价怎么拍", "live_price"), ("显示签收没收到", "signed_not_received"), ("你好", "other")],
)  # fmt: skip
def test_intents_are_told_by_their_words(text: str, intent: str) -> None:
    """domain.md §5.7: the frequent questions."""
    assert intent_of([text]) == intent
