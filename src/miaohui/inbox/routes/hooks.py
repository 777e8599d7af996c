"""The door for platforms: verify the raw bytes, store them, answer; everything else happens afterwards.

A plain Starlette route: no model, no validation, no look-up but the account's, which is cached.
Source: house §4 step 1, channels.md §0.4, reliability.md R1, R7, R9.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from miaohui.channels.model import MAX_BODY_BYTES, Account, HttpReply, RawRequest, check_limits
from miaohui.inbox.actions.deliveries import store_delivery
from miaohui.inbox.jobs.ports import book_of, ingress_of
from miaohui.inbox.model import NOT_GENUINE
from miaohui.kit.errors import TOO_LARGE, Refusal
from miaohui.kit.http import runtime
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor

RETRY_AFTER_S = "2"
# Constant: who forges deliveries learns nothing, neither about accounts nor about signatures.
_REFUSED = Response(
    b'{"code":"inbox.not_genuine","message":"' + NOT_GENUINE.zh.encode() + b'","message_en":"'
    + NOT_GENUINE.en.encode() + b'","detail":{},"trace_id":""}',
    NOT_GENUINE.status,
    media_type="application/json",
)  # fmt: skip


async def receive_hook(request: Request) -> Response:
    """Take in one delivery of a platform: `POST /hooks/{channel}/{account_key}`.

    Answers the adapter's acknowledgement once the bytes are committed; 401 for what is not genuine; 400 and
    413 for what is malformed; 503 with Retry-After while nothing can be stored.
    """
    rt = runtime(request)
    body = await _body(request)
    if body is None:
        return _error(TOO_LARGE.error(limit_bytes=MAX_BODY_BYTES))
    account = await _account(rt, request)
    ingress = ingress_of(rt, account.channel) if account is not None else None
    if account is None or ingress is None:
        return _REFUSED
    raw = RawRequest(
        request.method, request.url.path, {k.lower(): v for k, v in request.headers.items()},
        dict(request.query_params), body, rt.clock.now(),
    )  # fmt: skip
    if not ingress.verify(raw, account):
        return _REFUSED
    challenge = ingress.handshake(raw, account)
    if challenge is not None:
        return _reply(challenge)
    try:
        check_limits(body)
        actor = Actor("channel", account.id, account.channel)
        seal = getattr(ingress, "sealed", None)  # where a delivery carries somebody's credential
        kept = raw if seal is None else seal(raw, account)
        await rt.write(actor, lambda tx: store_delivery(tx, account, kept), hot=True)
    except Refusal as refusal:
        return _error(refusal)
    return _reply(ingress.ack(True))


async def _body(request: Request) -> bytes | None:
    """Return the body, or None when it is larger than any delivery may be."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > MAX_BODY_BYTES):
        return None
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


async def _account(rt: Runtime, request: Request) -> Account | None:
    key, channel = request.path_params["account_key"], request.path_params["channel"]
    if len(key) > 200:
        return None
    book = book_of(rt)
    is_known, account = book.known(key)
    if not is_known:
        account = await rt.read(lambda conn: book.by_key(conn, key))
    return account if account is not None and account.channel == channel else None


def _reply(reply: HttpReply) -> Response:
    return Response(reply.body, reply.status, media_type=reply.content_type)


def _error(refusal: Refusal) -> Response:
    kind = refusal.kind
    body = {
        "code": kind.code,
        "message": kind.zh,
        "message_en": kind.en,
        "detail": refusal.detail,
        "trace_id": "",
    }
    headers = {"Retry-After": RETRY_AFTER_S} if kind.status in (429, 503) else None
    status = 503 if kind.status == 429 else kind.status  # platforms retry on 503; 429 means nothing to them
    return Response(msgspec.json.encode(body), status, headers, "application/json")
