"""The platforms' door and the pump: stored before the answer, poison beside the way (R1, R7, R9, F10, F19)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from miaohui.inbox.actions.purge import purge_worked
from miaohui.inbox.events import ChannelFellSilent, MessageReceived
from miaohui.inbox.jobs.upkeep import counted_since
from miaohui.inbox.store.deliveries import deliveries
from miaohui.inbox.store.messages import messages
from miaohui.kit import feed
from miaohui.kit.errors import UNAVAILABLE
from miaohui.kit.tx import Tx
from tests.door import ALICE_OWNER, BOB_AGENT, CHARLIE_OUTSIDER
from tests.inbox.desk import SECRET, Desk
from tests.inbox.parts import later, line, only
from tests.world import NOON, SHOP_A

GOOD = {"x-secret": SECRET}


def push(desk: Desk, body: bytes, headers: dict[str, str] | None = None, path: str = "obedient/acc-1") -> Any:
    return desk.ask("POST", f"/hooks/{path}", None, content=body, headers=headers or GOOD)


def stored(desk: Desk) -> list[Any]:
    return desk.world.read(lambda conn: conn.execute(select(deliveries)).all())


def texts(desk: Desk) -> list[str]:
    query = select(messages.c.text).order_by(messages.c.id)
    return desk.world.read(lambda conn: list(conn.execute(query).scalars()))


def test_a_genuine_delivery_is_stored_then_acknowledged_then_handled(desk: Desk) -> None:
    events = desk.world.record(MessageReceived)
    reply = push(desk, desk.delivery(line("在吗", "1", account=desk.account)))
    assert (reply.status_code, reply.content) == (200, b'{"code":0}')
    assert only(stored(desk)).state == "waiting" and events == []
    assert desk.pump() == 1 and desk.pump() == 0
    assert texts(desk) == ["在吗"] and only(stored(desk)).state == "done"


def test_exactly_the_same_delivery_again_is_acknowledged_and_is_one_row(desk: Desk) -> None:
    body = desk.delivery(line("在吗", "1", account=desk.account))
    assert [push(desk, body).status_code for _ in range(3)] == [200, 200, 200]
    desk.pump()
    assert push(desk, body).status_code == 200
    assert len(stored(desk)) == 1 and texts(desk) == ["在吗"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("obedient/acc-1", {"x-secret": "wrong"}),
        ("obedient/nobody", GOOD),
        ("other/acc-1", GOOD),
        ("obedient/" + "x" * 500, GOOD),
    ],
)
def test_what_is_not_genuine_gets_one_constant_answer(desk: Desk, path: str, headers: dict[str, str]) -> None:
    """R9: neither accounts nor signatures can be guessed by the answer."""
    reply = push(desk, b"[]", headers, path)
    assert reply.status_code == 401 and reply.json()["code"] == "inbox.not_genuine"
    assert reply.content == push(desk, b"[]", {"x-secret": "also wrong"}).content
    assert stored(desk) == []


def test_a_challenge_is_answered_and_not_stored(desk: Desk) -> None:
    assert push(desk, b"ping").content == b"pong" and stored(desk) == []


BAD = [
    (b"\xff\xfe", 400), (b'{"a":"\x00"}', 400), (b"[" * 100 + b"]" * 100, 400), (b"x" * 1_100_000, 413),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status"), BAD, ids=["encoding", "nul", "depth", "size"])
def test_hostile_bytes_are_refused_and_nothing_is_stored(desk: Desk, body: bytes, status: int) -> None:
    assert push(desk, body).status_code == status and stored(desk) == []


def test_while_nothing_can_be_stored_the_platform_is_asked_to_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F3: never a 2xx for what is not stored."""
    from miaohui.inbox.routes import hooks

    def full(tx: Tx, account: Any, raw: Any) -> bool:
        UNAVAILABLE.refuse(reason="disk_full")

    monkeypatch.setattr(hooks, "store_delivery", full)
    reply = push(desk, desk.delivery(line("在吗", "1", account=desk.account)))
    assert reply.status_code == 503 and reply.headers["retry-after"] == "2"


