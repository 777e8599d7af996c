"""Events that a connector reports → facts. Pure.

The platform's own lines are told from people's (system_texts), placeholders become parts, and history that a
page shows again carries the same permanent keys as the first time (domain.md §3.7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from miaohui.channels.bridge.protocol import EVENTS
from miaohui.channels.model import (
    BAD_DELIVERY,
    Account,
    Inbound,
    Kind,
    Origin,
    Part,
    Party,
    Role,
    content_key,
    decode_parts,
    parts,
    text_id,
)
from miaohui.channels.system_texts import placeholder, system_marker
from miaohui.kit.clock import from_ms

CHANNEL = "bridge"
ENTRIES_ZH = {
    "product": "商品详情页",
    "order": "订单详情页",
    "chat": "消息私信",
    "live": "直播",
}
ROLES = {role.value: role for role in Role}
MAX_SNAPSHOT = 200


@dataclass(frozen=True)
class Place:
    """Where an event belongs."""

    account: Account
    frame: Mapping[str, Any]
    platform: str

    @property
    def conversation_key(self) -> str:
        return text_id(self.frame.get("conversation_id"))

    @property
    def space(self) -> str:
        return f"{self.platform}:{self.account.key}"


def facts_of(frame: Any, account: Account) -> tuple[Inbound, ...]:
    """Return the facts of one event frame; a snapshot holds many.

    Raises: Refusal channels.bad_delivery for what is no event at all.
    """
    if not isinstance(frame, Mapping) or not isinstance(frame.get("type"), str):
        BAD_DELIVERY.refuse(reason="frame")
    place = Place(account, frame, str(account.config.get("platform", "feige")))
    kind = frame["type"]
    if kind == "conv.snapshot":
        return _snapshot(place)
    if kind not in EVENTS:
        return (_unknown(place),)
    return (_READERS[kind](place),)


def _key(place: Place, kind: str, name: str, *facts: str) -> str:
    """Return the permanent key: by the platform's id, else by who said what when."""
    return f"br:{place.account.key}:{kind}:{name or '#' + content_key(*facts)}"


def _at(value: Any) -> datetime:
    digits = text_id(value)
    if not digits.isdecimal() or not 0 < int(digits) < 10**14:
        BAD_DELIVERY.refuse(reason="at_ms")
    return from_ms(int(digits))


def _party(value: Any, role: Role, place: Place) -> Party:
    given = value if isinstance(value, Mapping) else {}
    name, avatar = text_id(given.get("name"))[:64], text_id(given.get("avatar_url"))
    return Party(role, text_id(given.get("id")), name, place.space, avatar)


def _buyer_refs(place: Place) -> dict[str, Any]:
    buyer = place.frame.get("buyer")
    if not isinstance(buyer, Mapping):
        return {}
    named = {"buyer_id": text_id(buyer.get("id")), "buyer_name": text_id(buyer.get("name"))[:64]}
    return {name: value for name, value in named.items() if value} | {"id_space": place.space}


def _fact(place: Place, kind: Kind, actor: Party, key: str, **more: Any) -> Inbound:
    frame = place.frame
    refs = {**_buyer_refs(place), **more.pop("refs", {})}
    entry = ENTRIES_ZH.get(str(frame.get("entry")), "")
    seq = frame.get("order")
    fact = Inbound(
        channel=CHANNEL,
        account_key=place.account.key,
        event_key=key,
        kind=kind,
        occurred_at=_at(frame.get("at_ms")),
        actor=actor,
        conversation_key=place.conversation_key,
        seq_hint=seq if isinstance(seq, int) and not isinstance(seq, bool) else 0,
        origin=Origin.BRIDGE,
        entry=entry,
        refs={name: value for name, value in refs.items() if value},
        raw=dict(frame),
    )
    return replace(fact, **more)


def _message(place: Place) -> Inbound:
    frame = place.frame
    if not place.conversation_key or not isinstance(frame.get("parts"), list):
        BAD_DELIVERY.refuse(reason="message")
    role = ROLES.get(str(frame.get("role")), Role.SYSTEM)
    said = tuple(_read_part(part, place.platform) for part in decode_parts(frame["parts"]))
    if said and all(isinstance(part, parts.System) for part in said):
        role = Role.SYSTEM
    message_key = text_id(frame.get("message_id"))
    key = _key(
        place, "msg", message_key, place.conversation_key, role.value, text_id(frame.get("at_ms")),
        repr(frame["parts"]),
    )  # fmt: skip
    who = frame.get("buyer") if role is Role.BUYER else frame.get("agent")
    refs = {"key": text_id(frame.get("cmd_id"))}
    return _fact(
        place, Kind.MESSAGE, _party(who, role, place), key, message_key=message_key, parts=said, refs=refs
    )  # fmt: skip


