"""Shapes of the web widget: what a visitor's page sends and reads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from miaohui.inbox.schemas.kinds import Visible
from miaohui.kit.http import Schema


class VisitorIn(Schema):
    """Who opens the window. `customer_id` needs the site's proof: HMAC-SHA256 of it with the identity key."""

    token: Annotated[str, Field(max_length=2_000, description="上次得到的令牌；同一访客继续")] = ""
    name: Annotated[str, Field(max_length=64), Visible] = ""
    customer_id: Annotated[str, Field(max_length=62, pattern=r"^[A-Za-z0-9_.@-]*$")] = ""
    customer_proof: Annotated[str, Field(max_length=128)] = ""


class VisitorSessionOut(Schema):
    token: str = Field(description="放进请求头 X-Miaohui-Visitor")
    title: str
    welcome_zh: str
    color: str
    max_text_chars: int
    server_at: datetime


class VisitorLineOut(Schema):
    id: int
    role: Literal["me", "agent", "bot"]
    parts: list[dict[str, Any]]
    at: datetime
    frame_id: str | None = Field(description="页面发送时的编号，用来与本地气泡对上")
    is_recalled: bool


class VisitorPageOut(Schema):
    items: list[VisitorLineOut]
    before_ms: int | None
    is_open: bool


class TypingIn(Schema):
    on: bool = True
