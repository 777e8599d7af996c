"""Words by which a buyer asks for a person, or threatens: they go ahead of others. Pure.

Source: spec §3.3 (a keyword library; the word 人工 always), domain.md §5.1 (人工 cannot be switched off; 拦截词).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from miaohui.kit.text import folded
from miaohui.shop.model.policies import PolicyKind
from miaohui.shop.model.shapes import Each, Fields, Line, Problem

ALWAYS = "人工"
DEFAULT_WORDS = (ALWAYS, "转人工", "真人", "活人", "不要机器人", "投诉", "315", "消协")
MAX_WORDS = 200
MAX_HEARD_CHARS = 400  # who asks for a person says so shortly; pasted pages are no request


def word_problems(words: Sequence[Any]) -> list[Problem]:
    """Refuse a list without 人工, or with a word twice."""
    seen = [folded(str(word)).strip() for word in words]
    if ALWAYS not in seen:
        return [Problem("", f"“{ALWAYS}”必须保留：平台规定买家说“{ALWAYS}”一定要转人工")]
    twice = next((word for n, word in enumerate(seen) if word in seen[:n]), None)
    return [] if twice is None else [Problem("", f"“{twice}”重复了")]


HANDOVER_WORDS = PolicyKind(
    "handover_words",
    "转人工词库",
    "spec §3.3, domain.md §5.1",
    {"words": list(DEFAULT_WORDS)},
    Fields({"words": Each(Line(20), 1, MAX_WORDS, word_problems)}),
    permission="phrasebook.manage",
)


def heard_word(text: str, value: Mapping[str, Any]) -> str | None:
    """Return the longest word of the library in a buyer's text, or None. 人工 counts whatever the library says."""
    said = folded(text[:MAX_HEARD_CHARS])
    found = [word for word in (*value["words"], ALWAYS) if folded(word).strip() in said]
    return max(found, key=len, default=None)
