"""The rules of conversations and messages. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from miaohui.channels.model import Part, plain_text
from miaohui.kit.errors import RefusalKind
from miaohui.kit.text import folded, is_cjk, masked_text, search_tokens

FAR_MS = 9_007_199_254_740_991  # later than every deadline, and still exact as a JSON number
REOPEN_WITHIN_S = 600  # asked again within 10 minutes: the same conversation (domain §2.3)
SEND_TIMEOUT_S = 20.0
LOOK_UP_AFTER_S = (2, 5, 10, 15, 30, 60, 300, 1800)  # F15: an unknown outcome is known within 60 s, if ever
SILENT_AFTER_S = 900
MAX_TEXT_CHARS = 20_000
MAX_INDEXED_CHARS = 4_000
PREVIEW_CHARS = 80
MAX_TOKEN_CHARS = 64
MAX_NEEDLES = 8

CONVERSATION_CLOSED = RefusalKind(
    "inbox.conversation_closed",
    409,
    "会话已结束，请先重新打开",
    "The conversation is closed: reopen it first",
)
NOT_CLOSED = RefusalKind("inbox.not_closed", 409, "会话并未结束", "The conversation is open")
BUYER_BACK = RefusalKind(
    "inbox.other_open", 409, "该买家已有进行中的会话", "This buyer has another open conversation"
)
TAKEN = RefusalKind("inbox.taken", 409, "会话已被其他客服接待", "Somebody else has this conversation already")
CLIENT_ID_REUSED = RefusalKind(
    "inbox.client_id_reused",
    409,
    "同一发送编号对应了不同内容，请刷新后重发",
    "This client_id was used for another content: use a new one",
)
EMPTY_REPLY = RefusalKind("inbox.empty_reply", 422, "请输入内容", "There is nothing to send")
TEXT_TOO_LONG = RefusalKind(
    "inbox.text_too_long", 422, "超出该渠道单条字数上限，请拆分", "Too long for one message of this channel"
)
PART_NOT_SUPPORTED = RefusalKind(
    "inbox.part_not_supported", 422, "该渠道不支持发送此类消息", "This channel cannot send that kind of part"
)
WINDOW_CLOSED = RefusalKind(
    "inbox.window_closed",
    409,
    "当前不能向该买家发送消息，请看渠道窗口说明",
    "The channel does not let us write to this buyer now: see the window",
)
CHANNEL_MISSING = RefusalKind(
    "inbox.channel_missing", 409, "该渠道未接入发送能力", "This channel cannot send messages here"
)
NOT_RECALLABLE = RefusalKind(
    "inbox.not_recallable", 409, "这条消息不能撤回", "This message cannot be recalled"
)
NOT_UNKNOWN = RefusalKind(
    "inbox.not_unknown", 409, "这条消息的发送结果已经明确", "The outcome of this message is known"
)
LABEL_EXISTS = RefusalKind("inbox.label_exists", 409, "已有同名标签", "There is a label of that name")
QUERY_TOO_SHORT = RefusalKind(
    "inbox.query_too_short", 422, "请至少输入两个字", "Type at least two characters"
)
SNOOZE_IN_PAST = RefusalKind("inbox.snooze_in_past", 422, "请选择将来的时间", "Choose a time in the future")
NOT_GENUINE = RefusalKind("inbox.not_genuine", 401, "签名校验失败", "The signature is not valid")
LINK_EXPIRED = RefusalKind(
    "inbox.link_expired", 403, "链接已失效，请刷新页面", "The link has expired: reload the page"
)
WIDGET_SESSION = RefusalKind(
    "inbox.widget_session", 401, "对话已过期，请刷新页面", "The chat session has expired: reload the page"
)
WIDGET_ORIGIN = RefusalKind(
    "inbox.widget_origin", 403, "本网站未获授权使用该客服窗口", "This site may not embed the widget"
)
NOTHING_TO_RATE = RefusalKind(
    "inbox.nothing_to_rate", 409, "还没有可评价的会话", "There is no conversation to rate yet"
)
TOO_MANY_ITEMS = RefusalKind("inbox.too_many_items", 422, "一次最多处理 200 个会话", "At most 200 at a time")

CLOSE_REASONS_ZH: Mapping[str, str] = {
    "agent": "客服关闭", "buyer_left": "买家离开", "silent": "静默超时", "solved": "问题已解决",
    "transferred": "转接", "takeover": "管理员接管", "platform": "平台关闭", "spam": "无效或骚扰",
    "bulk": "批量关闭", "shift_end": "下班关闭", "system": "系统关闭",
}  # fmt: skip


class State(StrEnum):
    """Where a message is. Buyers' messages are `received`; ours go through the outbox (F15)."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNKNOWN = "unknown"


FOLLOWS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.REFUSED}),
    State.SENDING: frozenset({State.DELIVERED, State.REFUSED, State.UNKNOWN, State.QUEUED}),
    State.UNKNOWN: frozenset({State.DELIVERED, State.REFUSED}),
    State.DELIVERED: frozenset({State.REFUSED}),  # the platform took it back: msg_send_fail
    State.REFUSED: frozenset(),
    State.RECEIVED: frozenset(),
}


def can_follow(before: State, after: State) -> bool:
    """Tell whether a message may go from one state to the other; none is ever sent a second time."""
    return after in FOLLOWS[before]


@dataclass(frozen=True)
class ReplyDraft:
    """What is to be sent. `reply_to_message_id` is ours, of the message it answers to."""

    parts: tuple[Part, ...]
    by_robot: bool = False
    reply_to_message_id: int | None = None
    refs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return plain_text(self.parts)


@dataclass(frozen=True)
class Received:
    """What became of a delivered message: stored, duplicate, conflict, echo or ignored."""

    outcome: str
    conversation_id: int = 0
    message_id: int = 0


