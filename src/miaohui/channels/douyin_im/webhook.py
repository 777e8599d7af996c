"""Webhook deliveries of 抖音 → facts. Pure. Source: channels.md §2.1.

`content` is an object for some events and a JSON text for others: both are read. The platform signs no time,
so a replay is genuine; only the permanent key stops it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from miaohui.channels.douyin_im.message import message_parts
from miaohui.channels.model import (
    BAD_DELIVERY,
    GENUINE,
    Account,
    HttpReply,
    Inbound,
    Kind,
    Origin,
    Party,
    RawRequest,
    Role,
    Verdict,
    content_key,
    read_json,
    same_secret,
    text_id,
)
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.errors import Refusal

CHANNEL = "douyin_im"
ENTRY = "消息私信"
EPOCH = from_ms(0)
MESSAGE_EVENTS = frozenset({"im_receive_msg", "im_send_msg", "im_group_receive_msg", "im_group_send_msg"})
SENT_BY_US = frozenset({"im_send_msg", "im_group_send_msg"})


def signature(secret: str, body: bytes) -> str:
    """Return `X-Douyin-Signature` of a body. sha1 is the platform's choice."""
    return hashlib.sha1(secret.encode() + body, usedforsecurity=False).hexdigest()


def client_key(account: Account) -> str:
    """Return the application's key: the account's own key is only the secret part of its webhook's address."""
    return str(account.config.get("client_key") or account.key)


def verify(raw: RawRequest, account: Account) -> Verdict:
    """Return whether the signature fits. 小程序 webhooks use a secret of their own (`webhook_secret`)."""
    given = raw.headers.get("x-douyin-signature", "").lower()
    secret = account.secrets.get("webhook_secret") or account.secrets.get("client_secret")
    is_ours = bool(secret) and same_secret(given, signature(secret or "", raw.body))
    return GENUINE if is_ours else Verdict(False, "signature")


def handshake(raw: RawRequest) -> HttpReply | None:
    """Return the answer to `verify_webhook`: the challenge, same value and type."""
    if b"verify_webhook" not in raw.body:
        return None
    envelope = read_json(raw.body)
    if not isinstance(envelope, Mapping) or envelope.get("event") != "verify_webhook":
        return None
    challenge = _content(envelope).get("challenge")
    return HttpReply(200, json.dumps({"challenge": challenge}, separators=(",", ":")).encode())


@dataclass(frozen=True)
class Delivery:
    """One webhook, unpacked."""

    event: str
    envelope: Mapping[str, Any]
    content: Mapping[str, Any]
    account: Account
    msg_id: str

    @property
    def sender(self) -> str:
        return text_id(self.envelope.get("from_user_id"))

    @property
    def receiver(self) -> str:
        return text_id(self.envelope.get("to_user_id"))

    @property
    def buyer(self) -> str:
        """The other one: not our own account, which `open_id` of the configuration names."""
        ours = text_id(self.account.config.get("open_id"))
        is_ours = self.event in SENT_BY_US or (bool(ours) and self.sender == ours)
        return self.receiver if is_ours else self.sender

    def key(self, entity: str = "") -> str:
        """Return the permanent key: event and entity where there is one, else Msg-Id, else the content."""
        name = entity or self.msg_id or "#" + content_key(repr(sorted(self.envelope.items(), key=str)))
        return f"dy:{client_key(self.account)}:{self.event}:{name}"

    def person(self, open_id: str, role: Role) -> Party:
        """Return who `open_id` is, with the name that the delivery tells."""
        infos = self.content.get("user_infos")
        for info in infos if isinstance(infos, list) else []:
            if isinstance(info, Mapping) and text_id(info.get("open_id")) == open_id:
                name, avatar = text_id(info.get("nick_name")), text_id(info.get("avatar"))
                return Party(role, open_id, name, f"app:{client_key(self.account)}", avatar)
        return Party(role, open_id, "", f"app:{client_key(self.account)}")


def decode(raw: RawRequest, account: Account) -> tuple[Inbound, ...]:
    """Return the fact of a delivery; an event that we do not know is kept as it is."""
    envelope = read_json(raw.body)
    if not isinstance(envelope, Mapping):
        BAD_DELIVERY.refuse(reason="shape")
    event = text_id(envelope.get("event"))
    found = Delivery(event, envelope, _content(envelope), account, raw.headers.get("msg-id", ""))
    fact = _READERS.get(event, _unknown)(found)
    ids = {"event": event, "msg_id": found.msg_id, "log_id": text_id(envelope.get("log_id"))}
    kept = {name: value for name, value in {**fact.refs, **ids}.items() if value}
    whole = dict(envelope) | {"content": dict(found.content)}
    return (replace(fact, refs=kept, raw=whole).with_time(raw.received_at),)


