"""Bodies of the phrasebook's routes."""

from __future__ import annotations

from miaohui.kit.http import Schema


class QuickReplyOut(Schema):
    """One quick reply. `pinyin` and `initials` are the reading of its title, for search while typing."""

    id: int
    title: str
    text: str
    scene: str
    shortcut: str
    pinyin: str
    initials: str


class QuickRepliesOut(Schema):
    """All quick replies of the shop, in its order; they are changed as the policy `quick_replies`."""

    items: list[QuickReplyOut]
