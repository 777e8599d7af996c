"""A connection that is lost while committing: the effects are there once, never twice (R1, F5)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Table, Text, insert, make_url, select

from miaohui.kit import engines
from miaohui.kit.db import Database, Id, metadata
from miaohui.kit.errors import Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM, Tx
from tests.runtimes import running

lines = Table("test_commit_lines", metadata, Column("id", Id, primary_key=True), Column("name", Text))


def _hang_up(line: socket.socket) -> None:
    """End a connection for whoever reads at either end of it: close() alone leaves a reading thread reading."""
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


class Wire:
    """A wire to PostgreSQL that breaks once at a COMMIT: 'before' the server has it, or 'after' it answered.

    'half open': the server never learns that the client is gone and waits for ever. `is_cut` refuses every later
    connection.
    """

    def __init__(self, path: str) -> None:
        self._path, self.when, self.is_cut, self.broken = path, "", False, 0
        self._kept: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._path)
            threading.Thread(target=self._back, args=(far, near), daemon=True).start()
            threading.Thread(target=self._forth, args=(near, far), daemon=True).start()

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        try:
            while data := far.recv(65_536):
                near.sendall(data)
        except OSError:
            pass
        _hang_up(near)

    def _forth(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while data := near.recv(65_536):
                if self.when and b"COMMIT" in data:
                    self._break(near, far, data)
                    return
                far.sendall(data)
        except OSError:
            pass
        _hang_up(far)

    def _break(self, near: socket.socket, far: socket.socket, data: bytes) -> None:
        """Cut: the client never sees what became of its COMMIT."""
        when, self.when = self.when, ""
        self.broken += 1
        self.is_cut = when == "after and gone"
        near.shutdown(socket.SHUT_RDWR)
        if when.startswith("after"):
            far.sendall(data)
            threading.Event().wait(0.2)  # the server commits and answers into the void
        if when == "half open":
            self._kept.append(far)
        else:
            far.shutdown(socket.SHUT_RDWR)
            far.close()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


@pytest.fixture
def wire(url: str) -> Iterator[Wire]:
    folder = make_url(url).query["host"]
    made = Wire(f"{folder}/.s.PGSQL.5432")
    yield made
    made.close()


@pytest.fixture
def rt(url: str, wire: Wire, tmp_path) -> Iterator[Runtime]:
    near = make_url(url).set(host="127.0.0.1", port=wire.port).update_query_dict({"sslmode": "disable"})
    query = {name: value for name, value in near.query.items() if name != "host"}
    db = Database(near.set(query=query).render_as_string(hide_password=False))
    with running(db, tmp_path, [lines]) as made:
        yield made


def add(name: str):
    def fn(tx: Tx) -> int:
        made = tx.ids.next()
        tx.execute(insert(lines).values(id=made, name=name))
        return made

    return fn


def rows(url: str) -> list[tuple[int, str]]:
    db = Database(url)
    with db.read() as conn:
        found = [tuple(row) for row in conn.execute(select(lines.c.id, lines.c.name))]
    db.close()
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("when", ["before", "half open", "after"])
def test_a_lost_commit_is_asked_about_and_the_effect_is_there_once(
    rt: Runtime, wire: Wire, url: str, when: str
) -> None:
    """Each run of the unit takes a new id, so only knowing the outcome keeps the effect from doubling."""
    wire.when = when
    made = asyncio.run(rt.write(SYSTEM, add("once")))
    assert wire.broken == 1
    assert rows(url) == [(made, "once")]
    asyncio.run(rt.write(SYSTEM, add("and on it goes")))
    assert len(rows(url)) == 2


def test_an_outcome_that_nobody_can_tell_is_refused_and_not_tried_again(
    rt: Runtime, wire: Wire, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "ASK_FOR_S", 0.5)
    wire.when = "after and gone"
    with pytest.raises(Refusal) as caught:
        asyncio.run(rt.write(SYSTEM, add("who knows")))
    assert caught.value.code == "kit.unavailable"
    assert caught.value.detail == {"reason": "outcome_unknown"}
    wire.is_cut = False
    asyncio.run(rt.write(SYSTEM, add("later")))
    assert [name for _, name in rows(url)] == ["who knows", "later"]


def test_units_of_a_batch_that_lost_its_connection_in_the_middle_are_all_done_once(
    rt: Runtime, url: str
) -> None:
    """The first unit's backend is terminated under it; hot and careful units share the fate and the second try."""
    cut: list[int] = []

    def cutting(tx: Tx) -> int:
        made = add("cut")(tx)
        if not cut:
            pid = tx.conn.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            other = Database(url)
            with other.write() as conn:
                conn.exec_driver_sql(f"SELECT pg_terminate_backend({int(pid or 0)})")
            other.close()
            cut.append(made)
        return add("after the cut")(tx)

    async def many() -> list[object]:
        units = [add("first"), cutting, *(add(f"n{n}") for n in range(5))]
        return await asyncio.gather(
            *(rt.write(SYSTEM, fn, hot=n % 2 == 0) for n, fn in enumerate(units)), return_exceptions=True
        )

    results = asyncio.run(many())
    assert all(isinstance(result, int) for result in results), results
    names = [name for _, name in rows(url)]
    assert sorted(names) == sorted(["first", "cut", "after the cut", *(f"n{n}" for n in range(5))])
