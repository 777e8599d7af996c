"""Labels, views, drafts, mentions, deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from miaohui.inbox.schemas.kinds import BoxName, Color, Ident, ShortText, Visible
from miaohui.kit.http import Schema


class DraftOut(Schema):
    conversation_id: int
    text: str
    parts: list[dict[str, Any]]
    version: int
    updated_at: datetime


class DraftIn(Schema):
    text: Annotated[str, Field(max_length=20_000), Visible] = ""
    parts: Annotated[list[dict[str, Any]], Field(max_length=10)] = []
    version: Annotated[int, Field(ge=0)]


class VersionOut(Schema):
    version: int


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


class InboundDeliveryOut(Schema):
    id: int
    account_id: int
    channel: str
    received_at: datetime
    tries: int
    error: str
    body_start: str
    size_bytes: int


class InboundDeliveriesOut(Schema):
    items: list[InboundDeliveryOut]
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