def _content(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    value = envelope.get("content")
    if isinstance(value, str) and value:
        try:
            value = read_json(value)
        except Refusal:
            return {"unreadable": envelope["content"]}
    return value if isinstance(value, Mapping) else {}


def _moment(value: Any) -> datetime:
    """Return a platform time: 13 digits are milliseconds, 10 are seconds."""
    digits = text_id(value)
    if not digits.isdecimal() or not 0 < int(digits) < 10**14:
        return EPOCH
    return from_ms(int(digits) if int(digits) >= 10**11 else int(digits) * 1000)


def _fact(found: Delivery, kind: Kind, actor: Party, at: Any, entity: str = "") -> Inbound:
    return Inbound(
        channel=CHANNEL, account_key=found.account.key, event_key=found.key(entity), kind=kind,
        occurred_at=_moment(at), actor=actor, entry=ENTRY,
    )  # fmt: skip


def _conversation(found: Delivery, kind: Kind, actor: Party) -> Inbound:
    """Return a fact of a conversation. Between two people the buyer's open_id names it: authorisations carry no
    `conversation_short_id`, and nobody has verified that it stays the same over events. Groups go by their id."""
    content = found.content
    message_key = text_id(content.get("server_message_id"))
    fact = _fact(found, kind, actor, content.get("create_time"), message_key)
    short_id, buyer_id = text_id(content.get("conversation_short_id")), found.buyer
    is_group = text_id(content.get("conversation_type")) == "2"
    refs = {
        "conversation_type": text_id(content.get("conversation_type")),
        "conversation_short_id": short_id,
        "scene_type": text_id(content.get("scene_type")),
        "item_id": text_id(content.get("item_id")),
        "buyer_id": buyer_id,
        "id_space": f"app:{client_key(found.account)}",
    }
    conversation_key = short_id if is_group or not buyer_id else buyer_id
    return replace(fact, conversation_key=conversation_key, message_key=message_key, refs=refs)


def _message(found: Delivery) -> Inbound:
    is_ours = found.event in SENT_BY_US
    fact = _conversation(
        found, Kind.MESSAGE, found.person(found.sender, Role.AGENT if is_ours else Role.BUYER)
    )
    # Sent through the API the platform names our client_key; typed by a person in the app it names nobody.
    by_api = is_ours and text_id(found.content.get("source")) == client_key(found.account)
    return replace(fact, origin=Origin.API if by_api else Origin.APP, parts=message_parts(found.content))


def _recall(found: Delivery) -> Inbound:
    by_us = bool(found.sender) and found.sender == text_id(found.account.config.get("open_id"))
    return _conversation(found, Kind.RECALL, found.person(found.sender, Role.AGENT if by_us else Role.BUYER))


def _enter(found: Delivery) -> Inbound:
    fact = _conversation(found, Kind.ENTER, found.person(found.sender, Role.BUYER))
    content = found.content
    ad = content.get("ad_info")
    more = {
        "item_id": text_id(content.get("objectId")) or text_id(content.get("object_id")),
        "query": text_id(content.get("query")),
        "path": text_id(content.get("path")),
        "ad_info": dict(ad) if isinstance(ad, Mapping) else text_id(ad),
    }
    return replace(fact, refs={**fact.refs, **{name: value for name, value in more.items() if value}})


def _authorise(found: Delivery) -> Inbound:
    content = found.content
    at = content.get("update_time") or content.get("create_time")
    entity = f"{found.sender}:{text_id(at)}" if found.sender and at else ""
    fact = _fact(found, Kind.AUTH, found.person(found.sender, Role.BUYER), at, entity)
    names = ("auth_status", "expire_time", "source", "query", "path")
    refs: dict[str, Any] = {name: text_id(content.get(name)) for name in names}
    ends = _moment(content.get("expire_time")) if refs["auth_status"] == "1" else fact.occurred_at
    return replace(fact, conversation_key=found.sender, refs=refs | {"expires_at_ms": to_ms(ends)})


def _account_auth(found: Delivery) -> Inbound:
    fact = _fact(found, Kind.AUTH, Party(Role.SYSTEM, found.sender, "抖音"), 0)
    return replace(
        fact, refs={"scope": "account", "granted": "no" if found.event == "unauthorize" else "yes"}
    )


def _comment(found: Delivery) -> Inbound:
    content = found.content
    comment_id, words = text_id(content.get("comment_id")), text_id(content.get("content"))
    actor = found.person(text_id(content.get("comment_user_id")) or found.sender, Role.BUYER)
    fact = _fact(found, Kind.COMMENT, actor, content.get("create_time"))
    refs = {
        "comment_id": comment_id,
        "item_id": text_id(content.get("reply_to_item_id")),
        "reply_to_comment_id": text_id(content.get("reply_to_comment_id")),
    }
    return replace(
        fact, event_key=comment_key(comment_id, words) if comment_id else fact.event_key,
        entry="其他", message_key=comment_id, parts=message_parts({"message_type": "text", "text": words}),
        refs=refs,
    )  # fmt: skip


def comment_key(comment_id: str, words: str) -> str:
    """Return the permanent key of a comment, pushed or listed; edited, it is another fact."""
    return f"cmt:{comment_id}:{content_key(words)[:8]}"


def _signal(kind: Kind) -> Callable[[Delivery], Inbound]:
    def read(found: Delivery) -> Inbound:
        content = found.content
        fact = _fact(found, kind, found.person(found.sender, Role.BUYER), content.get("action_time"))
        refs = {
            "item_id": text_id(content.get("item_id")),
            "action_type": text_id(content.get("action_type")),
        }
        return replace(fact, entry="其他", refs=refs)

    return read


def _unknown(found: Delivery) -> Inbound:
    kind = Kind.PROBE if found.event == "verify_webhook" else Kind.UNKNOWN
    return _fact(found, kind, Party(), found.content.get("create_time"))


_READERS: dict[str, Callable[[Delivery], Inbound]] = {
    **dict.fromkeys(MESSAGE_EVENTS, _message),
    "im_recall_msg": _recall,
    "im_enter_direct_msg": _enter,
    "im_authorize": _authorise,
    "authorize": _account_auth,
    "unauthorize": _account_auth,
    "item_comment_reply": _comment,
    "new_video_digg": _signal(Kind.LIKE),
    "new_follow_action": _signal(Kind.FOLLOW),
    "dial_phone": _signal(Kind.CONTACT),
    "website_contact": _signal(Kind.CONTACT),
    "personal_tab_contact": _signal(Kind.CONTACT),
}
