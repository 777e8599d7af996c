"""Lines that 飞鸽 and 千牛 write themselves: never a buyer's question, never a round. Pure data and one look-up.

A robot that answers them answers itself without end (the accident of domain.md §3.7). Placeholders such as
`[图片]` stand for something that somebody did send: they become that part, not a system line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from miaohui.channels.model import Part, parts
from miaohui.kit.text import folded


@dataclass(frozen=True)
class Marker:
    """One text of a platform. `code` is stable for rules; `pattern` fits the folded line from its start."""

    code: str
    platform: str
    pattern: str


MARKERS: tuple[Marker, ...] = (
    Marker("closed_by_timeout", "feige", r"用户超时未回复,系统关闭会话$"),
    Marker("closed_by_agent", "feige", r"\[客服关闭会话\]$"),
    Marker("opened_from_history", "feige", r"从历史会话发起会话$"),
    Marker("history_above", "feige", r"以上为历史消息$"),
    Marker("default_welcome", "feige", r"很高兴为您服务,请问有什么可以帮您\?$"),
    Marker("buyer_waits", "feige", r"用户已等待超.{1,12}分钟,请尽快回复"),
    Marker(
        "agent_joined",
        "feige",
        r"客服(?!.*(快|请|怎么|什么|赶紧|能|还不|没有|麻烦)).{1,40}接入(会话)?[。.]?$",
    ),
    Marker("reply_due", "qianniu", r"【即将超时】您即将超.{1,20}未回复买家"),
    Marker("buyer_origin", "qianniu", r"当前用户来自"),
)
DEFAULT_WELCOME_ZH = "很高兴为您服务，请问有什么可以帮您？"
PLACEHOLDERS: dict[str, Part] = {
    "[商品]": parts.ProductCard(""),
    "[商品卡片]": parts.ProductCard(""),
    "[图片]": parts.Image(is_viewable=False),
    "[视频]": parts.Video(is_viewable=False),
    "[语音]": parts.Voice(is_viewable=False),
    "[文件]": parts.File(is_viewable=False),
    "[表情]": parts.Emoji("", "表情"),
    "[订单卡片]": parts.OrderCard(""),
    "[订单]": parts.OrderCard(""),
}
_COMPILED = tuple((marker, re.compile(marker.pattern)) for marker in MARKERS)


def system_marker(text: str, platform: str = "") -> Marker | None:
    """Return which text of the platform this line is, or None for what a person wrote.

    Full-width and half-width punctuation count as the same. `platform`: '' looks at all of them.
    """
    line = folded(text).strip()
    for marker, pattern in _COMPILED:
        if platform in ("", marker.platform) and pattern.match(line):
            return marker
    return None


def placeholder(text: str) -> Part | None:
    """Return the part that a placeholder line stands for, or None."""
    return PLACEHOLDERS.get(text.strip())
