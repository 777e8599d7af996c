"""What has done its time is deleted (R20)."""

from __future__ import annotations

from sqlalchemy import func, select
from tests.world import SHOP_A, World

from miaohui.access import actions, store
from miaohui.access.actions import Origin
from miaohui.access.jobs import HANDLERS, PERIODIC
from miaohui.access.model import AccessPolicy
from miaohui.kit.tx import Tx

POLICY = AccessPolicy()
DAY = 86_400


def _counts(world: World) -> dict[str, int]:
    tables = (store.attempts, store.sessions, store.session_ends, store.invitations, store.totp_uses)
    return world.read(
        lambda conn: {t.name: conn.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}
    )


def _fill(tx: Tx) -> None:
    user_id = actions.create_user(tx, "alice", "Alice")
    actions.grant_role(tx, SHOP_A, user_id, "owner")
    actions.open_session(tx, user_id, Origin("1.1.1.1", "x"), POLICY)
    actions.end_sessions_of(tx, user_id, "killed")
    actions.invite(tx, SHOP_A, "小红", "agent", [], POLICY)
    actions.start_attempt(tx, "hash", "1.1.1.1", POLICY)
    enrolment_id = actions.enrol_totp(tx, user_id, "sealed")
    actions.use_step(tx, enrolment_id, int(tx.now.timestamp()) // 30)


def test_what_still_decides_something_is_kept_and_the_rest_goes(world: World) -> None:
    world.write(_fill)
    before = _counts(world)
    assert set(before.values()) == {1}
    world.clock.advance(DAY - 1)
    world.write(actions.purge_expired)
    assert _counts(world) == before
    world.clock.advance(120)
    world.write(actions.purge_expired)
    assert _counts(world) == {**before, "access_attempts": 0, "access_totp_uses": 0}
    world.clock.advance(32 * DAY)
    world.write(actions.purge_expired)
    assert set(_counts(world).values()) == {0}


def test_every_periodic_job_has_its_handler() -> None:
    assert {plan.kind for plan in PERIODIC} <= set(HANDLERS)
