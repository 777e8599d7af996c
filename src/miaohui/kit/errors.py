"""The two expected kinds of failure; anything else is a bug (house §7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn


class Refusal(Exception):
    """An expected no: declared in the route, typed in the client, shown to people in Chinese first."""

    def __init__(self, kind: RefusalKind, detail: dict[str, Any] | None = None) -> None:
        super().__init__(f"{kind.code}: {kind.en}")
        self.kind = kind
        self.detail = detail or {}

    @property
    def code(self) -> str:
        return self.kind.code


@dataclass(frozen=True)
class RefusalKind:
    """A declared refusal: `code` is `room.reason`, `status` an HTTP status, `zh`/`en` say what to do.

    Every instance registers itself, so that the reference page and the error walk see all of them.
    """

    code: str
    status: int
    zh: str
    en: str

    def __post_init__(self) -> None:
        REFUSALS.setdefault(self.code, self)

    @property
    def both(self) -> str:
        """The text in both languages, '中文 / English', for rows and events: the page shows one of them."""
        return f"{self.zh} / {self.en}"

    def refuse(self, **detail: Any) -> NoReturn:
        """Raise this refusal with facts for the caller (JSON values only, no personal data)."""
        raise Refusal(self, detail)

    def error(self, **detail: Any) -> Refusal:
        """Return the refusal without raising it."""
        return Refusal(self, detail)


REFUSALS: dict[str, RefusalKind] = {}


@dataclass
class Outage(Exception):
    """An outside system failed: jobs retry after `retry_after_s`, routes answer 503."""

    system: str
    retry_after_s: float = 5.0
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.system} is not available: {self.reason or 'no reason given'}"


NOT_FOUND = RefusalKind("kit.not_found", 404, "没有找到，或您没有权限查看", "Not found, or not yours to see")
FORBIDDEN = RefusalKind(
    "kit.forbidden", 403, "您的角色没有这项权限，请联系店长", "Your role lacks this permission"
)
UNAUTHENTICATED = RefusalKind("kit.unauthenticated", 401, "请先登录", "Please log in first")
STALE = RefusalKind(
    "kit.stale",
    409,
    "内容已被他人修改，请核对差异后再保存",
    "Changed by somebody else meanwhile: compare, then save",
)
INVALID = RefusalKind(
    "kit.invalid", 422, "提交的内容不符合要求，请按提示修改", "The request is not valid: see the detail"
)
TOO_LARGE = RefusalKind(
    "kit.too_large", 413, "内容过大，请压缩或拆分后再试", "Too large: compress or split it"
)
TOO_MANY = RefusalKind(
    "kit.too_many_requests", 429, "操作太频繁，请稍后再试", "Too many requests: wait a moment"
)
UNAVAILABLE = RefusalKind(
    "kit.unavailable", 503, "系统暂时无法完成写入，请稍后重试", "Not available just now: please try again"
)
