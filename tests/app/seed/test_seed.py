"""The example shop: the article's team, a live session tonight, buyers over two platforms; the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import miaohui.app.tables  # noqa: F401 - registers every room's tables
from miaohui.access import queries as access_queries
from miaohui.app import seed
from miaohui.app.seed.people import TEAM, demo_password
from miaohui.app.sim.demand import SHANGHAI
from miaohui.app.wiring import wire_events
from miaohui.buyers import queries as buyers_queries
from miaohui.kit.crypto import Vault
from miaohui.kit.doorbell import Doorbell
from miaohui.kit.passwords import Passwords
from miaohui.kit.runtime import Runtime
from miaohui.shop import actions as shop_actions
from miaohui.shop import queries as shop_queries
from miaohui.staff import queries as staff_queries
from miaohui.trade import queries as trade_queries
from tests.world import NOON, World

AT = seed.Addresses("http://127.0.0.1:8721", "http://127.0.0.1:8722")


def make_stage(world: World, now: datetime = NOON, number: int = 7) -> seed.Stage:
    rt = Runtime(world.db, world.clock, world.ids, world.rng, world.wiring, Doorbell(), Path("."))
    rt.ports["vault"] = Vault(bytes(32))
    if not world.wiring.inline:
        wire_events(world.wiring, rt)
    return seed.Stage(world.db, world.wiring, rt.ports["vault"], now, number)


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[World, seed.Example]]:
    """One example shop for all tests that only look; the others make their own, on PostgreSQL where asked for."""
    one = World("sqlite://")
    yield one, seed.seed_example(make_stage(one), AT, 7)
    one.close()


def test_the_team_is_the_articles_reference_team_and_two_live_agents(
    made: tuple[World, seed.Example],
) -> None:
    """Spec §1.2: 1 supervisor, 3 pre-sale, 2 orders, 2 after-sale; §1.4: 2–3 for the live room."""
    world, example = made
    groups = [seat.person.group for seat in example.seats]
    assert [groups.count(kind) for kind in ("pre_sale", "orders", "after_sale", "live")] == [3, 2, 2, 2]
    assert [seat.person.role for seat in example.seats].count("supervisor") == 1
    assert [seat.person.login for seat in example.seats if seat.person.is_you] == ["xiaomei"]
    agents = world.read(lambda conn: staff_queries.list_agents(conn, example.shop_id))
    assert len(agents) == 9 and all(agent.group_ids for agent in agents)


def test_everybody_can_log_in_with_the_printed_password(made: tuple[World, seed.Example]) -> None:
    world, example = made
    checker = Passwords()
    seat = example.seats[3]
    user = world.read(lambda conn: access_queries.find_user_by_login(conn, seat.person.login))
    assert user is not None and checker.matches(user.password_hash, seat.password)
    hashes = {
        row.password_hash
        for row in world.read(lambda conn: list(conn.execute(text("SELECT password_hash FROM access_users"))))
    }
    assert len(hashes) == 1 and len(TEAM) == 12


def test_it_is_a_key_account_with_a_live_session_tonight(made: tuple[World, seed.Example]) -> None:
    """Spec §1.3 (KA) and the issue: a live session tonight. The test's noon is 20:00 in Shanghai: it is on."""
    world, example = made
    assert world.read(lambda conn: shop_queries.get_tier(conn, example.shop_id, NOON)).tier == "ka"
    span = (NOON - timedelta(days=1), NOON + timedelta(days=1))
    sessions = world.read(lambda conn: shop_queries.list_live_sessions(conn, example.shop_id, *span))
    assert len(sessions) == 1 and sessions[0].actual_start_at is not None
    assert sessions[0].planned_start_at.astimezone(SHANGHAI).hour == 20


def test_in_the_morning_the_session_is_planned_and_not_on(world: World) -> None:
    morning = NOON - timedelta(hours=10)
    example = seed.seed_example(make_stage(world, morning), AT, 7)
    span = (morning - timedelta(days=1), morning + timedelta(days=1))
    sessions = world.read(lambda conn: shop_queries.list_live_sessions(conn, example.shop_id, *span))
    assert sessions[0].actual_start_at is None and sessions[0].planned_start_at > morning


def test_some_buyers_are_one_person_on_two_platforms_with_orders_on_both(
    made: tuple[World, seed.Example],
) -> None:
    world, example = made
    both = [buyer for buyer in example.past if buyer.tmall_id]
    assert 5 <= len(both) < len(example.past)
    for buyer in both:
        identities = world.read(
            lambda conn, b=buyer: buyers_queries.list_identities(conn, example.shop_id, b.buyer_id)
        )
        assert {one["channel"] for one in identities} == {"douyin_im", "bridge"}
        orders = world.read(
            lambda conn, b=buyer: trade_queries.list_orders_of_buyer(conn, example.shop_id, b.buyer_id)
        )
        assert {order["channel"] for order in orders} == {"doudian", "tmall"}


