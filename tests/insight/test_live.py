"""Live messages are counted by the same machine: equal to importing the same talk (stack.md §4)."""

# ruff: noqa: E501
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.importing.files import run
from tests.world import SHOP_A, World

from miaohui.insight import actions
from miaohui.insight.actions import LiveMessage, rebuild
from miaohui.insight.actions.rebuild import recomputed_rollup
from miaohui.insight.jobs.follow import follow_import, follow_undo
from miaohui.insight.queries.rollups import list_cells

START = 1_795_176_000_000
Line = tuple[int, str, str]


def cells(world: World) -> list[tuple[object, ...]]:
    return sorted(
        (*c[:4], *c[4]) for c in world.read(lambda conn: list_cells(conn, SHOP_A, 0, 1 << 50, "douyin"))
    )


def count(world: World) -> None:
    while world.write(actions.count_touched):
        pass


def say(world: World, lines: list[Line]) -> None:
    for number, (at, role, text) in lines_by_number(lines):
        sender = "小雨" if role == "agent" else ""
        message = LiveMessage("7001", number, START + at * 1000, role, "douyin", sender, text)
        world.write(lambda tx, m=message: actions.note_message(tx, SHOP_A, m))


def lines_by_number(lines: list[Line]) -> list[tuple[int, Line]]:
    return list(enumerate(lines, 1))


TALK: list[Line] = [
    (0, "buyer", "包邮吗"), (20, "agent", "包邮哦"), (60, "buyer", "新疆呢"), (61, "buyer", "在吗"), (90, "agent", "稍等"), (130, "agent", "也包邮"),
    (200, "buyer", "好的谢谢"),
]  # fmt: skip


def test_live_rounds_equal_imported_ones(world: World, tmp_path: Path) -> None:
    say(world, TALK)
    end = LiveMessage("7001", 99, START + 900_000, "system", "douyin")
    world.write(lambda tx: actions.note_closing(tx, SHOP_A, end))
    count(world)
    live = cells(world)
    other = World()
    words = {"buyer": "买家", "agent": "客服"}
    rows = [
        f"7001,{START + at * 1000},{words[role]},{'小雨' if role == 'agent' else '甜甜'},文本,{text}"
        for at, role, text in TALK
    ]
    path = tmp_path / "聊天.csv"
    path.write_text("\n".join(["会话ID,时间,发送方角色,发送方名,消息类型,内容", *rows]), encoding="utf-8")
    batch = run(other, path)
    follow_import(other.read, other.write, SHOP_A, batch.batch_id)
    assert cells(other) == live and live
    from miaohui.importing import actions as files

    other.write(lambda tx: files.undo_batch(tx, SHOP_A, batch.batch_id, ""))
    follow_undo(other.read, other.write, SHOP_A, batch.from_ms or 0, batch.to_ms or 0)
    assert cells(other) == [], "an undone chat file leaves no round behind"
    other.close()


def test_a_message_twice_counts_once(world: World) -> None:
    say(world, TALK)
    count(world)
    before = cells(world)
    say(world, TALK)
    count(world)
    assert cells(world) == before


def test_an_open_round_is_missed_only_after_ten_minutes_or_at_the_end(world: World) -> None:
    at = int(world.clock.now().timestamp() * 1000)
    message = LiveMessage("7002", 1, at, "buyer", "douyin", text="在吗")
    world.write(lambda tx: actions.note_message(tx, SHOP_A, message))
    count(world)
    assert sum(int(cell[5]) for cell in cells(world)) == 0, "no round yet"  # type: ignore[call-overload]
    closing = LiveMessage("7002", 2, at + 60_000, "system", "douyin")
    world.write(lambda tx: actions.note_closing(tx, SHOP_A, closing))
    count(world)
    assert sum(int(cell[5]) for cell in cells(world)) == 1  # type: ignore[call-overload]


@given(st.permutations(TALK), st.integers(1, 6))
def test_any_order_of_arrival_and_any_pace_of_counting_gives_the_same_figures(
    order: list[Line], pace: int
) -> None:
    numbers = {line: number for number, line in enumerate(TALK, 1)}
    expected: list[list[tuple[object, ...]]] = []
    for lines, step in ((TALK, 100), (order, pace)):
        world = World()
        for position, line in enumerate(lines):
            message = LiveMessage(
                "7001",
                numbers[line],
                START + line[0] * 1000,
                line[1],
                "douyin",
                "小雨" if line[1] == "agent" else "",
                line[2],
            )
            world.write(lambda tx, m=message: actions.note_message(tx, SHOP_A, m))
            if position % step == 0:
                count(world)
        count(world)
        expected.append(cells(world))
        fresh = world.write(lambda tx: recomputed_rollup(tx, SHOP_A)).rows()
        assert sorted(fresh) == cells(world)
        world.close()
    assert expected[0] == expected[1]


def test_sessions_named_one_by_one_or_as_a_span_give_the_same_figures(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few sessions are named, many are read as a span: what lies between them is nobody's news either way."""
    found = []
    for named in (200, 0):
        monkeypatch.setattr(rebuild, "NAMED", named)
        for session in ("7001", "7002", "7003"):
            message = LiveMessage(session, int(session), START, "buyer", "douyin", "", "包邮吗")
            answer = LiveMessage(
                session, int(session) + 50 + named, START + 9_000 + named, "agent", "douyin", "小雨", "包邮"
            )
            world.write(lambda tx, m=message: actions.note_message(tx, SHOP_A, m))
            if session != "7002" or named:
                world.write(lambda tx, m=answer: actions.note_message(tx, SHOP_A, m))
        sessions = ["7001", "7003"] if not named else ["7001", "7002", "7003"]
        world.write(lambda tx, s=sessions: rebuild.rebuild_sessions(tx, SHOP_A, s))
        found.append(cells(world))
        assert sorted(world.write(lambda tx: recomputed_rollup(tx, SHOP_A)).rows()) == found[-1]
    assert found[0] and found[1] != found[0], "the second answers are counted"
