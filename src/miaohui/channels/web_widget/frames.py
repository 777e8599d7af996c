"""What a visitor's page says → facts; what we say → frames for the page. Pure.

Nothing of a browser is trusted: its clock is ignored (the time of arrival counts), addresses inside parts are
dropped (files are uploaded to us and named by `blob_id`), sizes are limited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from miaohui.channels.model import (
    BAD_DELIVERY,
    Account,
    Inbound,
    Kind,
    Origin,
    Part,
    Party,
    Role,
    decode_parts,
    encode_parts,
    parts,
    text_id,
)
from miaohui.channels.web_widget.visitor import Visitor

CHANNEL = "widget"
MAX_TEXT_CHARS = 4_000
MAX_PARTS = 10
MAX_FRAMES = 50
MAX_NAME_CHARS = 64
FROM_VISITORS = frozenset(
    {"text", "emoji", "image", "voice", "video", "file", "product_card", "order_card", "quote", "menu_click"}
)
TO_VISITORS = FROM_VISITORS | {"link", "menu", "coupon", "system", "location", "rating_invite"}
ENTRIES_ZH = {"product": "商品详情页", "order": "订单详情页", "live": "直播", "chat": "消息私信"}


@dataclass(frozen=True)
class Seen:
    """Where a frame came from: the account, the visitor, when it came to us."""

    account: Account
    visitor: Visitor
    at: datetime


def conversation_key(visitor: Visitor) -> str:
    """Return the conversation's name: one visitor, one conversation."""
    return f"v:{visitor.id}"


def fact_of(frame: Any, seen: Seen) -> Inbound:
    """Return the fact of one frame.

    Shape: `{"type": message|read|typing|enter|leave|rating|recall, "id": client id, …}`; ids of one visitor
    are used once, so a frame sent again after a lost answer is the same fact.
    Raises: Refusal channels.bad_delivery.
    """
    if not isinstance(frame, Mapping):
        BAD_DELIVERY.refuse(reason="frame")
    reader = _READERS.get(str(frame.get("type")))
    if reader is None:
        BAD_DELIVERY.refuse(reason="frame_type", type=str(frame.get("type"))[:32])
    return reader(frame, seen)


def message_frame(key: str, out_parts: tuple[Part, ...], at_ms: int) -> dict[str, Any]:
    """Return the frame that shows an agent's message; the page shows each id once."""
    return {"type": "message", "id": key, "at_ms": at_ms, "parts": encode_parts(out_parts)}


def _fact(kind: Kind, frame: Mapping[str, Any], seen: Seen, **more: Any) -> Inbound:
    frame_id = text_id(frame.get("id"))
    if not 0 < len(frame_id) <= 64:
        BAD_DELIVERY.refuse(reason="frame_id")
    visitor, account = seen.visitor, seen.account
    refs = {"customer_id": visitor.customer_id} if visitor.customer_id else {}
    seq = frame.get("seq")
    return Inbound(
        channel=CHANNEL,
        account_key=account.key,
        event_key=f"wg:{account.key}:{visitor.id}:{frame_id}",
        kind=kind,
        occurred_at=seen.at,
        actor=Party(Role.BUYER, visitor.id, visitor.name[:MAX_NAME_CHARS], f"widget:{account.key}"),
        conversation_key=conversation_key(visitor),
        message_key=more.pop("message_key", frame_id),
        seq_hint=seq if isinstance(seq, int) and not isinstance(seq, bool) else 0,
        origin=Origin.WIDGET,
        refs={**refs, **more.pop("refs", {})},
        raw=dict(frame),
        **more,
    )


def _message(frame: Mapping[str, Any], seen: Seen) -> Inbound:
    given = frame.get("parts")
    if not isinstance(given, list) or not 0 < len(given) <= MAX_PARTS:
        BAD_DELIVERY.refuse(reason="parts", limit=MAX_PARTS)
    found = tuple(_safe(part) for part in decode_parts(given))
    if sum(len(part.text) for part in found if isinstance(part, parts.Text)) > MAX_TEXT_CHARS:
        BAD_DELIVERY.refuse(reason="text_too_long", limit=MAX_TEXT_CHARS)
    refs = {
        name: value
        for part in found
        for name, value in (
            ("order_id", getattr(part, "order_id", "")),
            ("product_id", getattr(part, "product_id", "")),
        )
        if value
    }
    return _fact(Kind.MESSAGE, frame, seen, parts=found, refs=refs)


def _safe(part: Part) -> Part:
    """Return a visitor's part without addresses of its own; what visitors cannot send is kept as unknown."""
    if part.type not in FROM_VISITORS:
        return part if isinstance(part, parts.Unknown) else parts.Unknown(part.type, None)
    if isinstance(part, parts.Media):
        if not part.blob_id:
            BAD_DELIVERY.refuse(reason="not_uploaded", type=part.type)
        return replace(part, url="", ref="")
    if isinstance(part, parts.ProductCard):
        return replace(part, image_url="", url="")
    if isinstance(part, parts.OrderCard):
        return replace(part, image_url="")
    return replace(part, url="") if isinstance(part, parts.Emoji) else part


def _read(frame: Mapping[str, Any], seen: Seen) -> Inbound:
    return _fact(Kind.READ, frame, seen, message_key=text_id(frame.get("message_id")))


def _typing(frame: Mapping[str, Any], seen: Seen) -> Inbound:
    return _fact(Kind.TYPING, frame, seen, refs={"is_typing": "no" if frame.get("on") is False else "yes"})


def _enter(frame: Mapping[str, Any], seen: Seen) -> Inbound:
    page = frame.get("page")
    page = page if isinstance(page, Mapping) else {}
    refs = {
        name: text_id(page.get(name))[:512] for name in ("url", "title", "product_id", "order_id", "room_id")
    }
    entry = ENTRIES_ZH.get(str(page.get("kind")), "其他")
    return _fact(Kind.ENTER, frame, seen, entry=entry, refs={k: v for k, v in refs.items() if v})


def _leave(frame: Mapping[str, Any], seen: Seen) -> Inbound:
    return _fact(Kind.LEAVE, frame, seen)


def _rating(frame: Mapping[str, Any], seen: Seen) -> Inbound:
    score, tags = frame.get("score"), frame.get("tags")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        BAD_DELIVERY.refuse(reason="score")
    shown = tuple(text_id(tag)[:32] for tag in tags[:10]) if isinstance(tags, list) else ()
    part = parts.Rating(score, text_id(frame.get("comment"))[:500], shown)
    return _fact(Kind.RATING, frame, seen, parts=(part,))


def _recall(frame: Mapping[str, Any], seen: Seen) -> Inbound:
    message_key = text_id(frame.get("message_id"))
    if not message_key:
        BAD_DELIVERY.refuse(reason="message_id")
    return _fact(Kind.RECALL, frame, seen, message_key=message_key)


_READERS: dict[str, Callable[[Mapping[str, Any], Seen], Inbound]] = {
    "message": _message,
    "read": _read,
    "typing": _typing,
    "enter": _enter,
    "leave": _leave,
    "rating": _rating,
    "recall": _recall,
}
