"""Dated, versioned policies: defaults of the specification, history, undo, stale writes (spec §1, §2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from miaohui.kit import audit
from miaohui.kit.errors import Refusal
from miaohui.shop import actions, queries
from miaohui.shop.actions import Edit
from miaohui.shop.events import PolicyChanged
from miaohui.shop.model import POLICIES
from miaohui.shop.model.policies import differences
from tests.world import SHOP_A, SHOP_B, World


@pytest.fixture
def shop(world: World) -> World:
    for shop_id, name in ((SHOP_A, "甲店"), (SHOP_B, "乙店")):
        world.write(lambda tx, s=shop_id, n=name: actions.create_shop(tx, n, shop_id=s))
    return world


def find(world: World, kind: str, shop_id: int = SHOP_A) -> dict:
    return world.read(lambda conn: queries.find_policy(conn, shop_id, kind, world.clock.now()))


@pytest.mark.parametrize(
    "period",
    [
        ("上午", "09:00", "12:00", 45, 0.18, 1.0),
        ("午间", "12:00", "14:00", 30, 0.25, 1.5),
        ("晚间", "20:00", "24:00", 20, 0.32, 2.0),
    ],
)
def test_the_default_periods_are_the_articles(shop: World, period: tuple) -> None:
    """spec §2.3."""
    names = ("name_zh", "from", "to", "target_s", "share_ratio", "staff_ratio")
    assert dict(zip(names, period, strict=True)) in find(shop, "response_targets")["periods"]


@pytest.mark.parametrize(
    ("tier", "orders_from", "agents", "target_s"),
    [("new", 0, (1, 2), 180), ("growing", 50, (3, 5), 90), ("ka", 300, (6, 10), 60)],
)
def test_the_default_tiers_are_the_articles(shop: World, tier, orders_from, agents, target_s) -> None:
    """spec §1.3."""
    rows = {row["tier"]: row for row in find(shop, "tiers")["tiers"]}
    found = rows[tier]
    assert (found["orders_from"], found["target_s"]) == (orders_from, target_s)
    assert (found["agents_min"], found["agents_max"]) == agents


def test_the_default_team_and_reserve_are_the_articles(shop: World) -> None:
    """spec §1.2 (5–8 people), §1.4 (2–3 more in live sessions), §2.6 (5 %)."""
    staffing = find(shop, "staffing")
    assert staffing["team"] == {"supervisor": 1, "pre_sale": 3, "orders": 2, "after_sale": 2}
    assert 5 <= sum(staffing["team"].values()) <= 8
    assert (staffing["live_extra_min"], staffing["live_extra_max"]) == (2, 3)
    assert staffing["reserve_ratio"] == 0.05


def test_the_default_guard_and_promotion_are_the_articles(shop: World) -> None:
    """spec §2.4: 30 min before to 1 h after; spec §2.5: three shifts."""
    assert (find(shop, "guard_window")["before_s"], find(shop, "guard_window")["after_s"]) == (1800, 3600)
    assert find(shop, "promotion")["shift_count"] == 3


def test_every_kind_has_a_default_that_fits_its_own_shape() -> None:
    for kind in POLICIES.values():
        assert kind.shape.problems(kind.default_value()) == [], kind.kind
        assert kind.title_zh and kind.source


def test_a_change_is_a_new_row_and_the_old_value_stays_in_history(shop: World) -> None:
    events = shop.record(PolicyChanged)
    value = {**find(shop, "warnings"), "popup_after_s": 80}
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "warnings", value, Edit("更早提醒")))
    assert find(shop, "warnings")["popup_after_s"] == 80
    history = shop.read(lambda conn: queries.list_policy_history(conn, SHOP_A, "warnings"))
    assert [(v.version, v.value["popup_after_s"]) for v in history] == [(1, 80), (0, 100)]
    assert (events[0].kind, events[0].version, events[0].reason) == ("warnings", 1, "更早提醒")
    newest = shop.read(lambda conn: audit.newest(conn, [SHOP_A], 1))[0]
    assert newest["detail"]["difference"] == [{"path": "popup_after_s", "old": 100, "new": 80}]


def test_a_change_of_one_shop_leaves_the_other_alone(shop: World) -> None:
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}))
    assert (find(shop, "tier", SHOP_A), find(shop, "tier", SHOP_B)) == ({"tier": "ka"}, {"tier": "new"})


def test_a_future_version_waits_for_its_day(shop: World) -> None:
    later = shop.clock.now() + timedelta(days=2)
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}, Edit(effective_from=later)))
    assert find(shop, "tier") == {"tier": "new"}
    shop.clock.advance(2 * 86_400 - 0.001)
    assert find(shop, "tier") == {"tier": "new"}
    shop.clock.advance(0.001)
    assert find(shop, "tier") == {"tier": "ka"}


def test_a_planned_change_still_comes_after_a_change_made_today(shop: World) -> None:
    later = shop.clock.now() + timedelta(days=2)
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}, Edit(effective_from=later)))
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "growing"}))
    assert find(shop, "tier") == {"tier": "growing"}
    shop.clock.advance(2 * 86_400)
    assert find(shop, "tier") == {"tier": "ka"}


def test_undo_writes_the_older_value_again_as_a_new_row(shop: World) -> None:
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}))
    shop.clock.advance(1)
    undone = shop.write(lambda tx: actions.undo_policy(tx, SHOP_A, "tier", 0))
    assert (undone.version, undone.value, undone.undoes_version) == (2, {"tier": "new"}, 0)
    assert find(shop, "tier") == {"tier": "new"}


def test_a_stale_write_is_refused_with_the_current_value_and_the_difference(shop: World) -> None:
    """reliability.md F14: no silent lost update."""
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}))
    with pytest.raises(Refusal) as refused:
        shop.write(
            lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "growing"}, Edit(expected_version=0))
        )
    assert refused.value.code == "kit.stale"
    assert refused.value.detail["version"] == 1
    assert refused.value.detail["difference"] == [{"path": "tier", "old": "ka", "new": "growing"}]


def test_history_cannot_be_rewritten(shop: World) -> None:
    yesterday = shop.clock.now() - timedelta(days=1)
    with pytest.raises(Refusal, match="shop.backdated"):
        shop.write(
            lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}, Edit(effective_from=yesterday))
        )


def test_a_form_that_lay_open_for_a_minute_still_means_now(shop: World) -> None:
    opened = shop.clock.now()
    shop.clock.advance(60)
    edit = Edit(effective_from=opened)
    version = shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}, edit))
    assert version.effective_from == shop.clock.now()


PERIOD = {"name_zh": "夜班", "from": "22:00", "to": "02:00", "target_s": 60}


@pytest.mark.parametrize(
    ("kind", "value", "path"),
    [
        ("tier", {"tier": "giant"}, "tier"),
        ("tier", {}, "tier"),
        ("tier", {"tier": "ka", "extra": 1}, "extra"),
        ("response_targets", {"periods": [{**PERIOD, "to": "25:00"}], "groups": {}}, "periods.0.to"),
        ("response_targets", {"periods": [{**PERIOD, "to": "24:01"}], "groups": {}}, "periods.0.to"),
        ("response_targets", {"periods": [{**PERIOD, "target_s": 0}], "groups": {}}, "periods.0.target_s"),
        ("response_targets", {"periods": [{**PERIOD, "target_s": 1.5}], "groups": {}}, "periods.0.target_s"),
        ("response_targets", {"periods": [{**PERIOD, "target_s": True}], "groups": {}}, "periods.0.target_s"),
        ("response_targets", {"periods": [PERIOD, {**PERIOD, "from": "01:00", "to": "03:00"}], "groups": {}},
         "periods.1"),
        ("response_targets", {"periods": [{**PERIOD, "to": "22:00"}], "groups": {}}, "periods.0"),
        ("response_targets", {"periods": [{**PERIOD, "share_ratio": 0.6},
                                          {**PERIOD, "from": "03:00", "to": "04:00", "share_ratio": 0.6}],
                              "groups": {}}, "periods"),
        ("response_targets", {"periods": [], "groups": {"售前": {"target_s": 30}}}, "groups.售前"),
        ("guard_window", {"before_s": -1, "after_s": 0, "target_s": None, "max_overrun_s": 0, "group_ids": []},
         "before_s"),
        ("business_hours", {"weekly": {"1": []}, "closed": "pause"}, "weekly"),
        ("business_hours", {"weekly": {"8": [["09:00", "18:00"]]}, "closed": "pause"}, "weekly.8"),
        ("waiting_labels", {"labels": [{"after_s": 60, "name_zh": "一", "band": "grey"},
                                       {"after_s": 60, "name_zh": "二", "band": "red"}]}, "labels"),
        ("staffing", {"team": {}, "reserve_ratio": 0.05, "live_extra_min": 2, "live_extra_max": 3},
         "team.supervisor"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_with_the_place_and_a_chinese_sentence(
    shop: World, kind, value, path
) -> None:
    with pytest.raises(Refusal) as refused:
        shop.write(lambda tx: actions.set_policy(tx, SHOP_A, kind, value))
    assert refused.value.code == "shop.bad_policy"
    problems = refused.value.detail["problems"]
    assert path in [p["path"] for p in problems]
    assert all(any("\u4e00" <= c <= "\u9fff" for c in p["message"]) for p in problems)
    assert find(shop, kind) == POLICIES[kind].default_value()


def test_windows_may_cross_midnight_and_end_at_24_00(shop: World) -> None:
    value = {
        "periods": [PERIOD, {"name_zh": "晚间", "from": "20:00", "to": "22:00", "target_s": 20}],
        "groups": {"7": {"target_s": 30, "periods": [{**PERIOD, "weekdays": [6, 7]}]}},
    }
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "response_targets", value))
    assert find(shop, "response_targets") == value


def test_windows_of_different_weekdays_do_not_collide(shop: World) -> None:
    rows = [{**PERIOD, "weekdays": [1]}, {**PERIOD, "weekdays": [3]}]
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "response_targets", {"periods": rows, "groups": {}}))
    spilling = [{**PERIOD, "weekdays": [7]}, {**PERIOD, "from": "01:00", "to": "03:00", "weekdays": [1]}]
    with pytest.raises(Refusal, match="shop.bad_policy"):
        shop.write(
            lambda tx: actions.set_policy(tx, SHOP_A, "response_targets", {"periods": spilling, "groups": {}})
        )


def test_an_unknown_kind_is_refused_and_lists_the_known_ones(shop: World) -> None:
    with pytest.raises(Refusal) as refused:
        shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "nonsense", {}))
    assert refused.value.code == "shop.unknown_policy"
    assert "response_targets" in refused.value.detail["kinds"]


def test_the_rulebook_is_read_again_only_after_a_change(shop: World) -> None:
    now = shop.clock.now()
    first = shop.read(lambda conn: queries.get_rulebook(conn, SHOP_A, now))
    assert shop.read(lambda conn: queries.get_rulebook(conn, SHOP_A, now)) is first
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"}))
    again = shop.read(lambda conn: queries.get_rulebook(conn, SHOP_A, now))
    assert again is not first
    assert again.policy("tier", now) == {"tier": "ka"}


def test_a_rulebook_of_an_undone_change_is_never_kept(shop: World) -> None:
    """A savepoint that is rolled back takes the stamp back with it."""
    now = shop.clock.now()

    def change_and_fail(tx) -> None:
        with pytest.raises(RuntimeError), tx.savepoint():
            actions.set_policy(tx, SHOP_A, "tier", {"tier": "ka"})
            assert queries.get_rulebook(tx.conn, SHOP_A, now).policy("tier", now) == {"tier": "ka"}
            raise RuntimeError
        assert queries.get_rulebook(tx.conn, SHOP_A, now).policy("tier", now) == {"tier": "new"}

    shop.write(change_and_fail)
    shop.write(lambda tx: actions.set_policy(tx, SHOP_A, "tier", {"tier": "growing"}))
    book = shop.read(lambda conn: queries.get_rulebook(conn, SHOP_A, now))
    assert book.policy("tier", now) == {"tier": "growing"}


def test_differences_name_each_leaf() -> None:
    old = {"a": 1, "b": [1, {"c": 2}], "d": "x"}
    new = {"a": 1, "b": [1, {"c": 3}, 4], "e": True}
    assert differences(old, new) == [
        {"path": "b.1.c", "old": 2, "new": 3},
        {"path": "b.2", "old": None, "new": 4},
        {"path": "d", "old": "x", "new": None},
        {"path": "e", "old": None, "new": True},
    ]
