"""Messages, replies, search hits, files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from miaohui.inbox.schemas.kinds import ClientId, Ident
from miaohui.kit.http import Schema


class MessageOut(Schema):
    """A message. Order by `occurred_at`, `seq_hint`, `id` (the platform's) or `received_at`, `id` (arrival)."""

    id: int
    conversation_id: int
    role: Literal["buyer", "agent", "bot", "system"]
    kind: str
    text: str
    parts: list[dict[str, Any]]
    refs: dict[str, Any] = {}
    origin: str
    occurred_at: datetime
    seq_hint: int = 0
    received_at: datetime
    agent_id: int | None
    client_id: str | None
    state: Literal["received", "queued", "sending", "delivered", "refused", "unknown"]
    state_reason: str | None = None
    edited_at: datetime | None = None
    recalled_at: datetime | None = None
    conflict_count: int = Field(0, description="同一编号收到过几份不同内容")


class MessagePageOut(Schema):
    """Oldest first. `next_cursor` leads to older messages, `newer_cursor` to newer ones."""

    items: list[MessageOut]
    next_cursor: str | None
    newer_cursor: str | None = None


class ReplyIn(Schema):
    client_id: ClientId = Field(description="幂等键：重发同一编号只会发送一次")
    text: Annotated[str, Field(max_length=20_000)] = ""
    parts: Annotated[list[dict[str, Any]], Field(max_length=10)] = []
    reply_to_message_id: Ident | None = None


class ReplyOut(Schema):
    message: MessageOut


class VerdictIn(Schema):
    has_arrived: bool = Field(description="人工核对：买家收到了吗")


class HitOut(Schema):
    message_id: int
    conversation_id: int
    role: str
    text: str
    occurred_at: datetime
    buyer_id: int
    buyer_name_zh: str
    channel: str
    score: float


class HitsOut(Schema):
    items: list[HitOut]
    needles: list[str] = Field(description="命中词，用于高亮")
    next_cursor: str | None


class HistoryOut(Schema):
    """What happened to one message."""

    edits: list[dict[str, Any]]
    recalls: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
    attempts: list[dict[str, Any]]


class AttachmentOut(Schema):
    id: int
    name: str
    media_type: str
    size_bytes: int
    url: str = Field(description="15 分钟内有效的签名链接")
    part: dict[str, Any] = Field(description="可直接放进回复 parts 的消息段")
