"""What a simulated colleague does next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from miaohui.app.sim.habits import (
    Chat,
    break_plan,
    next_to_answer,
    pass_on_to,
    to_close,
    unanswered_text,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def chat(
    number: int, waits_s: int | None = None, quiet_s: int = 0, role: str = "buyer", text: str = ""
) -> Chat:
    waiting = None if waits_s is None else NOW - timedelta(seconds=waits_s)
    return Chat(number, 1, waiting, NOW - timedelta(seconds=quiet_s), role, text)


def line(role: str, text: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "text": text, **more}


def test_whoever_waits_longest_is_answered_first() -> None:
    """domain.md 5.1: unanswered chats are ordered by waiting time, the longest first."""
    chats = [chat(1, 5), chat(2, 40), chat(3), chat(4, 12)]
    found = next_to_answer(chats)
    assert found is not None and found.id == 2
    again = next_to_answer(chats, frozenset({2}))
    assert again is not None and again.id == 4
    assert next_to_answer([chat(3)]) is None


def test_quiet_answered_chats_are_closed_thanked_ones_sooner() -> None:
    chats = [
        chat(1, quiet_s=250, role="agent", text="订单里点申请售后"), chat(2, quiet_s=60, role="agent", text="应该的～"),
        chat(3, quiet_s=60, role="agent", text="订单里点申请售后"), chat(4, 300, 300, "buyer"),
        chat(5, None, 300, "buyer"),
    ]  # fmt: skip
    assert to_close(chats, NOW) == [1, 2]


def test_only_what_came_after_the_last_answer_is_unanswered() -> None:
    lines = [line("buyer", "在吗"), line("agent", "在的"), line("buyer", "发错颜色了"), line("buyer", "看图")]
    assert unanswered_text(lines) == ("看图", 1)
    assert unanswered_text(lines[:2]) == ("", 1)
    assert unanswered_text([line("buyer", "打错了", recalled_at="x")]) == ("", 0)
    assert unanswered_text([line("buyer", "问题"), line("buyer", "")]) == ("问题", 0)


def test_a_chat_of_another_group_is_passed_on_sometimes_and_only_before_the_first_answer() -> None:
    wanted = [pass_on_to("发错颜色了", ["pre_sale"], 0, Random(seed)) for seed in range(200)]
    assert 40 < wanted.count("after_sale") < 110
    assert set(wanted) == {"after_sale", None}
    assert {pass_on_to("发错颜色了", ["after_sale"], 0, Random(seed)) for seed in range(50)} == {None}
    assert {pass_on_to("发错颜色了", ["pre_sale"], 1, Random(seed)) for seed in range(50)} == {None}
    assert {pass_on_to("什么材质", ["orders"], 0, Random(seed)) for seed in range(50)} == {None}


def test_breaks_come_now_and_then_and_are_short() -> None:
    for seed in range(50):
        until, lasts = break_plan(Random(seed))
        assert 1_200 <= until <= 3_600 and 60 <= lasts <= 600


def test_a_row_of_the_api_is_read() -> None:
    row = {
        "id": 7, "buyer_id": 8, "waiting_since": "2026-11-22T12:00:00Z", "last_role": "buyer", "last_text": "在吗",
        "last_message_at": "2026-11-22T12:00:01.500Z", "version": 3,
    }  # fmt: skip
    found = Chat.of(row)
    assert (found.id, found.waiting_since, found.version) == (7, NOW, 3)
    assert Chat.of({**row, "waiting_since": None}).waiting_since is None
