"""What the capability page shows."""

from __future__ import annotations

from miaohui.kit.http import Schema


class ChannelOut(Schema):
    """One channel: what it can do, and what of that nobody has tried on the live platform."""

    channel: str
    name_zh: str
    families: list[str]
    parts_in: list[str]
    parts_out: list[str]
    max_text_chars: int | None
    max_bubbles_per_window: int | None
    recall_within_s: int | None
    can_recall: bool
    can_type: bool
    can_read_receipts: bool
    can_lookup: bool
    can_history: bool
    can_transfer: bool
    has_idempotent_send: bool
    is_attended: bool
    unverified: list[str]
    notes_zh: str
    needs_secrets: list[str]


class ChannelsOut(Schema):
    """All channels, the reference channel first."""

    items: list[ChannelOut]
