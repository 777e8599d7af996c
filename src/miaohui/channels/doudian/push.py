"""Pushed deliveries of 抖店 → facts. Pure, no clock: a push without a time of its own keeps the time 0.

Body: a JSON array of `{"tag", "msg_id", "data": "<JSON text>"}`. Tolerated as well: a single object, `msgId`,
`data` as an object (what the .NET fixtures show). Source: channels.md §1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from miaohui.channels.doudian.sign import event_sign
from miaohui.channels.doudian.tags import PROBE_TAG, TAGS, TIME_FIELDS
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
from miaohui.kit.clock import from_ms
from miaohui.kit.errors import Refusal

CHANNEL = "doudian"
ACK = HttpReply(200, b'{"code":0,"msg":"success"}')
NACK = HttpReply(200, b'{"code":1,"msg":"fail"}')
EPOCH = from_ms(0)
_SHANGHAI = timezone(timedelta(hours=8))


def app_key(account: Account) -> str:
    """Return the app's key: several shops (accounts) may share one app."""
    return str(account.config.get("app_key") or account.key)


def verify(raw: RawRequest, account: Account) -> Verdict:
    """Return whether `event-sign` fits the raw bytes and `app-id` names this account's app."""
    if not same_secret(raw.headers.get("app-id", ""), app_key(account)):
        return Verdict(False, "app_id")
    given = raw.headers.get("event-sign", "").lower()
    secret = account.secrets.get("app_secret")
    if not secret or not same_secret(given, event_sign(app_key(account), secret, raw.body)):
        return Verdict(False, "signature")
    return GENUINE


def decode(raw: RawRequest, account: Account) -> tuple[Inbound, ...]:
    """Return one fact per entry, in their order. Unknown kinds are kept as they are."""
    entries = read_json(raw.body)
    if isinstance(entries, Mapping):
        entries = [entries]
    if not isinstance(entries, list):
        BAD_DELIVERY.refuse(reason="shape")
    facts = (_fact(entry, at, account) for at, entry in enumerate(entries))
    return tuple(fact.with_time(raw.received_at) for fact in facts)


def _fact(entry: Any, at: int, account: Account) -> Inbound:
    if not isinstance(entry, Mapping):
        return _plain(Kind.UNKNOWN, {}, entry, account, at)
    data = _data(entry.get("data"))
    tag = text_id(entry.get("tag"))
    known = TAGS.get(tag)
    if isinstance(data, Mapping) and is_foreign(data, account):
        return _foreign(entry, data, account, at)
    if not isinstance(data, Mapping) or known is None:
        kind = Kind.PROBE if tag == PROBE_TAG else Kind.UNKNOWN
        return _plain(kind, entry, entry, account, at)
    return Inbound(
        channel=CHANNEL,
        account_key=account.key,
        event_key=_event_key(entry, account),
        kind=known.kind,
        occurred_at=_time_in(data),
        actor=Party(Role.SYSTEM, text_id(data.get("shop_id")), "抖店", "shop"),
        seq_hint=at,
        origin=Origin.API,
        refs={"shape": "push", "tag": tag, "topic": known.topic, **refs_of(data)},
        raw=data,
    )


def _foreign(entry: Mapping[str, Any], data: Mapping[str, Any], account: Account, at: int) -> Inbound:
    """Return a fact that nobody of this shop may read: ids only, no content."""
    shop_id = text_id(data.get("shop_id"))
    return Inbound(
        CHANNEL, f"shop:{shop_id}", _event_key(entry, account), Kind.UNKNOWN, _time_in(data), seq_hint=at,
        origin=Origin.API, refs={"shape": "push", "tag": text_id(entry.get("tag")), "foreign_shop_id": shop_id},
    )  # fmt: skip


def _plain(kind: Kind, entry: Mapping[str, Any], raw: Any, account: Account, at: int) -> Inbound:
    key = _event_key(entry, account) if entry else f"dd:{app_key(account)}:#{content_key(repr(raw))}"
    data = _data(entry.get("data")) if entry else None
    refs = refs_of(data) if isinstance(data, Mapping) else {}
    tag = text_id(entry.get("tag")) if entry else ""
    when = _time_in(data) if isinstance(data, Mapping) else EPOCH
    return Inbound(
        CHANNEL, account.key, key, kind, when, seq_hint=at, origin=Origin.API,
        refs={"shape": "push", "tag": tag, **refs}, raw=raw,
    )  # fmt: skip


def is_foreign(data: Mapping[str, Any], account: Account) -> bool:
    """Tell whether a fact belongs to another shop of the same app: deliveries may mix several shops.

    An account that names its `platform_shop_id` takes only facts of that shop.
    """
    ours, theirs = text_id(account.config.get("platform_shop_id")), text_id(data.get("shop_id"))
    return bool(ours and theirs and ours != theirs)


def _event_key(entry: Mapping[str, Any], account: Account) -> str:
    msg_id = text_id(entry.get("msg_id")) or text_id(entry.get("msgId"))
    return f"dd:{app_key(account)}:{msg_id or '#' + content_key(repr(entry))}"


def _data(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return read_json(value)
    except Refusal:
        return value


def refs_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ids inside a push's data, all as text."""
    logistics = data.get("logistics_msg")
    found = {
        "order_id": text_id(data.get("p_id")),
        "aftersale_id": text_id(data.get("aftersale_id")),
        "arbitrate_id": text_id(data.get("arbitrate_id")),
        "product_id": text_id(data.get("product_id")),
        "platform_shop_id": text_id(data.get("shop_id")),
        "tracking_no": text_id(logistics.get("logistics_code")) if isinstance(logistics, Mapping) else "",
    }
    subs = data.get("s_ids") if isinstance(data.get("s_ids"), list) else [data.get("s_id")]
    ids = [one for sub in subs or [] if (one := text_id(sub))]
    return {name: value for name, value in found.items() if value} | ({"sub_order_ids": ids} if ids else {})


def _time_in(data: Mapping[str, Any]) -> datetime:
    for name in TIME_FIELDS:
        if (at := moment(data.get(name))) is not None:
            return at
    return EPOCH


def moment(value: Any) -> datetime | None:
    """Return a platform time: seconds or milliseconds since 1970, as number or text, or text in GMT+8."""
    text = text_id(value)
    if text.isdecimal():
        number = int(text)
        if not 0 < number < 10**14:
            return None
        return from_ms(number if number >= 10**11 else number * 1000)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=_SHANGHAI)).astimezone(UTC).replace(microsecond=0)
