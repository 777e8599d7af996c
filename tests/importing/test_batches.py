"""Imports as batches: nothing counts twice, nothing half-done stays, everything can be undone (issue "files in")."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.importing.files import facts, order, orders_file, run
from tests.world import SHOP_A, SHOP_B, World

from miaohui.importing import actions, queries
from miaohui.importing.events import FileImported, ImportUndone
from miaohui.importing.jobs.run import Watch
from miaohui.kit.errors import Refusal


def statuses(world: World) -> dict[str, str]:
    return {row[0][-3:]: row[1] for row in facts(world, "orders", "item_id", "status")}


def test_a_file_becomes_facts_and_an_event(world: World, tmp_path: Path) -> None:
    told = world.record(FileImported)
    report = run(world, orders_file(tmp_path, "订单.csv", [order(1), order(2)]))
    assert (report.new, report.bad, report.table) == (2, 0, "orders")
    assert facts(world, "orders", "item_id", "pay_fen", "content_form")[0] == (
        "69" + "0" * 16 + "1",
        129900,
        "直播",
    )
    assert [event.batch_id for event in told] == [report.batch_id]
    assert "张" not in str(facts(world, "orders", "item_id", "extra")), "the receiver is never stored"


def test_the_same_file_twice_is_refused_and_counted_once(world: World, tmp_path: Path) -> None:
    path = orders_file(tmp_path, "订单.csv", [order(1)])
    run(world, path)
    copy = tmp_path / "订单(1).csv"
    copy.write_bytes(path.read_bytes())
    with pytest.raises(Refusal) as refused:
        run(world, copy)
    assert refused.value.code == "importing.already_imported"
    assert len(facts(world, "orders", "item_id")) == 1


def test_overlapping_files_take_the_newer_row_whatever_the_order_of_import(
    world: World, tmp_path: Path
) -> None:
    newer = orders_file(tmp_path, "b.csv", [order(1, "已完成", finished="2026-11-25 10:00:00"), order(2)])
    older = orders_file(tmp_path, "a.csv", [order(1, "待发货"), order(3)])
    run(world, newer)
    report = run(world, older)
    assert (report.new, report.overlapping, report.updated) == (1, 1, 0)
    assert statuses(world) == {"001": "已完成", "002": "待发货", "003": "待发货"}


def test_undoing_brings_the_version_below_back(world: World, tmp_path: Path) -> None:
    told = world.record(ImportUndone)
    run(world, orders_file(tmp_path, "a.csv", [order(1, "待发货"), order(2)]))
    second = run(
        world, orders_file(tmp_path, "b.csv", [order(1, "已完成", finished="2026-11-25 10:00:00"), order(3)])
    )
    assert second.updated == 1 and statuses(world)["001"] == "已完成"
    world.write(lambda tx: actions.undo_batch(tx, SHOP_A, second.batch_id, "导错了"))
    assert statuses(world) == {"001": "待发货", "002": "待发货"}
    assert [event.batch_id for event in told] == [second.batch_id]
    with pytest.raises(Refusal) as refused:
        world.write(lambda tx: actions.undo_batch(tx, SHOP_A, second.batch_id, "再来"))
    assert refused.value.code == "importing.not_undoable"


def test_undoing_the_first_of_two_leaves_what_the_second_says(world: World, tmp_path: Path) -> None:
    first = run(world, orders_file(tmp_path, "a.csv", [order(1), order(2)]))
    run(world, orders_file(tmp_path, "b.csv", [order(1), order(3)]))
    world.write(lambda tx: actions.undo_batch(tx, SHOP_A, first.batch_id, ""))
    assert set(statuses(world)) == {"001", "003"}


def test_an_undone_file_can_be_imported_again(world: World, tmp_path: Path) -> None:
    path = orders_file(tmp_path, "a.csv", [order(1)])
    first = run(world, path)
    world.write(lambda tx: actions.undo_batch(tx, SHOP_A, first.batch_id, ""))
    assert run(world, path).new == 1


def test_a_row_twice_in_one_file_counts_once(world: World, tmp_path: Path) -> None:
    lines = [
        order(1),
        order(2),
        order(1, "已完成", finished="2026-11-25 10:00:00"),
        *[order(i) for i in range(3, 12)],
        order(2),
    ]
    report = run(world, orders_file(tmp_path, "a.csv", lines))
    assert (report.new, report.repeated) == (11, 2) and statuses(world)["001"] == "已完成"


def test_a_bad_row_stops_nothing_and_is_told_with_row_column_and_reason(world: World, tmp_path: Path) -> None:
    lines = [order(1), "x,6.92E+18,裙子,1,99,2026-11-20 10:00:00,,,待发货,,", order(2), "太短,了"]
    report = run(world, orders_file(tmp_path, "a.csv", lines))
    assert (report.new, report.bad) == (2, 2)
    rows = world.read(lambda conn: queries.list_bad_rows(conn, SHOP_A, report.batch_id))
    assert [(r["row_no"], r["column_zh"]) for r in rows] == [(3, "子订单编号"), (5, "整行")]
    assert "科学计数法" in rows[0]["reason_zh"] and "被截断" in rows[1]["reason_zh"]


def test_a_file_without_a_single_good_row_leaves_nothing(world: World, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        run(world, orders_file(tmp_path, "a.csv", ["太短,了", "也,短"]))
    assert refused.value.code == "importing.nothing_to_import" and refused.value.detail["reasons"]
    assert world.read(lambda conn: queries.list_open_batch_ids(conn, SHOP_A)) == []


def test_a_cancelled_import_takes_everything_back(world: World, tmp_path: Path) -> None:
    run(world, orders_file(tmp_path, "a.csv", [order(1, "待发货")]))
    seen: list[int] = []
    watch = Watch(lambda progress: seen.append(progress.rows), lambda batch_id: len(seen) >= 2)
    lines = [order(i, "已完成", finished="2026-11-25 10:00:00") for i in range(1, 40)]
    with pytest.raises(Refusal) as refused:
        run(world, orders_file(tmp_path, "b.csv", lines), watch)
    assert refused.value.code == "importing.cancelled" and statuses(world) == {"001": "待发货"}
    assert len(seen) == 2, "it stopped after the chunk in which it was asked to"


def test_an_import_that_still_runs_cannot_be_seen_and_its_remains_are_dropped(
    world: World, tmp_path: Path
) -> None:
    run(world, orders_file(tmp_path, "a.csv", [order(1, "待发货")]))

    class Died(BaseException):
        """The process ends here."""

    def die(batch_id: int) -> bool:
        assert statuses(world) == {"001": "待发货"}, "half an import must not be seen"
        raise Died

    path = orders_file(
        tmp_path, "b.csv", [order(i, "已完成", finished="2026-11-25 10:00:00") for i in range(1, 40)]
    )
    with pytest.raises(Died):
        run(world, path, Watch(is_cancelled=die))
    assert statuses(world) == {"001": "待发货"}
    assert run(world, path).new == 38


def test_what_a_killed_process_left_is_taken_back_before_the_next_import(
    world: World, tmp_path: Path
) -> None:
    batch_id = world.write(lambda tx: actions.open_batch(tx, SHOP_A, "a.csv", "sha", "roster"))
    row = ("小雨", 1, 2, "", "", "", 2, 0)
    world.write(lambda tx: actions.write_rows(tx, SHOP_A, batch_id, "shifts", [row]))
    assert facts(world, "shifts", "agent") == []
    assert world.write(lambda tx: actions.drop_open_batches(tx, SHOP_A, "failed", "进程中断")) == [batch_id]
    assert world.read(lambda conn: queries.list_batches(conn, SHOP_A))[0]["outcome"] == "failed"


def test_one_shop_never_sees_another_shops_files(world: World, tmp_path: Path) -> None:
    path = orders_file(tmp_path, "a.csv", [order(1)])
    mine = run(world, path)
    assert run(world, path, shop=SHOP_B).new == 1
    with pytest.raises(Refusal) as refused:
        world.write(lambda tx: actions.undo_batch(tx, SHOP_B, mine.batch_id, ""))
    assert refused.value.code == "kit.not_found"
    assert len(facts(world, "orders", "item_id", shop=SHOP_B)) == 1


def test_the_newest_of_repeats_over_two_chunks_waits_below_another_files_row(
    world: World, tmp_path: Path
) -> None:
    """Chunks are of 7 rows here; the older repeat comes in the second chunk and must not win."""
    run(world, orders_file(tmp_path, "a.csv", [order(1)]))
    lines = [
        order(1, "已完成", finished="2026-11-25 10:00:00"),
        *[order(i) for i in range(2, 8)],
        order(1, "已发货"),
    ]
    run(world, orders_file(tmp_path, "b.csv", lines))
    assert statuses(world)["001"] == "已完成"


@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.just("import"),
                st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=8),
            ),
            st.tuples(st.just("undo"), st.integers(0, 9)),
        ),
        max_size=9,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_of_imports_and_undos_equals_the_newest_row_of_what_is_left(
    steps: list[tuple[str, object]],
) -> None:
    """A truth model: the top is the newest version among the imports that were not undone."""
    world = World()
    kept: dict[int, list[tuple[int, int]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (what, value) in enumerate(steps):
            if what == "import":
                lines = [order(n, f"s{number}-{d}", finished=f"2026-11-2{d} 10:00:00") for n, d in value]  # type: ignore[attr-defined]
                kept[run(world, orders_file(Path(folder), f"{number}.csv", lines)).batch_id] = list(value)  # type: ignore[call-overload]
            elif kept:
                batch_id = sorted(kept)[int(value) % len(kept)]  # type: ignore[call-overload]
                world.write(lambda tx, b=batch_id: actions.undo_batch(tx, SHOP_A, b, ""))
                del kept[batch_id]
            expected: dict[int, int] = {}
            for rows in kept.values():
                for item, day in rows:
                    expected[item] = max(expected.get(item, -1), day)
            found = {int(row[0][2:]): int(row[1][-1]) for row in facts(world, "orders", "item_id", "status")}
            assert found == expected
    world.close()
