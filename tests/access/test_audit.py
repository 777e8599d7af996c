"""The audit log over HTTP (R14; ASVS 16.2.1, 16.3.1, 16.4.2)."""

from __future__ import annotations

from sqlalchemy import delete, update
from tests.access.conftest import Desk, code_of
from tests.world import SHOP_A, SHOP_B

from miaohui.kit import audit
from miaohui.kit.tx import Tx


def test_a_shop_sees_its_own_rows_newest_first_in_pages(desk: Desk) -> None:
    desk.person("alice", "owner")

    def fill(tx: Tx) -> None:
        for n in range(7):
            tx.audit("test.did", f"thing:{n}", {"n": n}, shop_id=SHOP_A if n % 2 == 0 else SHOP_B)

    desk.world.write(fill)

    async def scenario() -> None:
        browser, seen, cursor = await desk.log_in("alice"), [], ""
        while True:
            page = (await browser.get(f"/api/audit?limit=2{cursor}")).json()
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        did = [row["subject"] for row in seen if row["action"] == "test.did"]
        assert did == ["thing:6", "thing:4", "thing:2", "thing:0"]
        assert [row["id"] for row in seen] == sorted((row["id"] for row in seen), reverse=True)
        assert {"actor_name", "ip", "result", "at", "hash"} <= set(seen[0])
        assert "shop_id" not in seen[0]

    desk.run(scenario)


def test_a_change_or_a_cut_shows_in_the_verdict(desk: Desk) -> None:
    desk.person("alice", "owner")
    t = audit.audit_table

    async def scenario() -> None:
        browser = await desk.log_in("alice")
        good = (await browser.get("/api/audit/verdict")).json()
        assert (good["is_intact"], good["broken_at"]) == (True, None)
        assert good["row_count"] >= 3
        desk.world.write(lambda tx: tx.execute(delete(t).where(t.c.id == good["row_count"])))
        cut = (await browser.get("/api/audit/verdict")).json()
        assert (cut["is_intact"], cut["broken_at"]) == (False, good["row_count"])
        desk.world.write(lambda tx: tx.execute(update(t).where(t.c.id == 2).values(actor_name="nobody")))
        changed = (await browser.get("/api/audit/verdict")).json()
        assert (changed["is_intact"], changed["broken_at"]) == (False, 2)

    desk.run(scenario)


def test_an_agent_does_not_read_the_audit_log(desk: Desk) -> None:
    desk.person("bob", "agent")

    async def scenario() -> None:
        browser = await desk.log_in("bob")
        for path in ("/api/audit", "/api/audit/verdict"):
            assert code_of(await browser.get(path)) == "kit.forbidden"

    desk.run(scenario)
