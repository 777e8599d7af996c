"""Chat records: roles, system texts, replies that do not count, plain text with speaker marks. Pure.

Source: domain.md §3.7 (marks of 飞鸽 and 千牛, the real accident of answering a system prompt), §2.6 (which
messages open and close a round), §2.1 (perfunctory replies do not count from 2026-09-29 on).
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from miaohui.importing.model.values import BadValue, time_value

BUYER, AGENT, ROBOT, SYSTEM = "buyer", "agent", "robot", "system"
ROLE_WORDS: dict[str, str] = {
    **dict.fromkeys(("买家", "顾客", "客户", "用户", "消费者", "访客", "buyer", "customer", "user", "接收", "in"), BUYER),
    **dict.fromkeys(("客服", "人工", "人工客服", "卖家", "商家", "店铺", "agent", "staff", "seller", "发送", "out"), AGENT),
    **dict.fromkeys(("机器人", "智能客服", "店小蜜", "自动回复", "ai", "bot", "robot", "AI客服", "ai客服"), ROBOT),
    **dict.fromkeys(("系统", "系统消息", "平台", "提示", "system"), SYSTEM),
}  # fmt: skip
SYSTEM_TEXTS = re.compile(
    r"用户超时未回复[，,]系统关闭会话|\[客服关闭会话\]|从历史会话发起会话|以上为历史消息|用户已等待超.{0,6}分钟|客服.{0,20}接入|"
    r"【即将超时】|^当前用户来自|^会话已(?:转接|结束|关闭)|^您已.{0,6}(?:转接|关闭)|撤回了一条消息"
)
WELCOME = re.compile(r"很高兴为您服务[，,]请问有什么可以帮您")
CARD_ONLY = re.compile(r"^\[(?:商品|订单卡片|进线卡片|链接|商品卡片)\]$")
_PERFUNCTORY = re.compile(
    r"^(?:嗯+|哦+|噢+|啊+|呃+|1+|6+|\.+|。+|？+|\?+|好的?|收到|稍等|在的?|亲+|您好|你好)[~～。.!！]*$"
)
_CLOSING = re.compile(
    r"^(?:好+的?|好滴|好嘞|嗯+|嗯好|哦+|噢+|知道了|明白了?|谢+|谢谢.{0,3}|多谢|感谢|辛苦了?|ok|可以了?|行|没事了?|不用了|再见|拜拜)"
    r"[呢吧啦哈哦的了，,、 ]*(?:谢谢|谢了|辛苦)?[~～。.!！👌🙏😊]*$",
    re.IGNORECASE,
)
_TRANSFER = re.compile(r"(?:转接|转给|转至|接入)")


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line of a plain-text record. `at_ms` None: the line carried no time."""

    session_id: str
    at_ms: int | None
    role: str
    sender: str
    text: str
    line_no: int


def role_of(word: str, sender: str = "", agents: frozenset[str] = frozenset()) -> str:
    """Return the role a cell names. Raises: BadValue for an unknown word."""
    word = word.strip()
    role = ROLE_WORDS.get(word) or ROLE_WORDS.get(word.lower())
    if role is not None:
        return role
    if sender and sender in agents:
        return AGENT
    for known, found in ROLE_WORDS.items():
        if len(known) > 1 and known in word:
            return found
    raise BadValue("不认识的发送方角色（应为 买家/客服/机器人/系统）")


def is_system_text(text: str) -> bool:
    """Tell whether a text is written by the platform, whoever the export says it is from."""
    return bool(SYSTEM_TEXTS.search(text))


def is_robot_text(text: str) -> bool:
    """Tell whether a text is the platform's automatic welcome."""
    return bool(WELCOME.search(text))


def is_card(text: str) -> bool:
    """Tell whether a buyer's 'message' is only the entry card that the platform sends for them."""
    return bool(CARD_ONLY.match(text.strip()))


