"""Quick replies: defaults within the article's numbers, edited as a policy, found by pinyin (spec §3.2, §4.1, §4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from miaohui.kit.pinyin import reading
from miaohui.phrasebook.model import QUICK_REPLIES, SCENES, replies_of
from miaohui.phrasebook.model.defaults import DEFAULT_REPLIES
from miaohui.phrasebook.routes import router
from miaohui.shop import actions
from miaohui.shop.actions import Edit
from tests.door import ALICE_OWNER, BOB_AGENT, CHARLIE_OUTSIDER, Door, caller
from tests.world import SHOP_A, SHOP_B, World

MARKS = re.compile(r"[，。！？、：/\s{}\W_]")


@pytest.fixture
def door(world: World) -> Iterator[Door]:
    for shop_id, name in ((SHOP_A, "甲店"), (SHOP_B, "乙店")):
        world.write(lambda tx, s=shop_id, n=name: actions.create_shop(tx, n, shop_id=s))
    made = Door(world, router)
    yield made
    made.close()


def test_a_new_shop_has_twenty_to_thirty_templates_over_the_scenes() -> None:
    """spec §3.2, §4.1."""
    assert 20 <= len(DEFAULT_REPLIES) <= 30
    assert {row["scene"] for row in DEFAULT_REPLIES} == set(SCENES)


def test_no_sentence_of_the_defaults_is_longer_than_fifteen_characters() -> None:
    """spec §4.3: punctuation and variables do not count."""
    for row in DEFAULT_REPLIES:
        for sentence in re.split(r" / |，", row["text"]):
            plain = MARKS.sub("", re.sub(r"\{[^}]+\}", "", sentence))
            assert len(plain) <= 15, sentence


def test_bubbles_become_lines() -> None:
    found = replies_of(
        {"replies": [{"title": "a", "text": "好的 / 稍等", "scene": "live", "shortcut": " x "}]}
    )
    assert (found[0].text, found[0].shortcut) == ("好的\n稍等", "x")


@pytest.mark.parametrize(
    ("row", "fits"),
    [
        ({"title": "退货", "text": "好的", "scene": "after_sale", "shortcut": "th"}, True),
        ({"title": "退货", "text": "好的", "scene": "after_sale", "shortcut": ""}, True),
        ({"title": "", "text": "好的", "scene": "after_sale", "shortcut": ""}, False),
        ({"title": "退货", "text": "好的", "scene": "moon", "shortcut": ""}, False),
    ],
)
def test_a_reply_needs_a_title_a_text_and_a_known_scene(row: dict[str, str], fits: bool) -> None:
    assert (not QUICK_REPLIES.shape.problems({"replies": [row]})) is fits


def test_a_shortcut_belongs_to_one_reply() -> None:
    row = {"title": "退货", "text": "好的", "scene": "after_sale", "shortcut": "th"}
    found = QUICK_REPLIES.shape.problems({"replies": [row, {**row, "title": "换货", "shortcut": "TH"}]})
    assert [problem.path for problem in found] == ["replies.1"]


@pytest.mark.parametrize(
    ("text", "full", "initials"),
    [
        ("退货流程", "tuihuoliucheng", "thlc"),
        ("7天无理由", "7tianwuliyou", "7twly"),
        ("VIP", "vip", "v"),
        ("😀", "", ""),
    ],
)
def test_a_title_is_read_in_full_and_by_first_letters(text: str, full: str, initials: str) -> None:
    assert reading(text) == (full, initials)


def test_an_agent_reads_what_a_supervisor_changed_and_another_shop_does_not(door: Door, world: World) -> None:
    """spec §3.2: the shop's own templates, as a dated policy."""
    row = {"title": "本店专属", "text": "{买家}您好", "scene": "live", "shortcut": "hi"}
    world.write(
        lambda tx: actions.set_policy(tx, SHOP_A, "quick_replies", {"replies": [row]}, Edit("", None, 0))
    )
    mine = door.call("GET", "/api/quick-replies", as_=BOB_AGENT).body["items"]
    assert [(one["title"], one["initials"], one["text"]) for one in mine] == [
        ("本店专属", "bdzs", "{买家}您好")
    ]
    theirs = door.call("GET", "/api/quick-replies", as_=CHARLIE_OUTSIDER).body["items"]
    assert len(theirs) == len(DEFAULT_REPLIES)


def test_who_may_not_use_the_phrasebook_is_refused(door: Door) -> None:
    assert door.call("GET", "/api/quick-replies", as_=caller(9, "viewer")).status == 403
    assert door.call("GET", "/api/quick-replies", as_=ALICE_OWNER).status == 200
