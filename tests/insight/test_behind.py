"""What stands behind the figures: the heat map, the rounds of a cell, one conversation (issue: the workbench)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.door import BOB_AGENT, CHARLIE_OUTSIDER, Door
from tests.insight.example import example_report
from tests.world import SHOP_A, World

from miaohui.insight import actions
from miaohui.insight.actions import LiveMessage
from miaohui.insight.routes import router

SPAN = "from_on=2026-11-16&to_on=2026-11-22"


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    made = Door(example_report()[0], router)
    yield made
    made.close()


@pytest.mark.parametrize("by", ["weekday", "agent", "group"])
def test_the_map_has_every_round_of_the_report_in_one_cell(door: Door, by: str) -> None:
    """Roll-ups only move: whatever they are laid out by, they are the same rounds."""
    rows = door.call("GET", f"/api/insight/heat?{SPAN}&by={by}").body["rows"]
    cells = [cell for row in rows for cell in row["hours"]]
    turns = [t for t in example_report()[1].window.turns if by != "group" or t[3]]
    assert sum(cell["turns"] for cell in cells) == len(turns)
    assert sum(cell["missed"] for cell in cells) == sum(t[5] is None for t in turns)
    assert sum(cell["average_s"] * cell["turns"] for cell in cells) == pytest.approx(
        sum(t[6] for t in turns) / 1000
    )


def test_products_have_names_and_their_own_rounds(door: Door) -> None:
    rows = door.call("GET", f"/api/insight/heat?{SPAN}&by=product").body["rows"]
    window = example_report()[1].window
    product_of = {s.session_id: s.product_id for s in (*window.sessions, *window.earlier_sessions)}
    first = rows[0]
    assert first["name_zh"] != first["key"] and len(rows) <= 20
    assert first["turns"] == sum(product_of.get(t[0]) == first["key"] for t in window.turns)


@pytest.mark.parametrize("by", ["weekday", "agent", "group", "product"])
def test_a_cell_opens_exactly_its_rounds(door: Door, by: str) -> None:
    row = door.call("GET", f"/api/insight/heat?{SPAN}&by={by}").body["rows"][0]
    cell = max(row["hours"], key=lambda c: c["turns"])
    at = f"by={by}&key={row['key']}&hour={cell['hour']}"
    behind = door.call("GET", f"/api/insight/rounds?{SPAN}&{at}").body
    assert behind["total"] == cell["turns"]
    whole = door.call("GET", f"/api/insight/rounds?{SPAN}&by={by}&key={row['key']}").body
    assert whole["total"] == row["turns"] and len(whole["rows"]) <= 30
    missed = [line[3] == "未回复" for line in behind["rows"]]
    assert missed == sorted(missed, reverse=True), "what was not answered stands first"


@pytest.mark.parametrize("by", ["weekday", "agent", "group", "product"])
def test_pages_of_rounds_are_the_whole_list_in_one_order(door: Door, by: str) -> None:
    """Sorted, cut and counted by the database; no page repeats or leaves out a round."""
    row = door.call("GET", f"/api/insight/heat?{SPAN}&by={by}").body["rows"][0]
    address = f"/api/insight/rounds?{SPAN}&by={by}&key={row['key']}"
    whole = door.call("GET", f"{address}&limit=200").body
    pages = []
    for offset in range(0, min(200, row["turns"]), 7):
        page = door.call("GET", f"{address}&limit=7&offset={offset}").body
        assert page["total"] == row["turns"] and len(page["rows"]) <= 7
        pages += page["rows"]
    assert pages[: len(whole["rows"])] == whole["rows"]
    assert len(whole["rows"]) == min(200, row["turns"])
    past = door.call("GET", f"{address}&offset={row['turns']}").body
    assert past["rows"] == [] and past["total"] == row["turns"]


@pytest.mark.parametrize(
    "at",
    ["by=weekday&key=nine", "by=weekday&key=7", "by=group&key=nobody", "by=product&key=x", "by=agent&key=x"],
)
def test_a_row_that_is_not_there_has_no_rounds(door: Door, at: str) -> None:
    answer = door.call("GET", f"/api/insight/rounds?{SPAN}&{at}")
    assert (answer.status, answer.body["total"], answer.body["rows"]) == (200, 0, [])


@pytest.mark.parametrize("part", ["limit=0", "limit=201", "offset=-1", "offset=1000001"])
def test_no_page_is_larger_than_two_hundred(door: Door, part: str) -> None:
    assert door.call("GET", f"/api/insight/rounds?{SPAN}&by=agent&key=x&{part}").status == 422


def test_a_conversation_of_a_file_is_read_line_by_line(door: Door) -> None:
    session = max(example_report()[1].window.sessions, key=lambda s: s.buyer_n + s.agent_n)
    talk = door.call("GET", f"/api/insight/talk?session={session.session_id}").body
    assert talk["conversation_id"] is None and talk["turns"] == session.turns_n
    assert sum(line["role"] == "buyer" for line in talk["lines"]) >= 1
    assert [line["at"] for line in talk["lines"]] == sorted(line["at"] for line in talk["lines"])


def test_agents_of_a_group_and_other_shops_do_not_read_it(door: Door) -> None:
    session = example_report()[1].window.sessions[0].session_id
    address = f"/api/insight/talk?session={session}"
    assert door.call("GET", address, as_=BOB_AGENT).status == 403
    assert door.call("GET", address, as_=CHARLIE_OUTSIDER).status == 404
    assert door.call("GET", f"/api/insight/heat?{SPAN}", as_=CHARLIE_OUTSIDER).body["rows"] == []


def test_a_page_gets_the_report_without_calibration_and_calibration_by_itself(door: Door) -> None:
    """Trying every definition is most of the time a report takes."""
    quick = door.call("GET", f"/api/insight/report?{SPAN}&calibrated=false").body
    assert quick["calibration"] is None and quick["comparisons"]
    found = door.call("GET", f"/api/insight/calibration?{SPAN}").body["calibration"]
    data = example_report()[1]
    assert data.calibration is not None
    assert found["mean_error_s"] == pytest.approx(data.calibration.best.mean_error_s)
    assert [f["value"] for f in quick["figures"]] == [f.value for f in data.figures]


def test_a_live_conversation_is_named_by_its_number_at_the_desk(world: World) -> None:
    for number, (role, text) in enumerate((("buyer", "包邮吗"), ("agent", "包邮哦")), 1):
        said = LiveMessage("7001", number, 1_795_176_000_000 + number * 20_000, role, "douyin", "小雨", text)
        world.write(lambda tx, m=said: actions.note_message(tx, SHOP_A, m))
    while world.write(actions.count_touched):
        pass
    made = Door(world, router)
    talk = made.call("GET", "/api/insight/talk?session=7001").body
    rows = made.call("GET", "/api/insight/heat?from_on=2026-11-20&to_on=2026-11-23&by=agent").body["rows"]
    made.close()
    assert (talk["conversation_id"], talk["lines"], talk["turns"]) == (7001, [], 1)
    assert [(row["key"], row["turns"]) for row in rows] == [("小雨", 1)]
