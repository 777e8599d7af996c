"""Chat records: roles, system texts, keys that survive overlap, plain text (domain.md §3.7, §2.6)."""

# ruff: noqa: E501
from __future__ import annotations

from pathlib import Path

import pytest
from tests.importing.files import facts, plan, run
from tests.world import World

from miaohui.importing.model.chat import chat_lines, is_closing, is_perfunctory, is_system_text, role_of
from miaohui.importing.model.facts import IS_CARD, IS_CLOSING, IS_PERFUNCTORY
from miaohui.importing.model.messages import marks_of, resolved_role
from miaohui.importing.model.values import BadValue

HEADER = "会话ID,时间,发送方角色,发送方名,消息类型,内容,买家ID"


def chat_file(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    ["用户超时未回复，系统关闭会话", "[客服关闭会话]", "从历史会话发起会话", "以上为历史消息", "用户已等待超2分钟，请尽快回复", "客服小雨接入",
     "【即将超时】您即将超20分钟未回复买家", "当前用户来自商品详情页"],
)  # fmt: skip
def test_platform_prompts_are_system_whoever_the_export_says(text: str) -> None:
    assert is_system_text(text)
    assert resolved_role("buyer", text) == "system" == resolved_role("agent", text)


def test_the_default_welcome_is_the_robots() -> None:
    assert resolved_role("agent", "很高兴为您服务，请问有什么可以帮您？") == "robot"


@pytest.mark.parametrize("text", ["好的", "好的谢谢", "谢谢啦", "嗯嗯", "OK", "知道了", "好滴谢谢~"])
def test_courtesies_are_told(text: str) -> None:
    assert is_closing(text) and marks_of("buyer", text, "") & IS_CLOSING


@pytest.mark.parametrize("text", ["好的那什么时候发货", "谢谢 那包邮吗", "好看吗", "不好"])
def test_questions_are_no_courtesies(text: str) -> None:
    assert not is_closing(text)


@pytest.mark.parametrize("text", ["稍等", "嗯", "在的", "好的", "亲"])
def test_empty_replies_are_told(text: str) -> None:
    assert is_perfunctory(text) and marks_of("agent", text, "") & IS_PERFUNCTORY


def test_a_card_is_no_question() -> None:
    assert marks_of("buyer", "[商品]", "") & IS_CARD


def test_an_unknown_role_is_refused() -> None:
    assert role_of("顾客") == "buyer" and role_of("客服-小雨") == "agent"
    with pytest.raises(BadValue):
        role_of("甲方")


def test_equal_texts_in_one_second_are_two_messages_and_overlap_keeps_them_two(
    world: World, tmp_path: Path
) -> None:
    lines = ["s1,2026-11-20 20:00:00,买家,甜甜,文本,在吗,u1"] * 2 + [
        "s1,2026-11-20 20:00:05,客服,小雨,文本,在的,u1"
    ]
    run(world, chat_file(tmp_path, "a.csv", lines))
    report = run(
        world, chat_file(tmp_path, "b.csv", [*lines, "s1,2026-11-20 20:00:09,买家,甜甜,文本,包邮吗,u1"])
    )
    assert (report.new, report.overlapping) == (1, 3)
    assert len(facts(world, "messages", "session_id", "at_ms", "digest")) == 4


def test_plain_text_with_speaker_marks_is_recognised_and_read(world: World, tmp_path: Path) -> None:
    path = tmp_path / "聊天记录.txt"
    path.write_text(
        "===== 会话 7001 =====\n2026-11-20 20:00:00 买家：包邮吗\n新疆的\n2026-11-20 20:00:20 客服(小雨)：包邮哦\n"
        "===== 会话 7002 =====\n[2026-11-20 21:00:00] 顾客: 在吗\n",
        encoding="utf-8",
    )
    assert plan(path).kind is not None and plan(path).kind.code == "chat_text"  # type: ignore[union-attr]
    run(world, path)
    assert facts(world, "messages", "session_id", "role", "text") == [
        ("7001", "agent", "包邮哦"), ("7001", "buyer", "包邮吗\n新疆的"), ("7002", "buyer", "在吗"),
    ]  # fmt: skip


def test_a_line_without_a_time_is_told() -> None:
    found = list(chat_lines(["买家：在吗", "客服：在的"]))
    assert [line.at_ms for line in found] == [None, None] and [line.role for line in found] == [
        "buyer",
        "agent",
    ]
