"""Quick replies as a policy: dated, versioned, edited and undone like every other rule of a shop. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from miaohui.phrasebook.model.defaults import DEFAULT_REPLIES
from miaohui.shop.model.policies import PolicyKind
from miaohui.shop.model.shapes import Choice, Each, Fields, Line, Problem

SCENES = ("live", "video", "pre_sale", "orders", "after_sale", "returning")
MAX_REPLIES = 500
LINE_BREAK = " / "


@dataclass(frozen=True)
class QuickReply:
    """One text that an agent may take. `text` may hold variables, `{买家}`; its bubbles are lines."""

    title: str
    text: str
    scene: str
    shortcut: str


def shortcut_problems(rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Refuse a shortcut that two replies share: nobody could say which is meant."""
    seen: dict[str, int] = {}
    for n, row in enumerate(rows):
        key = str(row.get("shortcut", "")).strip().lower()
        if key and key in seen:
            return [Problem(str(n), f"快捷码 {key} 与第 {seen[key] + 1} 条重复")]
        seen.setdefault(key, n)
    return []


QUICK_REPLIES = PolicyKind(
    "quick_replies",
    "快捷短语",
    "spec §3.2 (20–30 templates), §4.1 (scenes); texts: domain.md §5.7",
    {"replies": [dict(row) for row in DEFAULT_REPLIES]},
    Fields(
        {
            "replies": Each(
                Fields(
                    {
                        "title": Line(20),
                        "text": Line(500),
                        "scene": Choice(SCENES),
                        "shortcut": Line(20, 0),
                    }
                ),
                0,
                MAX_REPLIES,
                shortcut_problems,
            )
        }
    ),
    permission="phrasebook.manage",
)


def replies_of(value: Mapping[str, Any]) -> list[QuickReply]:
    """Return the quick replies of a policy's value, bubbles as lines of their own."""
    return [
        QuickReply(row["title"], row["text"].replace(LINE_BREAK, "\n"), row["scene"], row["shortcut"].strip())
        for row in value["replies"]
    ]
