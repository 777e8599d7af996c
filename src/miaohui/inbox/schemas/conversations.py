"""Conversations and what is done to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from miaohui.inbox.schemas.kinds import Ident, Visible
from miaohui.inbox.schemas.messages import MessagePageOut
from miaohui.inbox.schemas.work import DraftOut
from miaohui.kit.http import Schema


class ConversationRow(Schema):
    """One row of the list; live events carry the same row as `conversation`."""

    id: int
    buyer_id: int
    buyer_name_zh: str
    channel: str
    account_id: int
    entry: str
    status: Literal["open", "closed"]
    group_id: int | None
    agent_id: int | None
    priority: int
    due_at: datetime | None = Field(description="回复时限；排序第一位")
    waiting_since: datetime | None = Field(description="买家从何时起在等")
    last_message_at: datetime
    last_role: str
    last_text: str
    unread_count: int
    message_count: int
    snoozed_until: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    buyer_read_at: datetime | None
    version: int
    label_ids: list[int] = []


class BoxCounts(Schema):
    open: int
    mine: int
    unassigned: int
    waiting: int
    overdue: int
    snoozed: int
    mentioned: int


class ConversationPageOut(Schema):
    items: list[ConversationRow]
    next_cursor: str | None
    counts: BoxCounts | None = None


class WindowOut(Schema):
    """Whether the channel lets us write now, and how much is left of it."""

    is_open: bool
    reason: str
    reason_zh: str
    reason_en: str
    remaining: int | None
    closes_at: datetime | None
    max_text_chars: int | None
    parts_out: list[str]
    can_recall: bool
    is_attended: bool
    notes_zh: str


class NoteOut(Schema):
    id: int
    author_id: int | None
    author_name: str
    text: str
    mentioned_user_ids: list[int]
    at: datetime


class ConversationChangeOut(Schema):
    id: int
    what: Literal["assigned", "closed", "reopened"]
    reason: str
    by_user_id: int | None
    agent_id: int | None = None
    group_id: int | None = None
    previous_agent_id: int | None = None
    previous_group_id: int | None = None
    at: datetime


class RatingOut(Schema):
    stars: int
    comment: str
    tags: list[str]
    at: datetime


class ConversationOut(Schema):
    """Everything the chat pane needs at once."""

    conversation: ConversationRow
    refs: dict[str, Any]
    messages: MessagePageOut
    notes: list[NoteOut]
    changes: list[ConversationChangeOut]
    ratings: list[RatingOut]
    draft: DraftOut | None
    window: WindowOut | None


class AssignmentIn(Schema):
    agent_id: Ident | None = None
    group_id: Ident | None = None
    reason: Annotated[str, Field(max_length=200), Visible] = "转接"


class ClosureIn(Schema):
    reason: Annotated[str, Field(max_length=40), Visible] = "agent"


class ReopeningIn(Schema):
    reason: Annotated[str, Field(max_length=200), Visible] = "继续跟进"


class PriorityIn(Schema):
    priority: Annotated[int, Field(ge=0, le=9)]
    reason: Annotated[str, Field(min_length=1, max_length=200), Visible]


class SnoozeIn(Schema):
    until: datetime


class NoteIn(Schema):
    text: Annotated[str, Field(min_length=1, max_length=20_000), Visible]
    mentioned_user_ids: Annotated[list[Ident], Field(max_length=50)] = []


class BulkIn(Schema):
    """One change to many conversations. `assign` without a group leaves each in its own, unless `no_group`."""

    conversation_ids: Annotated[list[Ident], Field(min_length=1, max_length=200)]
    action: Literal["assign", "close", "reopen", "label", "unlabel", "snooze", "wake"]
    agent_id: Ident | None = None
    group_id: Ident | None = None
    no_group: Annotated[bool | None, Field(description="assign：不留在任何组（撤销时恢复为无组）")] = None
    label_id: Ident | None = None
    until: datetime | None = None
    reason: Annotated[str, Field(max_length=200), Visible] = "bulk"


class BulkItem(Schema):
    conversation_id: int
    is_done: bool
    code: str = ""
    message: str = ""
    message_en: str = ""


class BulkOut(Schema):
    items: list[BulkItem]
    done_count: int
