"""Shapes of the inbox in HTTP. Times are ISO 8601 with zone; ids are numbers below 2^53, platform ids text."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from miaohui.channels.model import visible
from miaohui.kit.http import Schema

Visible = AfterValidator(visible)  # NUL and lone surrogates become signs that can be stored and seen
BoxName = Literal["open", "mine", "unassigned", "waiting", "overdue", "snoozed", "closed", "mentioned"]
Ident = Annotated[int, Field(ge=1, lt=2**53)]
ClientId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Color = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
ShortText = Annotated[str, Field(min_length=1, max_length=60), Visible]


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


class WindowOut(Schema):
    """Whether the channel lets us write now, and how much is left of it."""

    is_open: bool
    reason: str
    reason_zh: str
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


class ChangeOut(Schema):
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


class DraftOut(Schema):
    conversation_id: int
    text: str
    parts: list[dict[str, Any]]
    version: int
    updated_at: datetime


class ConversationOut(Schema):
    """Everything the chat pane needs at once."""

    conversation: ConversationRow
    refs: dict[str, Any]
    messages: MessagePageOut
    notes: list[NoteOut]
    changes: list[ChangeOut]
    ratings: list[RatingOut]
    draft: DraftOut | None
    window: WindowOut | None


class ReplyIn(Schema):
    client_id: ClientId = Field(description="幂等键：重发同一编号只会发送一次")
    text: Annotated[str, Field(max_length=20_000)] = ""
    parts: Annotated[list[dict[str, Any]], Field(max_length=10)] = []
    reply_to_message_id: Ident | None = None


class ReplyOut(Schema):
    message: MessageOut


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


class DraftIn(Schema):
    text: Annotated[str, Field(max_length=20_000), Visible] = ""
    parts: Annotated[list[dict[str, Any]], Field(max_length=10)] = []
    version: Annotated[int, Field(ge=0)]


class VersionOut(Schema):
    version: int


class VerdictIn(Schema):
    has_arrived: bool = Field(description="人工核对：买家收到了吗")


class BulkIn(Schema):
    conversation_ids: Annotated[list[Ident], Field(min_length=1, max_length=200)]
    action: Literal["assign", "close", "label", "unlabel"]
    agent_id: Ident | None = None
    group_id: Ident | None = None
    label_id: Ident | None = None
    reason: Annotated[str, Field(max_length=200), Visible] = "bulk"


class BulkItem(Schema):
    conversation_id: int
    is_done: bool
    code: str = ""
    message: str = ""


class BulkOut(Schema):
    items: list[BulkItem]
    done_count: int


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


class LabelIn(Schema):
    name_zh: ShortText
    color: Color = "#8a8f98"


class LabelChange(LabelIn):
    version: Annotated[int, Field(ge=1)]


class LabelOut(Schema):
    id: int
    name_zh: str
    color: str
    version: int


class LabelsOut(Schema):
    items: list[LabelOut]


class ViewFilter(Schema):
    box: BoxName = "open"
    agent_id: Ident | None = None
    group_id: Ident | None = None
    channel: Annotated[str, Field(max_length=40)] = ""
    account_id: Ident | None = None
    label_id: Ident | None = None
    buyer_id: Ident | None = None
    entry: Annotated[str, Field(max_length=40)] = ""


class ViewIn(Schema):
    name_zh: ShortText
    filter: ViewFilter
    position: Annotated[int, Field(ge=0, le=999)] = 0
    is_shared: bool = False


class ViewChange(Schema):
    name_zh: ShortText
    filter: ViewFilter
    position: Annotated[int, Field(ge=0, le=999)] = 0
    version: Annotated[int, Field(ge=1)]


class ViewOut(Schema):
    id: int
    name_zh: str
    filter: ViewFilter
    position: int
    is_shared: bool
    version: int


class ViewsOut(Schema):
    items: list[ViewOut]


class MentionOut(Schema):
    note_id: int
    conversation_id: int
    author_id: int | None
    author_name: str
    text: str
    at: datetime
    seen_at: datetime | None


class MentionsOut(Schema):
    items: list[MentionOut]


class DraftsOut(Schema):
    items: list[DraftOut]


class AttachmentOut(Schema):
    id: int
    name: str
    media_type: str
    size_bytes: int
    url: str = Field(description="15 分钟内有效的签名链接")
    part: dict[str, Any] = Field(description="可直接放进回复 parts 的消息段")


class DeliveryOut(Schema):
    id: int
    account_id: int
    channel: str
    received_at: datetime
    tries: int
    error: str
    body_start: str
    size_bytes: int


class DeliveriesOut(Schema):
    items: list[DeliveryOut]
    next_cursor: str | None


class SilenceOut(Schema):
    id: int
    account_id: int
    channel: str
    since: datetime
    noticed_at: datetime
    ended_at: datetime | None


class SilencesOut(Schema):
    items: list[SilenceOut]


class HistoryOut(Schema):
    """What happened to one message."""

    edits: list[dict[str, Any]]
    recalls: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
    attempts: list[dict[str, Any]]


class OkOut(Schema):
    ok: Literal[True] = True
