"""What holds of the dated policies of insight: every kind, with the default of what a shop leaves out."""

from __future__ import annotations

from tests.world import SHOP_A, SHOP_B, World

from miaohui.insight.actions import set_policy
from miaohui.insight.model.diagnosis.rules import RULES
from miaohui.insight.model.policies import KINDS, PLATFORMS, default_value, policy_faults
from miaohui.insight.queries.policies import list_in_force


def test_every_default_may_be_stored_as_it_is() -> None:
    """Whoever restores the default, or saves a form without a change, is not refused."""
    assert {f"round_rules.{platform}" for platform in PLATFORMS} < set(KINDS)
    assert {kind: policy_faults(kind, "2026-11-22", default_value(kind)) for kind in KINDS} == dict.fromkeys(
        KINDS, []
    )


def test_what_a_shop_sets_holds_from_its_day_on_and_the_rest_stays_default(world: World) -> None:
    rule = RULES[0]
    own = {rule.code: {"off": True}}
    world.write(lambda tx: set_policy(tx, SHOP_A, "rule_settings", "2026-11-20", own, "不适用"))
    world.write(lambda tx: set_policy(tx, SHOP_A, "targets", "2026-11-20", {"positive_rating": 0.9}, ""))
    world.write(lambda tx: set_policy(tx, SHOP_A, "targets", "2026-12-01", {"positive_rating": 0.99}, ""))

    def held(shop_id: int, day: str) -> dict[str, dict[str, object]]:
        return {row["kind"]: row for row in world.read(lambda conn: list_in_force(conn, shop_id, day))}

    now = held(SHOP_A, "2026-11-22")
    assert list(now) == list(KINDS)
    assert now["rule_settings"]["value"] == {
        **default_value("rule_settings"),
        rule.code: {"threshold": rule.threshold, "min_sample": rule.min_sample, "off": True},
    }
    assert now["targets"]["value"] == {**default_value("targets"), "positive_rating": 0.9}
    assert (now["targets"]["effective_from"], now["credit_rules"]["effective_from"]) == ("2026-11-20", "")
    assert held(SHOP_A, "2026-12-02")["targets"]["effective_from"] == "2026-12-01"
    assert held(SHOP_B, "2026-12-02")["targets"]["value"] == default_value("targets")
