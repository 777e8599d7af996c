"""Search in Chinese: two characters, longer words, ranked, no limit on how far back, only what one may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.model import Kind
from miaohui.inbox.actions.conversation import assign_conversation
from miaohui.inbox.model import Scope, query_of, score
from miaohui.inbox.queries import search as search_room
from miaohui.inbox.queries.search import Search, search_messages
from miaohui.kit.errors import Refusal
from miaohui.kit.text import folded, is_cjk
from tests.door import CHARLIE_OUTSIDER
from tests.inbox.desk import Desk
from tests.inbox.parts import ACCOUNT, arrive, later, line, only
from tests.inbox.people import BOB_IN_GROUP, DORA_ELSEWHERE, GROUP, talk
from tests.world import SHOP_A, SHOP_B, World

EVERYBODY = Scope(1, None)


def find(world: World, text: str, scope: Scope = EVERYBODY, shop: int = SHOP_A, **more: Any) -> list[str]:
    now = world.clock.now()
    found = world.read(lambda conn: search_messages(conn, scope, shop, Search(text, **more), now))
    return [hit.text for hit in found.items]


def say_all(world: World, *texts: str) -> None:
    for n, text in enumerate(texts):
        arrive(world, line(text, f"{n}-{text[:20]}", at=later(n)))


def test_a_word_of_two_characters_is_found_wherever_it_stands(world: World) -> None:
    say_all(world, "能便宜一点吗", "便宜", "这个不贵", "太便宜了吧", "便，宜")
    assert set(find(world, "便宜")) == {"能便宜一点吗", "便宜", "太便宜了吧"}


def test_longer_words_must_stand_together(world: World) -> None:
    say_all(world, "什么时候发货", "发货时候什么样", "什么时 候发货", "时候发货什么")
    assert find(world, "什么时候发货") == ["什么时候发货"]


def test_all_words_must_occur_and_the_exact_short_and_frequent_come_first(world: World) -> None:
    say_all(world, "退款", "退款退款退款", "我想问一下昨天申请的那个退款什么时候能够到账呢谢谢", "发货")
    assert find(world, "退款")[0] == "退款" and find(world, "退款")[-1].startswith("我想问")
    assert find(world, "退款 到账") == ["我想问一下昨天申请的那个退款什么时候能够到账呢谢谢"]


def test_words_numbers_and_widths_are_found_too(world: World) -> None:
    say_all(world, "iPhone15 壳有吗", "订单6920000000000000001到哪了", "ＯＫ的", "iphone14")
    assert find(world, "iphone") == ["iphone14", "iPhone15 壳有吗"]
    assert find(world, "6920000000000000001") == ["订单6920000000000000001到哪了"]
    assert find(world, "69200") == ["订单6920000000000000001到哪了"]
    assert find(world, "ok") == ["ＯＫ的"]


def test_a_single_character_and_signs_alone_are_too_short(world: World) -> None:
    for text in ("退", "？？", "😀", "  ", '"', "*"):
        with pytest.raises(Refusal, match="query_too_short"):
            find(world, text)
    say_all(world, "退货怎么退", "退货包邮吗")
    assert find(world, "退货 邮") == ["退货包邮吗"]


@pytest.mark.parametrize(
    "text", ['便宜" OR "x', "便宜 AND", "NEAR(便宜)", "便宜*", "tokens:便宜", "便宜' & '", ":*"]
)
def test_a_search_text_is_never_a_query_language(world: World, text: str) -> None:
    say_all(world, "能便宜吗")
    try:
        find(world, text)
    except Refusal as refusal:
        assert refusal.code == "inbox.query_too_short"


def test_a_phone_number_is_not_in_the_index(world: World) -> None:
    """reliability.md R8."""
    say_all(world, "我电话18612340001")
    assert find(world, "18612340001") == []


def test_what_is_two_years_old_is_found(world: World) -> None:
    arrive(world, line("两年前的便宜", "old", at=later(-2 * 365 * 86_400)))
    world.clock.advance(2 * 365 * 86_400)
    arrive(world, line("今天的便宜货", "new", at=world.clock.now()))
    assert find(world, "便宜") == ["今天的便宜货", "两年前的便宜"]


def test_pages_go_through_all_hits_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_room, "CANDIDATES", 10)
    say_all(world, *[f"便宜{n}号" for n in range(37)])
    seen: list[str] = []
    cursor: tuple[int, int] | None = None
    for _ in range(40):
        page = world.read(
            lambda conn, at=cursor: search_messages(
                conn, EVERYBODY, SHOP_A, Search("便宜", limit=4, cursor=at), world.clock.now()
            )
        )
        seen += [hit.text for hit in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(f"便宜{n}号" for n in range(37))


def test_an_edit_is_found_by_its_new_words_and_a_recall_not_at_all(world: World) -> None:
    say_all(world, "要红色的")
    key = only(world.read(lambda conn: conn.exec_driver_sql("SELECT message_key FROM inbox_messages").all()))[
        0
    ]
    arrive(world, line("要蓝色的", "e", kind=Kind.EDIT, message_key=key))
    assert find(world, "红色") == [] and find(world, "蓝色") == ["要蓝色的"]
    arrive(world, line("", "r", kind=Kind.RECALL, message_key=key, parts=()))
    assert find(world, "蓝色") == []


def test_another_shop_finds_nothing_and_an_agent_only_the_own(world: World) -> None:
    """LLM09: the tenant is inside the index; a person's groups are checked on every hit."""
    say_all(world, "能便宜吗")
    conversation = int(
        world.read(lambda conn: conn.exec_driver_sql("SELECT id FROM inbox_conversations").scalar_one())
    )
    world.write(lambda tx: assign_conversation(tx, SHOP_A, conversation, 5, 77, "x", None))
    assert find(world, "便宜", shop=SHOP_B) == []
    sees = {
        scope: bool(find(world, "便宜", Scope(*scope)))
        for scope in ((5, frozenset()), (6, frozenset({77})), (6, frozenset({78})), (6, frozenset()))
    }
    assert list(sees.values()) == [True, True, False, False]


