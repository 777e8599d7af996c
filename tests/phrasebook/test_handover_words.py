"""Hand-over words: 人工 always, the rest as a dated policy with an author (spec §3.3)."""

from __future__ import annotations

import pytest

from miaohui.kit.errors import Refusal
from miaohui.phrasebook.model.handover import DEFAULT_WORDS, HANDOVER_WORDS, heard_word, word_problems
from miaohui.shop import actions
from miaohui.shop.actions import Edit
from miaohui.shop.queries import find_policy
from tests.world import SHOP_A, World

VALUE = {"words": list(DEFAULT_WORDS)}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("转人工", "转人工"),
        ("我要人 工", None),
        ("人\u200b工客服在吗", "人工"),
        ("再不处理我就打１２３１５", "315"),
        ("你是真人吗", "真人"),
        ("在吗，这件还有货吗", None),
        ("", None),
        ("长" * 500 + "人工", None),
    ],
)
def test_a_word_is_heard_as_people_write_it(text: str, word: str | None) -> None:
    """domain.md §5.1: 人工 cannot be switched off; 投诉, 315, 消协 hand over."""
    assert heard_word(text, VALUE) == word


def test_the_word_for_a_person_counts_whatever_the_library_says() -> None:
    assert heard_word("人工！", {"words": ["退一赔三"]}) == "人工"
    assert heard_word("退一赔三", {"words": ["退一赔三"]}) == "退一赔三"


@pytest.mark.parametrize(
    ("words", "bad"), [(["人工"], 0), (["投诉"], 1), (["人工", "ＶＩＰ", "vip"], 1), (["人 工"], 1)]
)
def test_a_library_keeps_the_word_and_has_none_twice(words: list[str], bad: int) -> None:
    assert len(word_problems(words)) == bad


def test_a_supervisor_changes_the_library_but_cannot_take_the_word_out(world: World) -> None:
    world.write(lambda tx: actions.create_shop(tx, "甲店", shop_id=SHOP_A))

    def put(words: list[str], version: int) -> None:
        edit = Edit("差评多", None, version)
        world.write(lambda tx: actions.set_policy(tx, SHOP_A, HANDOVER_WORDS.kind, {"words": words}, edit))

    with pytest.raises(Refusal):
        put(["投诉"], 0)
    put(["人工", "退一赔三"], 0)
    now = world.clock.now()
    assert world.read(lambda conn: find_policy(conn, SHOP_A, HANDOVER_WORDS.kind, now)) == {
        "words": ["人工", "退一赔三"]
    }
