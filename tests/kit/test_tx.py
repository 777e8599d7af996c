from tests.world import World

from miaohui.kit import audit, feed
from miaohui.kit.tx import SYSTEM, Tx


def test_feed_rows_are_written_in_order(world: World) -> None:
    def fill(tx: Tx) -> None:
        tx.feed(101, ["shop"], "x.a", {"n": 1})
        tx.feed(101, ["shop", "board"], "x.b", {"n": 2})

    world.write(fill)
    events = world.read(lambda conn: feed.read(conn, 0))
    assert [e.name for e in events] == ["x.a", "x.b"]
    assert events[1].topics == {"shop", "board"}


def test_audit_chain_finds_a_changed_row(world: World) -> None:
    for n in range(3):
        world.write(lambda tx, n=n: tx.audit("did", f"thing:{n}", {"n": n}))
    assert world.read(audit.verify).broken_at is None
    world.write(
        lambda tx: tx.execute(
            audit.audit_table.update().where(audit.audit_table.c.id == 2).values(subject="thing:9")
        )
    )
    assert world.read(audit.verify).broken_at == 2
    assert SYSTEM.kind == "system"