def is_perfunctory(text: str) -> bool:
    """Tell whether an agent's reply says nothing (嗯、哦、稍等…), so that it may not count as a reply."""
    return bool(_PERFUNCTORY.match(text.strip()))


def is_closing(text: str) -> bool:
    """Tell whether a buyer's message only closes the talk (好的、谢谢): whether it needs a reply is open."""
    text = text.strip()
    return len(text) <= 12 and bool(_CLOSING.match(text))


# ---- plain text with speaker marks

_SESSION_MARK = re.compile(
    r"^[=\-—*#\s]*(?:会话|会话ID|会话编号|聊天记录|Session)\s*[:：#]?\s*([\w\-]+)[=\-—*#\s]*$", re.I
)
_STAMP = r"[\[【(]?(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]\d{1,2}:\d{2}(?::\d{2})?)[\]】)]?"
_TIME_FIRST = re.compile(rf"^{_STAMP}\s*([^:：\s][^:：]{{0,30}}?)\s*[:：]\s*(.*)$")
_NAME_FIRST = re.compile(rf"^([^:：]{{1,30}}?)\s*{_STAMP}\s*[:：]?\s*(.*)$")
_MARKED = re.compile(r"^([^:：\s]{1,20}(?:[(（][^)）]{1,20}[)）])?)\s*[:：]\s*(.*)$")


def _speaker(mark: str, agents: frozenset[str]) -> tuple[str, str] | None:
    """Return role and name of a mark such as 客服, 客服(小雨), 买家-甜甜; None when it is no speaker."""
    match = re.match(r"^([^(（\-—]+)[(（\-—]?([^)）]*)[)）]?$", mark.strip())
    if match is None:
        return None
    word, name = match[1].strip(), match[2].strip()
    try:
        return role_of(word, word, agents), name or ("" if word in ROLE_WORDS else word)
    except BadValue:
        return None


def chat_lines(
    lines: Iterable[str], agents: frozenset[str] = frozenset(), first_session: str = "1"
) -> Iterator[ChatLine]:
    """Return the messages of a plain-text record; lines without a mark continue the message before them.

    Knows '买家: …', '客服(小雨): …', '2026-11-20 20:01:02 买家: …', and a name followed by its time.
    A line such as '=== 会话 123 ===' starts a session.
    """
    session, held = first_session, None
    for number, raw in enumerate(lines, 1):
        line = raw.strip().lstrip("\ufeff")
        mark = _SESSION_MARK.match(line) if line else None
        started = None if mark or not line else _started(line, session, agents, number)
        if held is not None and (mark or started):
            yield held
            held = None
        if mark is not None:
            session = mark[1]
        elif started is not None:
            held = started
        elif held is not None and line:
            held = replace(held, text=f"{held.text}\n{line}" if held.text else line)
    if held is not None:
        yield held


def _started(line: str, session: str, agents: frozenset[str], number: int) -> ChatLine | None:
    for pattern, stamp_at, mark_at in ((_TIME_FIRST, 1, 2), (_NAME_FIRST, 2, 1)):
        if (match := pattern.match(line)) is not None and (who := _speaker(match[mark_at], agents)):
            return ChatLine(session, time_value(match[stamp_at]), who[0], who[1], match[3].strip(), number)
    if (match := _MARKED.match(line)) is not None and (who := _speaker(match[1], agents)):
        return ChatLine(session, None, who[0], who[1], match[2].strip(), number)
    return None


def chat_text_share(lines: list[str]) -> float:
    """Return which share of the filled lines carries a speaker mark: how surely a text is a chat record."""
    filled = [line for line in lines if line.strip()]
    marked = sum(
        1 for line in filled if _started(line.strip(), "1", frozenset(), 0) or _SESSION_MARK.match(line)
    )
    return marked / len(filled) if filled else 0.0


def is_transfer_text(text: str) -> bool:
    """Tell whether a system text reports a transfer to another agent."""
    return bool(_TRANSFER.search(text))
