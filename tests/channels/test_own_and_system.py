"""The robot must never answer itself nor the platform (domain.md §3.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from miaohui.channels.model import Inbound, Kind, Party, Role, parts
from miaohui.channels.own import fingerprint, is_own
from miaohui.channels.system_texts import DEFAULT_WELCOME_ZH, placeholder, system_marker
from tests.world import NOON


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("用户超时未回复，系统关闭会话", "closed_by_timeout"),
        ("用户超时未回复,系统关闭会话 ", "closed_by_timeout"),
        ("[客服关闭会话]", "closed_by_agent"),
        ("从历史会话发起会话", "opened_from_history"),
        ("以上为历史消息", "history_above"),
        (DEFAULT_WELCOME_ZH, "default_welcome"),
        ("用户已等待超3分钟，请尽快回复", "buyer_waits"),
        ("客服小美接入", "agent_joined"),
        ("客服 小美(售后1组) 接入会话", "agent_joined"),
        ("【即将超时】您即将超20分钟未回复买家，请及时回复，避免消极接待", "reply_due"),
        ("当前用户来自 商品详情页", "buyer_origin"),
    ],
)
def test_lines_of_the_platform_are_recognised_in_any_width(line, code):
    assert system_marker(line).code == code


@pytest.mark.parametrize(
    "line",
    [
        "请问用户超时未回复，系统关闭会话是什么意思", "客服怎么还不接入啊，我等了半天", "以上为历史消息？", "在吗", "",
        "客服快接入", "客服请尽快接入", "请问有什么可以帮您？", "[图片]", "我当前用户来自杭州",
    ],
)  # fmt: skip
def test_what_a_buyer_says_about_it_is_not_the_platforms_line(line):
    assert system_marker(line) is None


def test_markers_of_another_platform_do_not_count_when_the_platform_is_known():
    assert system_marker("当前用户来自 手淘", "qianniu") and not system_marker("当前用户来自 手淘", "feige")


@pytest.mark.parametrize(
    ("line", "type_"), [("[图片]", "image"), (" [订单卡片] ", "order_card"), ("[商品]", "product_card")]
)
def test_placeholders_stand_for_what_was_sent(line, type_):
    assert placeholder(line).type == type_
    assert placeholder(f"看{line}") is None


def said(text, role=Role.AGENT, after_s=5.0, **refs):
    at = NOON + timedelta(seconds=after_s)
    return Inbound(
        "bridge", "k", "e", Kind.MESSAGE, at, Party(role), "c1", parts=(parts.Text(text),), refs=refs
    )


SENT = [(fingerprint("c1", (parts.Text("亲，您的包裹预计明天送达，请耐心等待哦"),)), NOON)]


@pytest.mark.parametrize("role", list(Role))
def test_our_own_line_is_recognised_whatever_the_page_made_of_it(role):
    assert is_own(said("亲,您的包裹预计明天送达 ,请耐心等待哦", role), SENT)


def test_the_same_words_much_later_or_elsewhere_are_not_ours():
    assert not is_own(said("亲，您的包裹预计明天送达，请耐心等待哦", after_s=601), SENT)
    assert not is_own(said("亲，您的包裹今天送达"), SENT)
    other = [(fingerprint("c2", (parts.Text("亲，您的包裹预计明天送达，请耐心等待哦"),)), NOON)]
    assert not is_own(said("亲，您的包裹预计明天送达，请耐心等待哦"), other)


def test_a_buyer_who_answers_with_our_short_words_is_heard():
    sent = [(fingerprint("c1", (parts.Text("好的"),)), NOON)]
    assert not is_own(said("好的", Role.BUYER), sent)
    assert is_own(said("好的", Role.AGENT), sent)


def test_an_echo_that_names_our_key_needs_no_fingerprint():
    assert is_own(said("anything", key="9001"), [])
    assert not is_own(said("anything", Role.BUYER, key="9001"), [])