def test_old_conversations_are_closed_and_nothing_waits_to_be_sent(made: tuple[World, seed.Example]) -> None:
    world, example = made
    rows = world.read(lambda conn: list(conn.execute(text("SELECT status FROM inbox_conversations"))))
    assert rows and {row.status for row in rows} == {"closed"}
    assert world.read(lambda conn: conn.execute(text("SELECT count(*) FROM kit_jobs")).scalar()) == 0


def test_the_same_seed_makes_the_same_world(made: tuple[World, seed.Example], world: World) -> None:
    def shape(one: World, example: seed.Example) -> Any:
        orders = one.read(lambda conn: trade_queries.list_orders(conn, example.shop_id, limit=100)).items
        texts = one.read(lambda conn: list(conn.execute(text("SELECT text FROM inbox_messages ORDER BY id"))))
        said = [tuple(row) for row in texts]
        return (
            [(o["platform_order_id"], o["status"], o["pay_fen"]) for o in orders],
            said,
            example.seats[0].password,
        )

    assert shape(world, seed.seed_example(make_stage(world), AT, 7)) == shape(*made)


def test_another_seed_makes_other_passwords() -> None:
    assert len({demo_password(number) for number in range(50)}) == 50


def test_a_later_day_gets_its_own_session_and_a_promotion_is_planned_once(world: World) -> None:
    seed.seed_example(make_stage(world), AT, 7)
    shop_id = seed.find_example(world.db)
    assert shop_id is not None
    tomorrow = NOON + timedelta(days=1)
    for _ in range(2):
        seed.seed_evening(make_stage(world, tomorrow), shop_id, "promotion")
    span = (NOON - timedelta(days=1), NOON + timedelta(days=5))
    sessions = world.read(lambda conn: shop_queries.list_live_sessions(conn, shop_id, *span))
    assert [row.actual_end_at is not None for row in sorted(sessions, key=lambda r: r.planned_start_at)] == [
        True,
        False,
    ]
    assert len(world.read(lambda conn: shop_queries.list_promotions(conn, shop_id, *span))) == 1


def test_an_installation_with_a_real_shop_is_left_alone(world: World) -> None:
    assert seed.find_example(world.db) is None
    shop_id = world.write(lambda tx: shop_actions.create_shop(tx, "真店"))
    with pytest.raises(seed.NotAnExample):
        seed.find_example(world.db)
    assert shop_id > 0


def test_the_example_is_found_again(made: tuple[World, seed.Example]) -> None:
    world, example = made
    assert seed.find_example(world.db) == example.shop_id


def test_a_new_run_points_the_accounts_at_its_simulators_without_old_tokens(
    made: tuple[World, seed.Example],
) -> None:
    world, example = made
    vault = Vault(bytes(32))
    kept = {"access": "old"}
    world.write(
        lambda tx: shop_actions.save_channel_token(tx, vault, example.shop_id, example.accounts.doudian, kept)
    )
    moved = seed.Addresses("http://127.0.0.1:9001", "http://127.0.0.1:9002")
    world.write(lambda tx: seed.point_at_simulators(tx, vault, example.shop_id, moved))
    found = world.read(
        lambda conn: shop_queries.get_channel_account(conn, vault, example.shop_id, example.accounts.doudian)
    )
    assert found.config["base_url"] == "http://127.0.0.1:9001"
    assert "token" not in found.secrets and "app_secret" in found.secrets


def test_a_newcomer_finds_a_claim_a_note_a_word_and_an_order_with_an_aftersale() -> None:
    """The workbench's first minute is arranged: burning, late, a note, a mention, an order with its after-sale."""
    world = World("sqlite://")
    stage = make_stage(world)
    example = seed.seed_example(stage, AT, 7)
    seed.seed_opening(stage, example.shop_id, example.accounts, example.past, example.seats)
    you = next(seat for seat in example.seats if seat.person.is_you)

    def look(conn: Any) -> tuple[list[Any], list[Any], list[Any], bool]:
        talks = conn.execute(
            text(
                "SELECT id, buyer_id, waiting_ms, due_ms, priority FROM inbox_conversations WHERE agent_id = :a"
            ),
            {"a": you.user_id},
        ).all()
        notes = conn.execute(text("SELECT author_name FROM inbox_notes ORDER BY id")).scalars().all()
        mentions = conn.execute(text("SELECT user_id FROM inbox_mentions")).scalars().all()
        orders = trade_queries.list_orders_of_buyer(conn, example.shop_id, talks[0].buyer_id)
        return list(talks), list(notes), list(mentions), any(order["aftersales"] for order in orders)

    talks, notes, mentions, has_aftersale = world.read(look)
    now_ms = int(NOON.timestamp() * 1000)
    assert [talk.due_ms < now_ms for talk in talks] == [True, False] and talks[0].priority == 1
    assert (notes, mentions, has_aftersale) == (["小孙", "林悦"], [you.user_id], True)
    world.close()
