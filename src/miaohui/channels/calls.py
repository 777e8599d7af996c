"""One outgoing call in channel words: what failed, and whether it may have been taken (channels.md §6.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from miaohui.channels.model import (
    Account,
    AuthExpired,
    ChannelError,
    Fault,
    Http,
    RateLimited,
    Transient,
    Unknown,
    read_json,
)
from miaohui.kit import egress
from miaohui.kit.egress import Ask, Reply
from miaohui.kit.errors import Refusal

AMBIGUOUS = frozenset({408, 502, 504})


def secret_of(account: Account, name: str) -> str:
    """Return a secret of the account. Raises: AuthExpired when the shop has not given it (or revoked it)."""
    secret = account.secrets.get(name)
    if not secret:
        raise AuthExpired(account.channel, Fault("no_secret", f"渠道账号缺少 {name}"))
    return secret


async def call(http: Http, channel: str, ask: Ask, now: datetime) -> Reply:
    """Return the answer of a call when its status is below 500 and not 429.

    Raises: Transient (it cannot have been taken), RateLimited, Unknown (it may have been taken).
    """
    try:
        reply = await http.send(ask)
    except egress.NotSent as error:
        raise Transient(channel, Fault("not_sent", error.reason)) from error
    except egress.Unknown as error:
        raise Unknown(channel, Fault("no_answer", error.reason)) from error
    if reply.status == 429:
        raise RateLimited(channel, Fault("429", "HTTP 429", retry_after_s=reply.retry_after_s(now)))
    if reply.status in AMBIGUOUS:
        raise Unknown(channel, Fault(str(reply.status), "gateway gave up"))
    if reply.status >= 500:
        fault = Fault(str(reply.status), "server error", retry_after_s=reply.retry_after_s(now))
        raise Transient(channel, fault)
    return reply


def json_object(channel: str, reply: Reply) -> dict[str, Any]:
    """Return the JSON object inside an answer; other systems' answers are hostile input.

    Raises: Unknown for anything else (an error page, cut off, too deep, doubled keys).
    """
    try:
        value = read_json(reply.content, 8_388_608)
    except Refusal as refusal:
        raise Unknown(channel, Fault(str(reply.status), f"no JSON: {refusal.detail}")) from refusal
    if not isinstance(value, dict):
        raise Unknown(channel, Fault(str(reply.status), "no JSON object"))
    return value


def as_read(error: ChannelError) -> ChannelError:
    """Return the error of a call that only reads: there nothing is ambiguous, it may simply be repeated."""
    return Transient(error.channel, error.fault) if isinstance(error, Unknown) else error
