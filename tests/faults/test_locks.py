"""Somebody else has the file: a lock delays and refuses nothing, a second server does not start, a broken file
is said to be broken (F4, R17)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from miaohui.app.prove import kill, stand
from miaohui.app.settings import Settings
from miaohui.kit.engines import sqlite_module
from tests.engines.fleet import Fleet, wait_until
from tests.faults.asking import Answer, ask, bearer, deliver, rows

pytestmark = pytest.mark.proof
LOCKED_S = 20.0


class Others:
    """Twenty deliveries and one reply that are made while the file is locked; each waits for its answer."""

    def __init__(self, port: int, where: stand.Stand, talk: int) -> None:
        self.answers: dict[str, Answer] = {}
        reply = b'{"client_id": "while-locked", "text": "here"}'
        path = f"/api/conversations/{talk}/messages"
        self._threads = [
            threading.Thread(target=self._deliver, args=(port, where, f"locked-{n}")) for n in range(20)
        ]
        self._threads.append(
            threading.Thread(
                target=self._note, args=("reply", lambda: ask(port, path, reply, bearer(where), 60))
            )
        )
        for thread in self._threads:
            thread.start()

    def _deliver(self, port: int, where: stand.Stand, name: str) -> None:
        self._note(name, lambda: deliver(port, where, name, limit_s=60))

    def _note(self, name: str, asking) -> None:
        self.answers[name] = asking()

    def join(self) -> dict[str, Answer]:
        """Wait for every answer."""
        for thread in self._threads:
            thread.join(60)
        return self.answers


def test_a_lock_held_elsewhere_delays_writing_and_refuses_nobody(fleet: Fleet) -> None:
    """BEGIN EXCLUSIVE in another process's stead; who only reads notices nothing."""
    where = fleet.build("")
    settings = fleet.start("")
    port, url = settings.port, settings.database_url
    assert deliver(port, where, "before").status == 200
    wait_until(lambda: rows(url, "SELECT id FROM inbox_conversations"), 10, "no conversation")
    talk = rows(url, "SELECT id FROM inbox_conversations")[0][0]
    holder = sqlite_module.connect(str(settings.data_dir / "miaohui.db"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    others = Others(port, where, talk)
    ends = time.perf_counter() + LOCKED_S
    while time.perf_counter() < ends:
        shown = ask(port, "/api/conversations?box=open&limit=20", headers=bearer(where))
        assert shown.status == 200 and shown.took_s < 1.0
        assert not others.answers, "somebody was told that it is stored while nothing can be"
        time.sleep(0.5)
    holder.execute("ROLLBACK")
    holder.close()
    answers = others.join()
    assert {name: answer.status for name, answer in answers.items()} == {
        **{f"locked-{n}": 200 for n in range(20)}, "reply": 202,
    }  # fmt: skip
    assert all(answer.took_s < LOCKED_S + 3 for answer in answers.values())
    wait_until(lambda: not rows(url, kill.UNSETTLED[0])[0][0], 10, "deliveries still wait")
    found = kill.stored(url)
    assert sorted(found.keys) == sorted(["before", *(f"locked-{n}" for n in range(20))])
    assert "while-locked" in found.replies and found.is_sound


def miaohui(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on a data folder."""
    env = {**os.environ, "MIAOHUI_DATA_DIR": str(settings.data_dir), "MIAOHUI_DATABASE": ""}
    return subprocess.run(
        [sys.executable, "-m", "miaohui.app.cli", *words], env=env, capture_output=True, text=True, timeout=60
    )


def test_a_second_server_on_the_same_folder_says_who_has_it_and_ends(fleet: Fleet) -> None:
    where = fleet.build("")
    settings = fleet.start("")
    second = miaohui(settings, "run", "--port", str(stand.free_port()))
    assert second.returncode == 1
    assert f"进程号 {fleet.pids[0]}" in second.stderr and "MIAOHUI_DATA_DIR" in second.stderr
    assert "Traceback" not in second.stderr
    upgrade = miaohui(settings, "upgrade")
    assert upgrade.returncode == 1 and str(fleet.pids[0]) in upgrade.stderr
    assert "Traceback" not in upgrade.stderr
    assert deliver(settings.port, where, "still-here").status == 200
    fleet.kill(0)
    wait_until(lambda: not fleet.is_alive(0), 5, "killed and still there")
    assert fleet.start("").port, "the lock of a dead process holds nobody up"


def damaged(settings: Settings, how: str) -> Path:
    """Damage the closed database file: another kind of file, a page of noise, the end cut off."""
    path = settings.data_dir / "miaohui.db"
    data = bytearray(path.read_bytes())
    if how == "header":
        data[:100] = b"not a database".ljust(100, b"!")
    elif how == "pages":
        for start in range(8192, len(data), 4096):
            data[start : start + 64] = b"\xff" * 64
    else:
        del data[len(data) // 3 :]
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("how", ["header", "pages", "cut"])
def test_a_damaged_file_is_not_started_on_and_the_doctor_says_so(fleet: Fleet, how: str) -> None:
    fleet.build("")
    settings = fleet.settings_for_sqlite()
    damaged(settings, how)
    started = miaohui(settings, "run", "--port", str(stand.free_port()))
    assert started.returncode == 1
    assert "备份" in started.stderr and "restore" in started.stderr, started.stderr[-800:]
    assert "Traceback" not in started.stderr
    looked = miaohui(settings, "doctor")
    assert looked.returncode == 1 and "Traceback" not in looked.stderr, looked.stderr[-800:]
    assert "恢复" in looked.stdout
