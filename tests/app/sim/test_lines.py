"""The lines that ship: enough of them, clean, and covering what buyers ask."""

from __future__ import annotations

import re

from miaohui.app.sim.lines import (
    AFTER_SALE_TOPICS,
    LIVE_TOPICS,
    ORDER_TOPICS,
    PLAIN,
    PRE_SALE_TOPICS,
    load_lines,
)
from miaohui.kit.text import masked_text


def every_line() -> list[str]:
    found = load_lines()
    tables = (found.openers, found.follow_ups, found.plain)
    return [text for table in tables for texts in table.values() for text in texts]


def test_there_are_about_three_thousand_lines_and_every_topic_can_be_opened() -> None:
    lines = load_lines()
    assert len(every_line()) > 2_800
    for topic in (*LIVE_TOPICS, *PRE_SALE_TOPICS, *ORDER_TOPICS, *AFTER_SALE_TOPICS):
        assert len(lines.openers[topic]) >= 2, topic
        assert lines.follow_ups[topic], topic
    assert set(lines.plain) == set(PLAIN)


def test_no_line_holds_a_number_that_could_be_somebodys() -> None:
    for text in every_line():
        assert masked_text(text) == text
        assert not re.search(r"\d{6,}", text), text


def test_no_line_speaks_of_another_platform() -> None:
    for text in every_line():
        assert not re.search(r"京东|淘宝|天猫|拼多多", text), text


def test_the_live_room_has_its_own_words() -> None:
    texts = " ".join(load_lines().openers["live_price"] + load_lines().openers["gift"])
    for word in ("直播间", "小黄车", "主播", "福袋", "赠品"):
        assert word in texts
