"""What comes in from a platform, in one shape for all of them. Pure (channels.md §6.2)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from miaohui.channels.model.codec import decode_parts, encode_parts, plain_text
from miaohui.channels.model.parts import Part
from miaohui.kit.clock import from_ms, to_ms


@dataclass(frozen=True)
class RawRequest:
    """One HTTP request as it arrived. Shape: header names in lower case, `body` the untouched bytes.

    `received_at` is when it came to us; decoders use it only where the other side tells no time.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    received_at: datetime | None = None


@dataclass(frozen=True)
class HttpReply:
    """What a platform gets back."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Account:
    """One shop's account on one channel.

    `key` is the platform's public name of it (app_key, client_key, widget key, bridge id) and stands in the
    address of its webhook; `config` holds what may be shown (addresses, policies), `secrets` what may not.
    """

    shop_id: int
    id: int
    key: str
    channel: str
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Verdict:
    """Whether a delivery is genuine. `reason` names what did not fit, in a word, for the log."""

    is_genuine: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.is_genuine


GENUINE = Verdict(True)


def same_secret(left: str, right: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


class Kind(StrEnum):
    """What kind of fact an `Inbound` is: first conversations, then business, then public."""

    MESSAGE = "message"
    EDIT = "edit"
    RECALL = "recall"
    READ = "read"
    TYPING = "typing"
    ENTER = "enter"
    LEAVE = "leave"
    RATING = "rating"
    AUTH = "auth"
    SEND_RESULT = "send_result"
    SEND_FAILED = "send_failed"
    SESSION_STATE = "session_state"
    TRANSFER = "transfer"
    AGENT_STATE = "agent_state"

    ORDER = "order"
    AFTERSALE = "aftersale"
    ARBITRATION = "arbitration"
    SERVICE_TICKET = "service_ticket"
    PRODUCT = "product"
    LOGISTICS = "logistics"

    COMMENT = "comment"
    LIVE_COMMENT = "live_comment"
    LIKE = "like"
    GIFT = "gift"
    FOLLOW = "follow"
    CONTACT = "contact"

    PROBE = "probe"
    UNKNOWN = "unknown"


CONVERSATION_KINDS = frozenset(
    {
        Kind.MESSAGE, Kind.EDIT, Kind.RECALL, Kind.READ, Kind.TYPING, Kind.ENTER, Kind.LEAVE, Kind.RATING,
        Kind.AUTH, Kind.SEND_RESULT, Kind.SEND_FAILED, Kind.SESSION_STATE, Kind.TRANSFER, Kind.AGENT_STATE,
    }
)  # fmt: skip
BUSINESS_KINDS = frozenset(
    {Kind.ORDER, Kind.AFTERSALE, Kind.ARBITRATION, Kind.SERVICE_TICKET, Kind.PRODUCT, Kind.LOGISTICS}
)
PUBLIC_KINDS = frozenset({Kind.COMMENT, Kind.LIVE_COMMENT, Kind.LIKE, Kind.GIFT, Kind.FOLLOW, Kind.CONTACT})


class Role(StrEnum):
    """Who did it."""

    BUYER = "buyer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class Origin(StrEnum):
    """By which way it was said: our API call, somebody in the platform's own app, a bridge, our widget."""

    API = "api"
    APP = "app"
    BRIDGE = "bridge"
    WIDGET = "widget"
    PULL = "pull"


@dataclass(frozen=True)
class Party:
    """The one who did it. `id_space` says within what `platform_id` is unique (an app, a shop, a widget)."""

    role: Role = Role.SYSTEM
    platform_id: str = ""
    display_name: str = ""
    id_space: str = ""
    avatar_url: str = ""


@dataclass(frozen=True)
class Inbound:
    """One fact from a platform.

    `event_key` is its permanent name: the same fact delivered again has the same key, for ever (channels.md §6.3).
    `occurred_at` is the platform's time, or that of arrival where it gave none; `seq_hint` orders what happened in
    the same millisecond. `account_key` is the account that owns the fact.
    `message_key` is the platform's id of the message it is or is about, '' where there is none.
    `entry` names the door: 商品详情页, 订单详情页, 消息私信, 直播, 其他 (domain.md §5.1).
    `refs`: `key` is our own message id when this is an echo or a result of our send; `buyer_id`, `buyer_name` and
    `id_space` name the buyer when somebody else acts; `expires_at_ms` ends an authorisation; further order_id,
    sub_order_ids, aftersale_id, product_id, item_id, room_id, comment_id, status … as text.
    `raw` is the platform's own JSON of this one fact.
    """

    channel: str
    account_key: str
    event_key: str
    kind: Kind
    occurred_at: datetime
    actor: Party = Party()
    conversation_key: str = ""
    message_key: str = ""
    seq_hint: int = 0
    origin: Origin = Origin.APP
    entry: str = ""
    parts: tuple[Part, ...] = ()
    refs: Mapping[str, Any] = field(default_factory=dict)
    raw: Any = None

    @property
    def text(self) -> str:
        """The parts as one text."""
        return plain_text(self.parts)

    @property
    def has_time(self) -> bool:
        """Whether the platform said when it happened."""
        return to_ms(self.occurred_at) > 0

    @property
    def is_from_buyer(self) -> bool:
        return self.actor.role is Role.BUYER

    def with_time(self, received_at: datetime | None) -> Inbound:
        """Return the same fact with the time of its arrival where the platform told none."""
        return self if self.has_time or received_at is None else replace(self, occurred_at=received_at)

    def with_parts(self, parts: tuple[Part, ...]) -> Inbound:
        """Return the same fact with other parts."""
        return replace(self, parts=parts)


def encode_inbound(fact: Inbound) -> dict[str, Any]:
    """Return the fact as a JSON object; times as milliseconds."""
    return {
        "channel": fact.channel,
        "account_key": fact.account_key,
        "event_key": fact.event_key,
        "kind": fact.kind.value,
        "occurred_at": to_ms(fact.occurred_at),
        "actor": {
            "role": fact.actor.role.value,
            "platform_id": fact.actor.platform_id,
            "display_name": fact.actor.display_name,
            "id_space": fact.actor.id_space,
            "avatar_url": fact.actor.avatar_url,
        },
        "conversation_key": fact.conversation_key,
        "message_key": fact.message_key,
        "seq_hint": fact.seq_hint,
        "origin": fact.origin.value,
        "entry": fact.entry,
        "parts": encode_parts(fact.parts),
        "refs": dict(fact.refs),
        "raw": fact.raw,
    }


def decode_inbound(value: Mapping[str, Any]) -> Inbound:
    """Return the fact that `encode_inbound` wrote."""
    actor = value["actor"]
    return Inbound(
        channel=value["channel"],
        account_key=value["account_key"],
        event_key=value["event_key"],
        kind=Kind(value["kind"]),
        occurred_at=from_ms(value["occurred_at"]),
        actor=Party(**{**actor, "role": Role(actor["role"])}),
        conversation_key=value["conversation_key"],
        message_key=value["message_key"],
        seq_hint=value["seq_hint"],
        origin=Origin(value["origin"]),
        entry=value["entry"],
        parts=decode_parts(value["parts"]),
        refs=value["refs"],
        raw=value["raw"],
    )


def content_key(*facts: str) -> str:
    """Return a short permanent key made of content, for sources that give no id of their own."""
    return hashlib.sha256("\x1f".join(facts).encode("utf-8", "replace")).hexdigest()[:32]
