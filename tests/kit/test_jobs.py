"""Jobs: leases, fencing, retries, dead letters, periodic slots."""

from datetime import timedelta

from tests.world import SHOP_A, SHOP_B, World

from miaohui.kit import jobs
from miaohui.kit.jobs import LostLease
from miaohui.kit.tx import Tx


def enqueue(world: World, key: str | None = None, **kw) -> None:
    world.write(lambda tx: tx.enqueue("x.work", {"n": 1}, shop_id=SHOP_A, key=key, **kw))


def claim(world: World, worker: str = "w1") -> list[jobs.JobRow]:
    return world.write(lambda tx: jobs.claim(tx.conn, tx.now, worker, 10, lease_s=3))


def test_a_job_is_claimed_once(world: World) -> None:
    enqueue(world)
    assert len(claim(world)) == 1
    assert claim(world, "w2") == []


def test_a_delayed_job_waits(world: World) -> None:
    enqueue(world, run_at=world.clock.now() + timedelta(seconds=60))
    assert claim(world) == []
    world.clock.advance(60)
    assert len(claim(world)) == 1


def test_a_lost_lease_cannot_finish(world: World) -> None:
    enqueue(world)
    first = claim(world)[0]
    world.clock.advance(3)
    second = claim(world, "w2")[0]
    assert (first.id, first.attempt, second.attempt) == (second.id, 1, 2)

    def effects(tx: Tx) -> None:
        tx.feed(SHOP_A, ["shop"], "x.effect", {})
        jobs.finish(tx.conn, first, tx.now)

    try:
        world.write(effects)
        raise AssertionError("a lost lease finished")
    except LostLease:
        pass
    world.write(lambda tx: jobs.finish(tx.conn, second, tx.now))
    world.clock.advance(10)
    assert claim(world) == []


def test_a_heartbeat_keeps_the_lease(world: World) -> None:
    enqueue(world)
    job = claim(world)[0]
    world.clock.advance(2)
    assert world.write(lambda tx: jobs.heartbeat(tx.conn, job, tx.now, 3))
    world.clock.advance(2)
    assert claim(world, "w2") == []


def test_the_same_key_is_stored_once(world: World) -> None:
    enqueue(world, key="daily@1")
    enqueue(world, key="daily@1")
    assert len(claim(world)) == 1


def test_a_job_that_always_fails_is_buried_and_can_be_replayed(world: World) -> None:
    enqueue(world)
    for _ in range(jobs.MAX_ATTEMPTS):
        job = claim(world)[0]
        world.write(lambda tx, job=job: jobs.retry(tx.conn, job, tx.now, "broken"))
    assert claim(world) == []
    dead = world.read(lambda conn: jobs.list_dead(conn, [SHOP_A]))
    assert [d["error"] for d in dead] == ["broken"]
    assert world.read(lambda conn: jobs.list_dead(conn, [SHOP_B])) == []
    assert not world.write(lambda tx: jobs.replay_dead(tx.conn, dead[0]["id"], [SHOP_B], tx.now))
    assert world.write(lambda tx: jobs.replay_dead(tx.conn, dead[0]["id"], [SHOP_A], tx.now))
    assert claim(world)[0].attempt == 1


def test_a_worker_that_dies_every_time_ends_in_the_dead_letters(world: World) -> None:
    enqueue(world)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert len(claim(world)) == 1
        world.clock.advance(3)
    assert claim(world) == []
    assert "lease expired" in world.read(lambda conn: jobs.list_dead(conn, [SHOP_A]))[0]["error"]


def test_backoff_grows_and_is_capped() -> None:
    assert [jobs.backoff_s(n, 0) for n in (1, 2, 3, 20)] == [1, 2, 4, 300]
