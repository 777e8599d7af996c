"""From the feed to the consumer: once, signed, tried again by schedule, logged, disabled when hopeless."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from miaohui.kit import feed
from miaohui.kit.clock import to_ms
from miaohui.kit.egress import NotSent
from miaohui.webhooks import actions, queries
from miaohui.webhooks.jobs import FeedFollower
from miaohui.webhooks.model import DELAYS_S, EndpointState, signature
from tests.webhooks.stage import Stage
from tests.world import SHOP_A, SHOP_B, World


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    made = Stage(world)
    asyncio.run(made.follower.step())
    yield made
    made.rt.lane.stop()
    made.rt.readers.shutdown(wait=False)


def test_an_event_arrives_once_signed_with_type_time_and_data(stage: Stage) -> None:
    endpoint_id, secret = stage.endpoint()
    stage.happen(order_id=5, platform_order_id="6919000112233445566")
    stage.follow()
    assert stage.send() == 1
    ask = stage.consumer.got[0]
    body = ask.content.decode()
    assert msgspec.json.decode(body) == {
        "type": "trade.order_mirrored", "timestamp": "2026-11-22T12:00:00.000Z",
        "data": {"order_id": 5, "platform_order_id": "6919000112233445566"},
    }  # fmt: skip
    stamp = to_ms(stage.world.clock.now()) // 1000
    assert ask.headers["webhook-timestamp"] == str(stamp)
    assert ask.headers["webhook-signature"] == signature(secret, ask.headers["webhook-id"], stamp, body)
    stage.follow()
    assert stage.send() == 0
    assert [row.state for row in stage.deliveries(endpoint_id)] == ["delivered"]


def test_only_the_shops_own_events_that_its_filters_let_through(stage: Stage) -> None:
    stage.endpoint("sla.clock_breached", "trade.*")
    stage.happen("inbox.message_received")
    stage.happen("trade.order_mirrored", shop=SHOP_B)
    stage.happen("sla.clock_breached")
    stage.happen("trade.parcel_mirrored")
    stage.follow()
    stage.send()
    types = [msgspec.json.decode(ask.content)["type"] for ask in stage.consumer.got]
    assert sorted(types) == ["sla.clock_breached", "trade.parcel_mirrored"]


def test_what_was_before_an_endpoint_is_not_sent_even_after_a_restart(stage: Stage) -> None:
    for _ in range(3):
        stage.happen()
    stage.endpoint()
    stage.happen(order_id=9)
    stage.follower = FeedFollower(stage.rt)
    stage.world.write(lambda tx: actions.move_place(tx, 0))
    stage.follow()
    assert stage.send() == 1


def test_a_follower_that_starts_again_makes_no_second_delivery(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.happen()
    stage.follow()
    events = stage.world.read(lambda conn: feed.read(conn, 0))
    stage.world.write(lambda tx: actions.take_events(tx, events))
    assert len(stage.deliveries(endpoint_id)) == 1


def test_nothing_is_written_while_nobody_wants_an_event(stage: Stage) -> None:
    """The follower costs the writer lane nothing on installations without webhooks."""
    for _ in range(5):
        stage.happen()
    before = stage.rt.lane.unit_count
    stage.follow()
    assert stage.rt.lane.unit_count == before


def test_a_failed_attempt_is_repeated_by_the_schedule_under_the_same_id(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.consumer.answers = [500, NotSent("webhook", reason="connection refused"), 200]
    stage.happen()
    stage.follow()
    assert stage.send() == 1
    stage.world.clock.advance(4.9)
    assert stage.send() == 0
    stage.world.clock.advance(1)
    assert stage.send() == 1
    stage.world.clock.advance(DELAYS_S[2] * 1.1)
    assert stage.send() == 1
    assert len({ask.headers["webhook-id"] for ask in stage.consumer.got}) == 1
    delivery = stage.deliveries(endpoint_id)[0]
    assert (delivery.state, delivery.attempt_count) == ("delivered", 3)
    attempts = stage.world.read(lambda conn: queries.list_attempts(conn, SHOP_A, delivery.id))
    assert [(one.number, one.status, one.snippet, one.error) for one in attempts] == [
        (1, 500, "status 500", ""), (2, None, "", "connection refused"), (3, 200, "status 200", ""),
    ]  # fmt: skip


def test_after_ten_attempts_a_delivery_has_failed_and_can_be_replayed(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.consumer.answers = [503] * len(DELAYS_S)
    stage.happen()
    stage.follow()
    for delay in (*DELAYS_S, 1):
        stage.world.clock.advance(delay * 1.1 + 1)
        stage.send()
    assert len(stage.consumer.got) == 10
    assert [row.state for row in stage.deliveries(endpoint_id)] == ["failed"]
    stage.world.clock.advance(600)
    assert stage.world.write(lambda tx: actions.replay_failed(tx, SHOP_A, endpoint_id)) == 1
    assert stage.send() == 1
    assert [row.state for row in stage.deliveries(endpoint_id)] == ["delivered"]


def test_a_failing_endpoint_is_probed_alone_and_the_rest_waits(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.consumer.answers = [500] * 50
    for _ in range(30):
        stage.happen()
    stage.follow()
    assert stage.send() <= 4, "one batch finds out that the endpoint fails"
    sent = len(stage.consumer.got)
    stage.world.clock.advance(400)
    assert stage.send() == 1, "then one probe at a time"
    stage.consumer.answers = []
    stage.world.clock.advance(400)
    stage.send()
    assert len(stage.consumer.got) - sent >= 30 - 4
    stage.world.clock.advance(7_200)
    stage.send()
    assert {row.state for row in stage.deliveries(endpoint_id)} == {"delivered"}


def test_retry_after_is_kept(stage: Stage) -> None:
    stage.endpoint()
    stage.consumer.answers = [(429, {"retry-after": "120"})]
    stage.happen()
    stage.follow()
    stage.send()
    stage.world.clock.advance(119)
    assert stage.send() == 0
    stage.world.clock.advance(2)
    assert stage.send() == 1


def test_http_410_disables_at_once_and_tells_people(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.consumer.answers = [410]
    stage.happen()
    stage.follow()
    stage.send()
    assert stage.state(endpoint_id) == "disabled"
    names = [event.name for event in stage.world.read(lambda conn: feed.read(conn, 0))]
    assert "webhooks.endpoint_disabled" in names
    history = stage.world.read(lambda conn: queries.list_endpoint_states(conn, SHOP_A, endpoint_id))
    assert history[0].reason.startswith("对方返回 410")


def test_five_days_without_success_disable_and_enabling_sends_what_waits(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.consumer.answers = [500] * 1000
    for _ in range(11):
        stage.happen()
        stage.follow()
        stage.send()
        stage.world.clock.advance(12 * 3600)
        stage.send()
    assert stage.state(endpoint_id) == "disabled"
    assert stage.send() == 0
    stage.consumer.answers = []
    waiting = [row for row in stage.deliveries(endpoint_id) if row.state == "queued"]
    stage.world.clock.advance(24 * 3600 * 1.2)
    stage.world.write(
        lambda tx: actions.set_endpoint_state(tx, SHOP_A, endpoint_id, EndpointState.ACTIVE, "修好了")
    )
    assert stage.send() == len(waiting) > 0


def test_a_sender_that_died_costs_a_repeat_and_no_delivery(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.happen()
    stage.follow()
    claimed = stage.world.write(lambda tx: actions.claim_deliveries(tx, SHOP_A, endpoint_id))
    assert len(claimed) == 1
    assert stage.world.write(lambda tx: actions.claim_deliveries(tx, SHOP_A, endpoint_id)) == []
    assert stage.send() == 0
    stage.world.clock.advance(61)
    assert stage.send() == 1
    assert [row.state for row in stage.deliveries(endpoint_id)] == ["delivered"]


def test_for_a_day_after_a_change_both_secrets_sign_then_only_the_new(stage: Stage) -> None:
    endpoint_id, old = stage.endpoint()
    new = stage.world.write(lambda tx: actions.change_secret(tx, stage.vault, SHOP_A, endpoint_id))
    for hours in (1, 30):
        stage.world.clock.advance(hours * 3600)
        stage.happen()
        stage.follow()
        stage.send()
    both, one = (ask.headers["webhook-signature"].split(" ") for ask in stage.consumer.got)
    ask = stage.consumer.got[0]
    args = (ask.headers["webhook-id"], int(ask.headers["webhook-timestamp"]), ask.content.decode())
    assert both == [signature(new, *args), signature(old, *args)]
    assert len(one) == 1


def test_secrets_are_sealed_at_rest(stage: Stage) -> None:
    endpoint_id, secret = stage.endpoint()
    row = stage.world.read(lambda conn: queries.get_endpoint(conn, SHOP_A, endpoint_id))
    assert secret not in str(dict(row._mapping))


def test_a_deleted_endpoint_gets_nothing_more(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.happen()
    stage.follow()
    stage.world.write(
        lambda tx: actions.set_endpoint_state(tx, SHOP_A, endpoint_id, EndpointState.DELETED, "删除")
    )
    stage.happen()
    stage.follow()
    assert stage.send() == 0
    assert [row.state for row in stage.deliveries(endpoint_id)] == ["dropped"]


def test_old_deliveries_are_purged_with_their_attempts(stage: Stage) -> None:
    endpoint_id, _ = stage.endpoint()
    stage.happen()
    stage.follow()
    stage.send()
    stage.world.clock.advance(timedelta(days=31).total_seconds())
    assert stage.world.write(actions.purge_deliveries) == 1
    assert stage.deliveries(endpoint_id) == []