def _read_part(part: Part, platform: str) -> Part:
    if not isinstance(part, parts.Text):
        return part
    marker = system_marker(part.text, platform)
    if marker is not None:
        return parts.System(part.text, marker.code)
    return placeholder(part.text) or part


def _snapshot(place: Place) -> tuple[Inbound, ...]:
    given = place.frame.get("messages")
    if not isinstance(given, list) or len(given) > MAX_SNAPSHOT:
        BAD_DELIVERY.refuse(reason="snapshot", limit=MAX_SNAPSHOT)
    facts = []
    for at, message in enumerate(given):
        if not isinstance(message, Mapping):
            BAD_DELIVERY.refuse(reason="message", at=at)
        common = {
            name: place.frame[name] for name in ("conversation_id", "buyer", "entry") if name in place.frame
        }
        one = _message(replace(place, frame={"order": at, **common, **message}))
        facts.append(replace(one, refs={**one.refs, "is_history": "yes"}))
    return tuple(facts)


def _edit(place: Place) -> Inbound:
    fact = _message(place)
    return replace(fact, kind=Kind.EDIT, event_key=f"{fact.event_key}:{content_key(fact.text)[:8]}")


def _about_message(kind: Kind) -> Callable[[Place], Inbound]:
    def read(place: Place) -> Inbound:
        message_key = text_id(place.frame.get("message_id"))
        role = ROLES.get(str(place.frame.get("role")), Role.BUYER)
        who = _party(
            place.frame.get("buyer") if role is Role.BUYER else place.frame.get("agent"), role, place
        )
        key = _key(place, kind.value, message_key, place.conversation_key, text_id(place.frame.get("at_ms")))
        return _fact(place, kind, who, key, message_key=message_key)

    return read


def _plain(kind: Kind, role: Role, *names: str) -> Callable[[Place], Inbound]:
    def read(place: Place) -> Inbound:
        frame = place.frame
        who = _party(frame.get("buyer") if role is Role.BUYER else frame.get("agent"), role, place)
        refs = {name: text_id(frame.get(name)) for name in names}
        key = _key(
            place, kind.value, text_id(frame.get("event_id")), place.conversation_key, who.platform_id,
            text_id(frame.get("at_ms")), *refs.values(),
        )  # fmt: skip
        return _fact(place, kind, who, key, refs=refs)

    return read


def _closed(place: Place) -> Inbound:
    fact = _plain(Kind.SESSION_STATE, Role.SYSTEM, "reason")(place)
    return replace(fact, refs={**fact.refs, "state": "closed"})


def _review(place: Place) -> Inbound:
    frame = place.frame
    score = frame.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        BAD_DELIVERY.refuse(reason="score")
    words = text_id(frame.get("text"))
    review_id = text_id(frame.get("review_id"))
    refs = {name: text_id(frame.get(name)) for name in ("order_id", "product_id")}
    key = _key(place, "review", review_id and f"{review_id}:{content_key(words, str(score))[:8]}", words)
    said = (parts.Rating(score, words), parts.Text(words)) if words else (parts.Rating(score),)
    who = _party(frame.get("buyer"), Role.BUYER, place)
    return _fact(place, Kind.COMMENT, who, key, message_key=review_id, parts=said, refs=refs)


def _unknown(place: Place) -> Inbound:
    key = _key(
        place, "unknown", text_id(place.frame.get("event_id")), repr(sorted(place.frame.items(), key=str))
    )
    at = text_id(place.frame.get("at_ms"))
    known_at = from_ms(int(at)) if at.isdecimal() and len(at) < 15 else from_ms(0)
    return Inbound(
        CHANNEL, place.account.key, key, Kind.UNKNOWN, known_at, conversation_key=place.conversation_key,
        origin=Origin.BRIDGE, refs={"type": text_id(place.frame.get("type"))}, raw=dict(place.frame),
    )  # fmt: skip


_READERS: dict[str, Callable[[Place], Inbound]] = {
    "msg.in": _message,
    "msg.edit": _edit,
    "msg.recall": _about_message(Kind.RECALL),
    "read": _about_message(Kind.READ),
    "typing": _plain(Kind.TYPING, Role.BUYER, "is_typing"),
    "conv.enter": _plain(Kind.ENTER, Role.BUYER, "product_id", "order_id", "room_id"),
    "conv.closed": _closed,
    "transfer": _plain(Kind.TRANSFER, Role.AGENT, "to_agent_id", "reason"),
    "agent.state": _plain(Kind.AGENT_STATE, Role.AGENT, "state"),
    "order": _plain(Kind.ORDER, Role.SYSTEM, "order_id", "status", "pay_fen"),
    "aftersale": _plain(
        Kind.AFTERSALE, Role.SYSTEM, "aftersale_id", "order_id", "status", "kind", "arbitration"
    ),
    "review": _review,
}