# ---- system texts of 飞鸽 and 千牛: never a question, never a round (domain §3.7)

_SYSTEM_EXACT = frozenset(
    {
        "用户超时未回复，系统关闭会话", "用户超时未回复,系统关闭会话", "[客服关闭会话]", "从历史会话发起会话",
        "以上为历史消息", "很高兴为您服务，请问有什么可以帮您？", "很高兴为您服务，请问有什么可以帮您?",
        "[商品]", "[图片]", "[订单卡片]",
    }
)  # fmt: skip
_SYSTEM_PATTERNS = (
    re.compile(r"^用户已等待超.{0,12}分钟，?请尽快回复"),
    re.compile(r"^客服.{1,40}(接入|为您服务)。?$"),
    re.compile(r"^【即将超时】您即将超.{1,20}未回复买家"),
    re.compile(r"^当前用户来自"),
)
_SYSTEM_CHANNELS = frozenset({"bridge", "feige", "pigeon", "qianniu", "dongdong"})


def is_system_text(channel: str, text: str) -> bool:
    """Tell whether a line that a bridge read from 飞鸽 or 千牛 was written by the platform.

    Only bridges read such lines off a screen; a buyer of another channel who types the same words is a buyer.
    Source: domain §3.7.
    """
    if channel not in _SYSTEM_CHANNELS:
        return False
    line = text.strip()
    return line in _SYSTEM_EXACT or any(pattern.search(line) for pattern in _SYSTEM_PATTERNS)


def preview(text: str) -> str:
    """Return what a list row shows of a message: one line, short, personal numbers masked."""
    line = " ".join(text[: PREVIEW_CHARS * 4].split())
    shown = masked_text(line)
    return shown if len(shown) <= PREVIEW_CHARS else shown[: PREVIEW_CHARS - 1] + "…"


def kind_of(parts: tuple[Part, ...]) -> str:
    """Return the type that stands for the message: that of its first part which is not a quote."""
    for part in parts:
        if part.type != "quote":
            return part.type
    return parts[0].type if parts else "unknown"


# ---- lists: what burns first, then who waits longest, then what moved last


class Box(StrEnum):
    """The boxes of the conversation list."""

    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    WAITING = "waiting"
    OVERDUE = "overdue"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    MENTIONED = "mentioned"


@dataclass(frozen=True)
class ListFilter:
    """Which conversations a list shows. Empty fields filter nothing."""

    box: Box = Box.OPEN
    agent_id: int | None = None
    group_id: int | None = None
    channel: str = ""
    account_id: int | None = None
    label_id: int | None = None
    buyer_id: int | None = None
    entry: str = ""


@dataclass(frozen=True)
class Page:
    """A page of a list. `cursor` is the sort key of the last row before it, None for the first page."""

    limit: int = 50
    cursor: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Scope:
    """What a person may see: everything, or the conversations of their groups and their own."""

    user_id: int
    group_ids: frozenset[int] | None

    @property
    def sees_all(self) -> bool:
        return self.group_ids is None


def can_see(scope: Scope, agent_id: int | None, group_id: int | None) -> bool:
    """Tell whether a conversation with this agent and group is in `scope`."""
    if scope.group_ids is None or agent_id == scope.user_id:
        return True
    return group_id is not None and group_id in scope.group_ids


# ---- search


@dataclass(frozen=True)
class Query:
    """A search as understood: every needle must occur in the text, every phrase in the index.

    Shape: a phrase is a run of index tokens; its last one may be the beginning of a word (`is_open`).
    """

    needles: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    are_open: tuple[bool, ...]


def shop_tokens(shop_id: int, tokens: list[str]) -> list[str]:
    """Return index tokens with their shop in front: the tenant filter is inside the index."""
    return [f"{shop_id}_{token[:MAX_TOKEN_CHARS]}" for token in tokens]


def query_of(shop_id: int, text: str) -> Query:
    """Return a search text as understood: words apart by blanks must all occur.

    Chinese words of two characters are one index token, longer ones a phrase of adjacent pairs. A single
    Chinese character is only a filter beside other words; the last Latin word may be unfinished.
    Raises: Refusal inbox.query_too_short when nothing can be looked up in the index.
    """
    needles = tuple(needle for word in text.split()[:MAX_NEEDLES] if (needle := folded(word)[:100].strip()))
    phrases: list[tuple[str, ...]] = []
    are_open: list[bool] = []
    for needle in needles:
        tokens = search_tokens(needle)
        if not tokens or (tokens == [needle] and len(needle) == 1):
            continue
        phrases.append(tuple(shop_tokens(shop_id, tokens)))
        are_open.append(not is_cjk(tokens[-1][0]) and len(tokens[-1]) >= 2)
    if not phrases:
        QUERY_TOO_SHORT.refuse(query=text[:100])
    return Query(needles, tuple(phrases), tuple(are_open))


def score(text: str, needles: tuple[str, ...], age_days: float) -> float:
    """Return how well a found message answers a search; 0 when a needle does not occur.

    Exact hits count most, then how often, then how short the text is, then how new. Units: 0–4.
    """
    line = folded(text)
    total = 0.0
    for needle in needles:
        times = line.count(needle)
        if times == 0:
            return 0.0
        total += min(times, 4) / 4 + len(needle) / max(len(line), len(needle))
    exact = 1.0 if line.strip() in needles else 0.0
    return exact + total / len(needles) + 1.0 / (1.0 + age_days / 30.0)


def is_silent(last_at: datetime, now: datetime, after_s: int) -> bool:
    """Tell whether a channel has been silent for too long."""
    return (now - last_at).total_seconds() >= after_s