def test_filters_narrow_a_search(world: World) -> None:
    say_all(world, "能便宜吗")
    arrive(world, line("便宜点", "other", "buyer-2", at=later(5)))
    assert find(world, "便宜", since=later(-1), until=world.clock.now() + timedelta(seconds=1)) != []
    assert find(world, "便宜", until=world.clock.now() - timedelta(days=1)) == []
    assert find(world, "便宜", role="agent") == [] and find(world, "便宜", channel=ACCOUNT.channel) != []


def test_the_route_pages_and_keeps_to_the_callers_rights(desk: Desk) -> None:
    a = talk(desk, text="能便宜吗")
    desk.world.write(lambda tx: assign_conversation(tx, SHOP_A, a, None, GROUP, "x", None))
    ask = lambda who, q="便宜": desk.call("GET", "/api/messages/search", as_=who, params={"q": q})
    assert only(ask(BOB_IN_GROUP).body["items"])["conversation_id"] == a
    assert ask(DORA_ELSEWHERE).body["items"] == [] and ask(CHARLIE_OUTSIDER).body["items"] == []
    assert ask(BOB_IN_GROUP, "退").code == "inbox.query_too_short"
    assert ask(BOB_IN_GROUP, "便宜").body["needles"] == ["便宜"]


@given(st.text(max_size=60))
def test_every_search_text_is_understood_or_refused(text: str) -> None:
    try:
        found = query_of(7, text)
    except Refusal as refusal:
        assert refusal.code == "inbox.query_too_short"
        return
    for phrase in found.phrases:
        for token in phrase:
            assert token.startswith("7_") and all(is_cjk(c) or c.isalnum() for c in token[2:])


@given(st.text(max_size=40), st.text(min_size=1, max_size=5))
def test_a_score_is_positive_exactly_when_the_word_occurs(text: str, needle: str) -> None:
    word = folded(needle)
    if word.strip():
        assert (score(text, (word,), 0.0) > 0) == (word in folded(text))
