"""Why a platform said no, in eleven classes that say what to do next. Pure (channels.md §6.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """A platform's own words about a failure. `log_id` is what its support asks for."""

    code: str = ""
    message: str = ""
    log_id: str = ""
    retry_after_s: float | None = None


class ChannelError(Exception):
    """Base. `is_retryable`: the same call with the same key may be tried again by itself.

    `is_final`: it certainly did not go out. `Unknown` is neither: it may have gone out.
    `shown_zh` is what the agent reads.
    """

    code: ClassVar[str] = "channel_error"
    is_retryable: ClassVar[bool] = False
    is_final: ClassVar[bool] = True
    shown_zh: ClassVar[str] = "渠道返回错误"

    def __init__(self, channel: str, fault: Fault | None = None) -> None:
        self.channel = channel
        self.fault = fault or Fault()
        super().__init__(f"{channel}: {self.code} {self.fault.code} {self.fault.message}".rstrip())

    @property
    def retry_after_s(self) -> float | None:
        return self.fault.retry_after_s


class AuthExpired(ChannelError):
    """The token is spent: refresh once, else suspend the account and alert."""

    code = "auth_expired"
    shown_zh = "店铺授权已过期，请店长重新授权"


class NotPermitted(ChannelError):
    """The app or shop has no right to this: capability off, alert."""

    code = "not_permitted"
    shown_zh = "没有该接口权限，请检查应用权限"


class RateLimited(ChannelError):
    """Too fast: wait `retry_after_s`, or 1, 2, 4 … 60 s with jitter."""

    code = "rate_limited"
    is_retryable = True
    shown_zh = "平台限流，稍后自动重发"


class WindowClosed(ChannelError):
    """The time in which we may write is over: offer another way."""

    code = "window_closed"
    shown_zh = "已超出平台允许的回复时间，请改用其他方式联系"


class QuotaExhausted(ChannelError):
    """No messages are left in this window."""

    code = "quota_exhausted"
    shown_zh = "本次可发条数已用完，请等买家回复"


class WrongState(ChannelError):
    """The conversation is elsewhere on the platform: read its state again."""

    code = "wrong_state"
    shown_zh = "会话状态已变化，请刷新后再试"


class Rejected(ChannelError):
    """The platform refused the content or the buyer blocked us: never sent again by itself."""

    code = "rejected"
    shown_zh = "平台拒绝发送该内容，请修改后再发"


class Invalid(ChannelError):
    """Our request is wrong: a bug, alert with the log id."""

    code = "invalid"
    shown_zh = "请求有误，已通知技术人员"


class Duplicate(ChannelError):
    """It was sent before with this key: a success."""

    code = "duplicate"
    shown_zh = "此前已发送"


class Transient(ChannelError):
    """It certainly did not go out and may be tried again: at most 3 times, same key."""

    code = "transient"
    is_retryable = True
    shown_zh = "平台暂时不可用，正在重试"


class Unknown(ChannelError):
    """It may or may not have gone out: look it up, wait for the echo, never blindly send again (F15)."""

    code = "unknown"
    is_final = False
    shown_zh = "未确认是否送达，正在核对"


ERROR_CLASSES: dict[str, type[ChannelError]] = {
    kind.code: kind
    for kind in (
        AuthExpired, NotPermitted, RateLimited, WindowClosed, QuotaExhausted, WrongState, Rejected, Invalid,
        Duplicate, Transient, Unknown,
    )
}  # fmt: skip
