"""Outgoing webhooks by the Standard Webhooks specification: signature, schedule, filters, health. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from miaohui.kit.errors import RefusalKind

SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32
OLD_SECRET_LASTS = timedelta(hours=24)
TIMEOUT_S = 15.0
SNIPPET_CHARS = 500
ANSWER_BYTES = 65_536
IN_FLIGHT = 4
CLAIM_LASTS = timedelta(seconds=60)
# The example schedule of the specification: ten attempts over 75 hours.
DELAYS_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.1
HOLD_FIRST_S = 5.0
HOLD_MAX_S = 300.0
MAX_RETRY_AFTER_S = 3_600.0
DISABLE_AFTER = timedelta(days=5)
KEEP_DELIVERIES = timedelta(days=30)
MAX_ENDPOINTS = 20
MAX_REPLAY = 5_000

_FILTER = re.compile(r"^(\*|[a-z][a-z0-9_]{0,40}\.(\*|[a-z][a-z0-9_]{0,80}))$")

TOO_MANY_ENDPOINTS = RefusalKind(
    "webhooks.too_many_endpoints", 409, f"每个店铺最多 {MAX_ENDPOINTS} 个回调地址，请先删除不用的",
    f"At most {MAX_ENDPOINTS} endpoints a shop: delete unused ones first",
)  # fmt: skip
BAD_FILTER = RefusalKind(
    "webhooks.bad_filter", 422, "事件筛选写法不对，例：inbox.message_received、trade.*、*",
    "Not an event filter: write inbox.message_received, trade.* or *",
)  # fmt: skip
NOT_ACTIVE = RefusalKind(
    "webhooks.not_active",
    409,
    "该回调地址未启用，请先启用再发送",
    "The endpoint is not active: enable it first",
)


class EndpointState(StrEnum):
    """Whether events go to an endpoint. `disabled`: by the system after days of failure, or by HTTP 410."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    DELETED = "deleted"


class DeliveryState(StrEnum):
    """What has become of a delivery."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Result:
    """What one attempt brought. `status` is None when no complete answer came."""

    status: int | None
    snippet: str = ""
    error: str = ""
    took_ms: int = 0
    retry_after_s: float | None = None

    @property
    def is_ok(self) -> bool:
        """Tell whether the consumer took it: 2xx and nothing else."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Tell whether the consumer wants nothing more: 410 Gone."""
        return self.status == 410


@dataclass(frozen=True)
class Health:
    """How an endpoint has been doing. While `hold_until` is ahead, nothing is sent."""

    failing_since: datetime | None = None
    failure_count: int = 0
    hold_until: datetime | None = None


def is_filter(text: str) -> bool:
    """Tell whether `text` is an event filter: a name, `room.*` or `*`."""
    return bool(_FILTER.match(text))


def wants(filters: Sequence[str], event_type: str) -> bool:
    """Tell whether any filter lets an event type through. Our own `webhooks.*` events never are: no loops."""
    if event_type.startswith("webhooks."):
        return False
    room = event_type.partition(".")[0]
    return any(one in ("*", event_type, f"{room}.*") for one in filters)


def secret_text(raw: bytes) -> str:
    """Return a secret as people copy it: base64 behind `whsec_`."""
    return SECRET_PREFIX + base64.b64encode(raw).decode()


def signature(secret: str, message_id: str, timestamp_s: int, body: str) -> str:
    """Return `v1,…`: HMAC-SHA256 over `id.timestamp.body`, base64. Source: Standard Webhooks, symmetric scheme."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    text = f"{message_id}.{timestamp_s}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def headers(secrets: Sequence[str], message_id: str, timestamp_s: int, body: str) -> dict[str, str]:
    """Return the headers of an attempt; several secrets (while one is being changed) give several signatures."""
    return {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp_s, body) for secret in secrets),
    }


def next_attempt_at(
    attempt: int, now: datetime, jitter: float, retry_after_s: float | None = None
) -> datetime | None:
    """Return when to try again after `attempt` failed ones, None when that was the last.

    Units: `jitter` in 0–1 lengthens the pause by up to 10 %; `Retry-After` may lengthen it, never shorten it.
    """
    if attempt >= len(DELAYS_S):
        return None
    pause = DELAYS_S[attempt] * (1 + JITTER * jitter)
    return now + timedelta(seconds=max(pause, min(retry_after_s or 0.0, MAX_RETRY_AFTER_S)))


def health_after(health: Health, result: Result, now: datetime) -> Health:
    """Return an endpoint's health after an attempt: success clears it, failures lengthen the hold."""
    if result.is_ok:
        return Health()
    count = health.failure_count + 1
    pause = min(HOLD_MAX_S, HOLD_FIRST_S * 2.0 ** min(count - 1, 10))
    pause = max(pause, min(result.retry_after_s or 0.0, MAX_RETRY_AFTER_S))
    return Health(health.failing_since or now, count, now + timedelta(seconds=pause))


def is_hopeless(health: Health, now: datetime) -> bool:
    """Tell whether an endpoint has failed without one success for so long that it is to be disabled."""
    return health.failing_since is not None and now - health.failing_since >= DISABLE_AFTER
