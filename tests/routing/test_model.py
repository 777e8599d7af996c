"""The pure rules of routing, case by case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.routing.model import (
    Chat,
    Decision,
    Mode,
    Names,
    Presence,
    Rules,
    Seat,
    Standing,
    Verdict,
    candidate_zh,
    capacity_of,
    compact,
    decide,
    expanded,
    is_shop_open,
    summary_zh,
    takes_new_chats,
    takes_transfers,
)
from miaohui.staff.model import Skill

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
NAMES = Names({1: "安娜", 2: "小本"}, {7: "售前", 8: "售中"}, {"platform_rules": "平台规则"})


def seat(user_id: int, **more: object) -> Seat:
    values: dict[str, object] = {
        "name": f"客服{user_id}", "state": "online", "max_concurrency": 10, "group_ids": frozenset({7}), **more
    }  # fmt: skip
    return Seat(user_id, **values)  # type: ignore[arg-type]


def decided(chat: Chat, *seats: Seat, rules: Rules = Rules()) -> Decision:  # noqa: B008 - frozen
    return decide(chat, seats, rules, NOW, TODAY)


@pytest.mark.parametrize(
    ("presence", "lost", "new", "transfer"),
    [
        (Presence.ONLINE, False, True, True),
        (Presence.ON_BREAK, False, False, True),
        (Presence.OFFLINE, False, False, False),
        (Presence.ONLINE, True, False, False),
        (Presence.ON_BREAK, True, False, False),
    ],
)
def test_presence_says_what_may_reach_a_person(
    presence: Presence, lost: bool, new: bool, transfer: bool
) -> None:
    standing = Standing(1, presence, NOW, NOW if lost else None)
    assert (takes_new_chats(standing), takes_transfers(standing)) == (new, transfer)  # domain.md §5.1


def test_a_shop_is_open_while_somebody_is_online_or_on_a_break() -> None:
    assert not is_shop_open([Standing(1, Presence.OFFLINE, NOW)])
    assert is_shop_open([Standing(1, Presence.OFFLINE, NOW), Standing(2, Presence.ON_BREAK, NOW)])


@pytest.mark.parametrize(
    ("max_concurrency", "unanswered", "capacity"),
    [(10, 0, 10), (10, 2, 10), (10, 3, 9), (10, 4, 8), (10, 9, 8), (20, 5, 17), (20, 50, 8), (5, 5, 5)],
)
def test_capacity_shrinks_from_the_third_unanswered_chat_down_to_eight(
    max_concurrency: int, unanswered: int, capacity: int
) -> None:
    who = seat(1, max_concurrency=max_concurrency, unanswered=unanswered)
    assert capacity_of(who, Rules()) == capacity  # domain.md §5.3
    assert capacity_of(who, Rules(shrink=False)) == max_concurrency


@pytest.mark.parametrize(
    ("who", "verdict"),
    [
        (seat(1), Verdict.OK),
        (seat(1, group_ids=frozenset({8})), Verdict.NOT_IN_GROUP),
        (seat(1, state="offline"), Verdict.OFFLINE),
        (seat(1, state="on_break"), Verdict.ON_BREAK),
        (seat(1, state="unreachable"), Verdict.UNREACHABLE),
        (seat(9), Verdict.EXCLUDED),
        (seat(1, load=10), Verdict.FULL),
        (seat(1, load=12, state="on_break"), Verdict.ON_BREAK),
    ],
)
def test_each_filter_says_its_own_no(who: Seat, verdict: Verdict) -> None:
    found = decided(Chat(1, (7,), excluded_user_ids=frozenset({9})), who)
    assert found.candidates[0].verdict is verdict
    assert found.user_id == (who.user_id if verdict is Verdict.OK else None)


def test_scores_rank_sticky_over_own_group_over_idle() -> None:
    chat = Chat(1, (7, 8), sticky_user_id=3)
    own = seat(1, load=9)
    idle_elsewhere = seat(2, group_ids=frozenset({8}))
    sticky_elsewhere = seat(3, group_ids=frozenset({8}), load=9)
    assert decided(chat, own, idle_elsewhere).user_id == 1
    assert decided(chat, own, idle_elsewhere, sticky_elsewhere).user_id == 3
    assert decided(chat, own, seat(4, load=2)).user_id == 4


def test_ties_go_to_whoever_waited_longest_for_a_chat_then_to_the_lower_id() -> None:
    chat = Chat(1, (7,))
    old, new = NOW - timedelta(minutes=9), NOW - timedelta(minutes=1)
    assert decided(chat, seat(1, last_placed_at=new), seat(2, last_placed_at=old)).user_id == 2
    assert decided(chat, seat(1, last_placed_at=old), seat(2)).user_id == 2
    assert decided(chat, seat(2), seat(1)).user_id == 1


def test_a_skill_lapses_the_day_after_its_last() -> None:
    skill = Skill("platform_rules", 3, TODAY)
    chat = Chat(1, (7,), {"platform_rules": 3})
    who = seat(1, skills={"platform_rules": skill})
    assert decide(chat, [who], Rules(), NOW, TODAY).user_id == 1  # spec §1.5
    late = decide(chat, [who], Rules(), NOW, TODAY + timedelta(days=1))
    assert late.candidates[0].verdict is Verdict.SKILL_EXPIRED


seats = st.lists(
    st.builds(
        Seat,
        user_id=st.integers(1, 40), name=st.just("x"),
        state=st.sampled_from(["online", "on_break", "offline", "unreachable"]),
        max_concurrency=st.integers(1, 50), load=st.integers(0, 50), unanswered=st.integers(0, 50),
        group_ids=st.frozensets(st.sampled_from([7, 8, 9])),
        last_placed_at=st.none() | st.integers(0, 10**6).map(lambda s: NOW - timedelta(seconds=s)),
    ),
    max_size=12, unique_by=lambda s: s.user_id,
)  # fmt: skip


@given(seats, st.sampled_from(list(Mode)), st.frozensets(st.integers(1, 40)), st.integers(1, 40))
def test_a_decision_is_lawful_complete_and_survives_storing(
    people: list[Seat], mode: Mode, excluded: frozenset[int], sticky: int
) -> None:
    rules = Rules(mode=mode)
    chat = Chat(1, (7, 8), {}, sticky, excluded)
    found = decide(chat, people, rules, NOW, TODAY)
    assert {c.user_id for c in found.candidates} == {s.user_id for s in people}
    if found.user_id is not None:
        best = next(s for s in people if s.user_id == found.user_id)
        assert best.state == "online" and best.load < capacity_of(best, rules)
        assert best.group_ids & {7, 8} and best.user_id not in excluded
    else:
        assert all(c.verdict is not Verdict.OK for c in found.candidates)
    again = expanded(found.user_id, compact(found))
    assert [(c.user_id, c.verdict, c.score) for c in again.candidates if c.score] == [
        (c.user_id, c.verdict, c.score) for c in found.candidates if c.score
    ]
    assert {(c.user_id, c.verdict) for c in again.candidates} == {
        (c.user_id, c.verdict) for c in found.candidates
    }
    assert decide(chat, list(reversed(people)), rules, NOW, TODAY).user_id == found.user_id


def test_the_reasons_are_told_in_chinese() -> None:
    chat = Chat(1, (7, 8), {"platform_rules": 3}, sticky_user_id=1)
    rules = {"platform_rules": Skill("platform_rules", 4)}
    found = decided(
        chat, seat(1, load=4, skills=rules), seat(2, skills=rules, last_placed_at=NOW), seat(3),
        seat(4, load=10, skills=rules),
    )  # fmt: skip
    told = [candidate_zh(c, found, NAMES) for c in found.candidates]
    assert told == [
        "安娜：分给，得分 1260（最近接待过该买家 +1000，本组 +200，空闲（4/10）+60，还没分到过新会话）",
        "小本：符合条件但排在后面，得分 300（本组 +200，空闲（0/10）+100，上次分到新会话在 0 秒前）",
        "客服 3：没有分给，没有所需技能",
        "客服 4：没有分给，接待数已满（10/10）",
    ]
    text = summary_zh(found, "opened", "placed", NAMES)
    assert text.startswith("买家进线，已分配给安娜：得分 1260")
    assert text.endswith("（售前、售中，按优先级分配；需要技能：平台规则 ≥ 3 级）")
    nobody = decided(chat, seat(3), seat(4, load=10, skills=rules))
    assert summary_zh(nobody, "opened", "queued", NAMES) == (
        "买家进线，进入排队（售前、售中；需要技能：平台规则 ≥ 3 级）：1 人没有所需技能，1 人接待数已满"
    )
