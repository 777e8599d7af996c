"""A backup made under load is a whole shop: everything acknowledged before it, nothing half, nothing sent again
(F17, R21)."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from miaohui.app.prove import kill, stand
from tests.engines.fleet import Fleet, Load, wait_until
from tests.faults.asking import ask, bearer, deliver, rows
from tests.faults.test_locks import miaohui

pytestmark = pytest.mark.proof
RESTORED_WITHIN_S = 60.0


@pytest.fixture
def elsewhere() -> Iterator[Fleet]:
    """Another machine: a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="miaohui-elsewhere-") as name:
        made = Fleet(Path(name))
        yield made
        made.close()


def test_a_backup_under_load_is_the_shop_as_it_was_acknowledged(
    fleet: Fleet, elsewhere: Fleet, tmp_path: Path
) -> None:
    where = fleet.build("")
    settings = fleet.start("")
    load = Load(tmp_path, settings.port, where)
    before = []
    for number in range(40):
        assert deliver(settings.port, where, f"before-{number}", number).status == 200
        before.append(f"before-{number}")
    talk = open_talk(settings.port, where)
    reply = b'{"client_id": "client-before", "text": "here"}'
    assert ask(settings.port, f"/api/conversations/{talk}/messages", reply, bearer(where)).status == 202
    target = tmp_path / "backup.tar"
    made = miaohui(settings, "backup", str(target))
    assert made.returncode == 0, made.stderr[-500:]
    assert deliver(settings.port, where, "after-the-backup").status == 200, "the desk works on"
    load.end()
    started = time.perf_counter()
    restored = miaohui(elsewhere.settings_for_sqlite(), "restore", str(target))
    assert restored.returncode == 0, restored.stderr[-500:]
    assert time.perf_counter() - started < RESTORED_WITHIN_S
    check_restored(elsewhere, where, before)


def open_talk(port: int, where: stand.Stand) -> int:
    listed: list[int] = []

    def one() -> bool:
        shown = ask(port, "/api/conversations?box=open&limit=20", headers=bearer(where)).json()
        listed[:] = [item["id"] for item in shown["items"]]
        return bool(listed)

    wait_until(one, 10, "no conversation")
    return listed[0]


def check_restored(elsewhere: Fleet, where: stand.Stand, before: list[str]) -> None:
    """Log-ins, messages, feed, jobs: it starts, handles what waited, and sends nothing by itself."""
    url = elsewhere.settings_for_sqlite().database_url
    waiting = {row[0] for row in rows(url, "SELECT id FROM inbox_messages WHERE state = 'sending'")}
    tried = attempts_for(url, waiting)
    settings = elsewhere.start("")
    wait_until(lambda: not rows(url, kill.UNSETTLED[0])[0][0], 30, "deliveries still wait")
    found = kill.stored(url)
    assert set(before) <= set(found.keys) and len(found.keys) == len(set(found.keys))
    assert sorted(set(found.shown)) == sorted(found.shown) and len(found.shown) == len(found.keys)
    assert "client-before" in found.replies and found.is_sound
    assert rows(url, "SELECT error FROM inbox_deliveries WHERE state = 'failed'") == []
    lone = "SELECT count(*) FROM inbox_messages m LEFT JOIN inbox_conversations c ON c.id = m.conversation_id"
    assert rows(url, f"{lone} WHERE c.id IS NULL")[0][0] == 0
    assert ask(settings.port, "/api/conversations?box=open&limit=5", headers=bearer(where)).status == 200
    assert deliver(settings.port, where, "life-goes-on").status == 200
    assert attempts_for(url, waiting) == tried, "a reply that may have gone out was sent again"
    assert rows(url, "SELECT count(*) FROM inbox_messages WHERE state = 'queued'")[0][0] == 0


def attempts_for(url: str, message_ids: set[int]) -> int:
    """Return how often sending these messages was begun."""
    listed = ",".join(map(str, message_ids)) or "0"
    return int(rows(url, f"SELECT count(*) FROM inbox_send_attempts WHERE message_id IN ({listed})")[0][0])
