"""A disk without room: no answer without storing, everything else goes on, and it heals by itself (F3, R17)."""

from __future__ import annotations

import contextlib
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from miaohui.app.prove import kill, stand
from tests.engines.fleet import Fleet, Load, wait_until
from tests.faults.asking import Answer, ask, bearer, deliver, rows

pytestmark = pytest.mark.proof
MIB = 2**20
RECOVERED_WITHIN_S = 5.0


class Room:
    """Where a server keeps its data, and how its room is taken and given back."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.fleet = folder, Fleet(folder)

    def take(self, pid: int) -> None:
        """Leave a little room: files may not grow past what they are plus half a MiB (`ulimit -f`)."""
        largest = max(path.stat().st_size for path in (self.folder / "data").iterdir())
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest + MIB // 2, resource.RLIM_INFINITY))

    def give_back(self, pid: int) -> None:
        """Let files grow again."""
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class SmallDisk(Room):
    """A file system of 48 MiB in memory; the program's log lies on it too, as it often does."""

    def take(self, pid: int) -> None:
        """Fill the disk; it may run full under the load while we do."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
            while shutil.disk_usage(self.folder).free > MIB // 2:
                ballast.write(bytes(MIB // 4))

    def give_back(self, pid: int) -> None:
        """Make room."""
        (self.folder / "ballast").unlink()


@contextlib.contextmanager
def small_disk(name: str) -> Iterator[SmallDisk]:
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "none", name], capture_output=True)
    if done.returncode:
        pytest.skip("no right to mount a file system here; the same test with a file size limit runs")
    try:
        yield SmallDisk(Path(name))
    finally:
        subprocess.run(["umount", "-l", name], check=True)


@pytest.fixture(params=["limit", "tmpfs"])
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    with tempfile.TemporaryDirectory(prefix="miaohui-disk-") as name:
        if request.param == "limit":
            made = Room(Path(name))
            yield made
            made.fleet.close()
        else:
            with small_disk(name) as disk:
                yield disk
                disk.fleet.close()


def refusals_while_full(port: int, where: stand.Stand) -> list[Answer]:
    """Deliver until ten are refused; return every answer. Large texts, so that it does not take long."""
    answers: list[Answer] = []
    refused = 0
    while refused < 10 and len(answers) < 400:
        answers.append(deliver(port, where, f"full-{len(answers)}", len(answers), "很长" * 3_000))
        refused += answers[-1].status != 200
    return answers


def test_a_full_disk_refuses_visibly_loses_nothing_and_heals_without_a_restart(
    room: Room, tmp_path: Path
) -> None:
    where = room.fleet.build("")
    settings = room.fleet.start("")
    port, url, pid = settings.port, settings.database_url, room.fleet.pids[0]
    load = Load(tmp_path, port, where, clients=2)
    time.sleep(0.5)
    room.take(pid)
    answers = refusals_while_full(port, where)
    check_refusals(answers)
    check_that_reading_goes_on(port, where)
    room.give_back(pid)
    started = time.perf_counter()
    wait_until(lambda: deliver(port, where, "room-again").status == 200, 10, "it does not store again")
    assert time.perf_counter() - started < RECOVERED_WITHIN_S
    told = load.end()
    acked = [f"full-{n}" for n, answer in enumerate(answers) if answer.status == 200]
    check_stored(room, url, [*told["acked"], *acked, "room-again"], told["accepted"])


def check_refusals(answers: list[Answer]) -> None:
    """Stored or 503 with a reason and a pause; nothing else, and nobody is kept waiting."""
    assert 503 in (statuses := {answer.status for answer in answers}) and statuses <= {200, 503}
    for answer in answers:
        if answer.status == 503:
            assert answer.json()["code"] == "kit.unavailable" and "重试" in answer.json()["message"]
            assert answer.json()["detail"]["reason"] in ("disk_full", "database")
            assert int(answer.headers["retry-after"]) > 0
        assert answer.took_s < 5


def check_that_reading_goes_on(port: int, where: stand.Stand) -> None:
    assert ask(port, "/healthz").status == 200
    shown = ask(port, "/api/conversations?box=open&limit=20", headers=bearer(where))
    assert shown.status == 200 and shown.json()["items"]
    talk = shown.json()["items"][0]["id"]
    assert ask(port, f"/api/conversations/{talk}", headers=bearer(where)).status == 200


def check_stored(room: Room, url: str, acked: list[str], accepted: list[str]) -> None:
    """Everything acknowledged is there once, the server is the one that was started, the file is sound."""
    wait_until(lambda: not any(rows(url, q)[0][0] for q in kill.UNSETTLED[:1]), 30, "deliveries still wait")
    found = kill.stored(url)
    assert room.fleet.is_alive(0)
    assert set(acked) <= set(found.keys) and len(found.keys) == len(set(found.keys))
    assert len(found.shown) == len(set(found.shown)) == len(found.keys)
    assert set(accepted) <= set(found.replies)
    assert found.failed_count == 0 and found.is_sound
