"""Deliveries of enemies and of broken platforms, through the real door (F10, R7, R9): never a 5xx, no effect,
nothing that was stored before is changed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from miaohui.app.prove import kill, stand
from miaohui.channels.douyin_im.webhook import signature
from miaohui.channels.model import MAX_BODY_BYTES
from miaohui.channels.sim.douyin_im.simulator import CLIENT_SECRET
from tests.engines.fleet import Fleet, wait_until
from tests.faults.asking import Answer, as_platform, ask, bearer, deliver, rows

pytestmark = pytest.mark.proof
MESSAGES = "SELECT message_key, text FROM inbox_messages WHERE role = 'buyer' ORDER BY id"
DEEP = b'{"event":"im_receive_msg","content":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
CUT_OFF = '{"event": "im_receive_msg", "content": {"text": "半'.encode()[:-1]


def post(port: int, where: stand.Stand, body: bytes, sign: str | None = None) -> Answer:
    """Post bytes with their genuine signature, or with another one."""
    genuine = signature(CLIENT_SECRET, body) if sign is None else sign
    return ask(
        port, where.hook_path, body, {"content-type": "application/json", "x-douyin-signature": genuine}
    )


def changed(name: str, **content: Any) -> bytes:
    """Return a genuine body with other contents."""
    given = json.loads(as_platform(name)[0])
    given["content"] |= content
    return json.dumps(given, ensure_ascii=False).encode()


def settled(url: str) -> None:
    wait_until(lambda: not rows(url, kill.UNSETTLED[0])[0][0], 20, "deliveries still wait")


def check_forged(port: int, where: stand.Stand) -> None:
    """All alike: who forges learns neither what is wrong nor which accounts exist."""
    body, _ = as_platform("forged")
    answers = [
        post(port, where, body, ""),
        post(port, where, body, "0" * 40),
        post(port, where, body + b" ", signature(CLIENT_SECRET, body)),
        post(port, where, body, signature("another secret", body)),
        post(port, where, DEEP, "0" * 40),
        ask(port, "/hooks/douyin_im/nobody", body, {"x-douyin-signature": signature(CLIENT_SECRET, body)}),
        ask(port, "/hooks/doudian/" + where.hook_path.rsplit("/", 1)[1], body, {}),
    ]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.body for answer in answers}) == 1


def check_malformed(port: int, where: stand.Stand) -> None:
    """Signed, and still not to be read: refused with a reason, or stored and visibly failed; never a 5xx."""
    assert post(port, where, DEEP).status == 400
    assert post(port, where, b"[" * 900_000).status == 400
    large = post(port, where, changed("large", text="大" * (MAX_BODY_BYTES // 3 + 10)))
    assert large.status == 413 and large.json()["detail"]["limit_bytes"] <= MAX_BODY_BYTES
    bodies = [
        CUT_OFF, b"", b"null", b"[]", b"\xff\xfe", b'{"event":"im_receive_msg"}', b'{"event": 7, "content": "x"}',
        b'{"event":"im_receive_msg","content":"\\ud800"}', b'{"a":1,"a":2}', b'{"n":NaN}',
        changed("nul", text="a\x00b"), changed("type", message_type=["x"], create_time=10**30),
    ]  # fmt: skip
    for body in bodies:
        answer = post(port, where, body)
        assert answer.status in (200, 400, 401, 413), (body[:60], answer)
        assert answer.status == 200 or answer.json()["message"]


def test_what_enemies_and_broken_platforms_send_has_no_effect_and_no_5xx(fleet: Fleet) -> None:
    where = fleet.build("")
    settings = fleet.start("")
    port, url = settings.port, settings.database_url
    assert deliver(port, where, "good-1", text="第一条").status == 200
    check_forged(port, where)
    check_malformed(port, where)
    assert deliver(port, where, "good-2", text="第二条").status == 200
    settled(url)
    found = [key for key, _ in rows(url, MESSAGES) if str(key).startswith("good")]
    assert found == ["good-1", "good-2"]
    failed = ask(port, "/api/deliveries?limit=100", headers=bearer(where))
    assert failed.status == 200
    log = fleet.log()
    assert '"http.bug"' not in log and "lane.batch_broken" not in log
    stored = rows(url, "SELECT count(*) FROM inbox_deliveries WHERE state = 'failed'")[0][0]
    assert len(failed.json()["items"]) == stored > 0


def test_the_same_delivery_again_and_the_same_id_with_other_words(fleet: Fleet) -> None:
    """A repetition changes nothing; other contents under a known id never replace what was said, and are shown
    as a conflict (spec: the same message id with different contents)."""
    where = fleet.build("")
    settings = fleet.start("")
    port, url = settings.port, settings.database_url
    body, headers = as_platform("same", text="原话")
    for _ in range(20):
        assert ask(port, where.hook_path, body, headers).status == 200
    assert post(port, where, changed("same", text="另一句")).status == 200
    settled(url)
    assert rows(url, MESSAGES) == [("same", "原话")]
    assert rows(url, "SELECT count(*) FROM inbox_conflicts")[0][0] == 1
    assert rows(url, "SELECT count(*) FROM kit_feed WHERE name = 'inbox.message_received'")[0][0] == 1


def test_nineteen_digits_stay_nineteen_digits(fleet: Fleet) -> None:
    """As JSON numbers and as text, beyond 2^53 and beyond 2^63, through door, table and API."""
    where = fleet.build("")
    settings = fleet.start("")
    port, url = settings.port, settings.database_url
    long_ids = ["7312345678901234567", "9223372036854775807", "18446744073709551615", "7312345678901234568"]
    for number, name in enumerate(long_ids):
        given = json.loads(as_platform("x", number)[0])
        given["content"]["server_message_id"] = int(name) if number % 2 else name
        given["from_user_id"] = f"buyer-{number}"
        assert post(port, where, json.dumps(given).encode()).status == 200
    settled(url)
    assert sorted(key for key, _ in rows(url, MESSAGES)) == sorted(long_ids)


def test_who_drips_is_cut_off_and_nobody_else_notices(fleet: Fleet) -> None:
    """F18: half heads, half bodies, silent sockets and a head without end, fifty of each kind at once."""
    from tests.faults.dripping import Drippers

    where = fleet.build("")
    settings = fleet.start("")
    with Drippers(settings.port, where.hook_path, 50) as drippers:
        took: list[float] = []
        ends = time.perf_counter() + 14
        while time.perf_counter() < ends and drippers.open_count():
            answer = deliver(settings.port, where, f"beside-{len(took)}")
            assert answer.status == 200
            took.append(answer.took_s)
            time.sleep(0.05)
        assert drippers.open_count() == 0, f"{drippers.open_count()} are still held after 14 s"
        assert drippers.answers("endless head") <= {b"HTTP/1.1 431", b"HTTP/1.1 400", b""}
        assert b"HTTP/1.1 408" in drippers.answers("half body")
    took.sort()
    assert took[int(len(took) * 0.99) - 1] < 0.5