def test_a_poison_delivery_fails_visibly_and_the_others_go_on(desk: Desk) -> None:
    """F10, F19: stored verbatim, shown, can be replayed; the next one is not kept waiting."""
    push(desk, desk.delivery(line("一", "1", account=desk.account)))
    push(desk, b'{"not":"a list of facts"}')
    push(desk, desk.delivery(line("二", "2", account=desk.account)))
    assert desk.pump() == 3
    assert texts(desk) == ["一", "二"]
    assert sorted(row.state for row in stored(desk)) == ["done", "done", "failed"]
    listed = desk.call("GET", "/api/deliveries").body["items"]
    assert only(listed)["body_start"] == '{"not":"a list of facts"}'
    names = [event.name for event in desk.world.read(lambda conn: feed.read(conn, 0))]
    assert "inbox.delivery_failed" in names


def test_one_bad_fact_in_a_delivery_does_not_undo_the_others_and_a_replay_repairs_it(desk: Desk) -> None:
    broken = True

    def explode(tx: Tx, event: MessageReceived) -> None:
        if broken and event.text == "坏":
            raise RuntimeError("an inline handler broke")

    desk.world.wiring.on(MessageReceived, explode)
    facts = [line(text, text, account=desk.account, at=later(n)) for n, text in enumerate("一坏三")]
    push(desk, desk.delivery(*facts))
    desk.pump()
    assert texts(desk) == ["一", "三"]
    failed = only(desk.call("GET", "/api/deliveries").body["items"])
    assert "an inline handler broke" in failed["error"]
    broken = False
    assert desk.call("POST", f"/api/deliveries/{failed['id']}/replay").status == 200
    desk.pump()
    assert sorted(texts(desk)) == sorted("一坏三") and only(stored(desk)).state == "done"


def test_failed_deliveries_are_the_shops_own(desk: Desk) -> None:
    push(desk, b'{"no":"facts"}')
    desk.pump()
    failed = only(desk.call("GET", "/api/deliveries").body["items"])
    assert desk.call("GET", "/api/deliveries", as_=CHARLIE_OUTSIDER).body["items"] == []
    assert desk.call("GET", "/api/deliveries", as_=BOB_AGENT).status == 403
    assert desk.call("POST", f"/api/deliveries/{failed['id']}/replay", as_=CHARLIE_OUTSIDER).status == 404


def test_handled_deliveries_go_after_thirty_days_and_messages_stay(desk: Desk) -> None:
    push(desk, desk.delivery(line("一", "1", account=desk.account)))
    push(desk, b'{"no":"facts"}')
    desk.pump()
    desk.world.clock.advance(31 * 86_400)
    assert desk.world.write(lambda tx: purge_worked(tx, SHOP_A)) is False
    assert only(stored(desk)).state == "failed" and texts(desk) == ["一"]


def watch(desk: Desk) -> None:
    desk.world.write(lambda tx: tx.enqueue("inbox.watch_silence", {}))
    assert desk.work() == ["done"]


def test_a_channel_that_falls_silent_is_noticed_once_and_its_return_too(desk: Desk) -> None:
    """domain §3.7: a page changed its markup and the shop missed buyers for twelve minutes."""
    events = desk.world.record(ChannelFellSilent)
    push(desk, desk.delivery(line("一", "1", account=desk.account)))
    desk.pump()
    watch(desk)
    assert events == []
    desk.world.clock.advance(15 * 60)
    watch(desk)
    watch(desk)
    assert only(events).silent_s == 900
    silence = only(desk.call("GET", "/api/silences").body["items"])
    assert silence["ended_at"] is None
    push(desk, desk.delivery(line("二", "2", account=desk.account)))
    desk.pump()
    assert only(desk.call("GET", "/api/silences", as_=ALICE_OWNER).body["items"])["ended_at"] is not None


@pytest.mark.parametrize(
    ("last_s", "now_s", "opens", "closes", "expected_s"),
    [
        (0, 900, None, None, 0),  # 20:00 → 20:15 in Shanghai
        (0, 4 * 3600, None, None, None),  # midnight: outside of the watched hours
        (0, 12 * 3600 + 60, None, None, 12 * 3600),  # 08:01 next day: counts from 08:00
        (0, 4 * 3600 - 1, "18:00", "24:00", 0),
    ],
)
def test_a_nights_silence_counts_from_the_opening(
    last_s: int, now_s: int, opens: str | None, closes: str | None, expected_s: int | None
) -> None:
    since = counted_since(later(last_s), later(now_s), opens, closes)
    assert since == (None if expected_s is None else later(expected_s)) and later(0) == NOON
