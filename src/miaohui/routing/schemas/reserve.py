"""Calls to the reserve 机动人力."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from miaohui.kit.http import Schema
from miaohui.routing.model.reserve import CALL_STATES_ZH
from miaohui.routing.schemas.fields import Note


class ReserveCallOut(Schema):
    """One call. `expires_at`: the next one is called then; `against`: who was not called (user id → why)."""

    id: int
    user_id: int
    group_id: int
    state: Literal["called", "accepted", "declined", "expired", "ended"]
    state_zh: str
    called_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    ended_because: Literal["quiet", "by_hand"] | None = Field(
        None, description="为何解除：没有人再排队，或人工解除"
    )
    reason: str
    waited_s: int = Field(description="当时排队最久的买家已等待的秒数")
    waiting_count: int = Field(description="当时该组排队人数")
    against: dict[str, str] = Field({}, description="未被呼叫的机动人员与原因")

    @staticmethod
    def of(row: Any) -> ReserveCallOut:
        """Return a stored call as it is shown."""
        names = ("id", "user_id", "group_id", "state", "called_at", "expires_at", "answered_at", "ended_at", "reason",
                 "waited_s", "waiting_count")  # fmt: skip
        values = {name: getattr(row, name) for name in names}
        against = dict(row.detail.get("against", {}))
        because = row.detail.get("ended_because")
        return ReserveCallOut(
            **values, state_zh=CALL_STATES_ZH[row.state], against=against, ended_because=because
        )


class ReserveCallsOut(Schema):
    """The newest calls first."""

    items: list[ReserveCallOut]


class ReserveAnswerIn(Schema):
    accepts: bool = Field(description="true：到岗支援（随即上线）；false：不便支援")
    note: Note = ""
