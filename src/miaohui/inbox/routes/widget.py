"""The web widget's own doors: a visitor's session, frames, files, history, live hints.

Who the visitor is stands in a token that we signed (`x-miaohui-visitor`); nothing else of the browser is
believed. Frames go the way of every platform's delivery: verified, stored, answered, then handled.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from miaohui.channels.model import Account
from miaohui.channels.web_widget.frames import MAX_TEXT_CHARS, conversation_key
from miaohui.channels.web_widget.visitor import Visitor, is_proven, issue_token, visitor_of
from miaohui.inbox.actions.announce import visitor_topic
from miaohui.inbox.actions.files import add_upload
from miaohui.inbox.jobs.ports import blobs_of, book_of
from miaohui.inbox.model import LINK_EXPIRED, WIDGET_SESSION
from miaohui.inbox.queries.files import with_links
from miaohui.inbox.queries.visitor import FOREVER_MS, read_visitor_page
from miaohui.inbox.routes.files import attachment_out
from miaohui.inbox.routes.hooks import receive_hook
from miaohui.inbox.schemas import AttachmentOut, OkOut
from miaohui.inbox.schemas.widget import (
    TypingIn,
    VisitorIn,
    VisitorLineOut,
    VisitorPageOut,
    VisitorSessionOut,
)
from miaohui.kit.blobs import EMPTY_FILE, MAX_BYTES, TYPE_REFUSED
from miaohui.kit.errors import NOT_FOUND, TOO_LARGE, TOO_MANY
from miaohui.kit.http import Rt, refusals, runtime
from miaohui.kit.live import LiveHub, Subscriber
from miaohui.kit.pace import Pace
from miaohui.kit.randomness import secret_token
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor
from miaohui.kit.waiting import heard

router = APIRouter(prefix="/widget", tags=["widget"])
CHANNEL = "widget"
KEEP_ALIVE_S = 15.0
MAX_STREAMS_EACH = 4


@dataclass(frozen=True)
class Guest:
    """A visitor with a valid token, in one widget."""

    account: Account
    visitor: Visitor

    @property
    def peer(self) -> str:
        return conversation_key(self.visitor)

    @property
    def topic(self) -> str:
        return visitor_topic(self.account.id, self.peer)

    @property
    def actor(self) -> Actor:
        return Actor("buyer", None, "访客")


def _pace(rt: Runtime, name: str, per_s: float, burst: int) -> Pace:
    key = f"inbox.pace.{name}"
    if key not in rt.ports:
        rt.ports[key] = Pace(rt.clock, per_s, burst)
    return rt.ports[key]  # type: ignore[no-any-return]


async def widget_account(rt: Runtime, account_key: str) -> Account:
    """Return the widget's account. Raises: Refusal kit.not_found."""
    book = book_of(rt)
    is_known, account = book.known(account_key)
    if not is_known and len(account_key) <= 200:
        account = await rt.read(lambda conn: book.by_key(conn, account_key))
    if account is None or account.channel != CHANNEL or "signing_key" not in account.secrets:
        NOT_FOUND.refuse(account_key=account_key[:64])
    return account


async def guest(request: Request, account_key: str) -> Guest:
    """Return who visits. Raises: Refusal kit.not_found, inbox.widget_session, kit.too_many_requests."""
    rt = runtime(request)
    account = await widget_account(rt, account_key)
    visitor = visitor_of(account, request.headers.get("x-miaohui-visitor", ""), rt.clock.now())
    if visitor is None:
        WIDGET_SESSION.refuse()
    _pace(rt, "guest", 10.0, 60).check(f"{account.id}:{visitor.id}")
    return Guest(account, visitor)


Visiting = Annotated[Guest, Depends(guest)]


@router.post(
    "/{account_key}/session",
    operation_id="open_widget_session",
    summary="打开网页客服会话",
    responses=refusals(WIDGET_SESSION),
)
async def open_session(account_key: str, body: VisitorIn, request: Request, rt: Rt) -> VisitorSessionOut:
    """Return a token for a visitor: the same person again when the old token or the site's proof says so."""
    account = await widget_account(rt, account_key)
    ip = request.client.host if request.client else ""
    _pace(rt, "session", 0.5, 30).check(f"{account.id}:{ip}")
    now = rt.clock.now()
    known = visitor_of(account, body.token, now) if body.token else None
    if body.customer_id:
        if not is_proven(account, body.customer_id, body.customer_proof):
            WIDGET_SESSION.refuse(reason="customer_proof")
        visitor = Visitor(f"c-{body.customer_id}", body.name, body.customer_id)
    else:
        visitor = known or Visitor(secret_token(12), body.name)
    shown = account.config
    return VisitorSessionOut(
        token=issue_token(account, visitor, now),
        title=str(shown.get("title", "在线客服")),
        welcome_zh=str(shown.get("welcome_zh", "您好，请问有什么可以帮您？")),
        color=str(shown.get("color", "#2f54eb")),
        max_text_chars=MAX_TEXT_CHARS,
        server_at=now,
    )


@router.get(
    "/{account_key}/messages",
    operation_id="list_widget_messages",
    summary="访客的聊天记录",
    responses=refusals(WIDGET_SESSION),
)
async def history(
    who: Visiting,
    rt: Rt,
    before_ms: Annotated[int, Query(ge=0, le=FOREVER_MS)] = FOREVER_MS,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> VisitorPageOut:
    """Return what the visitor may see, oldest first, with fresh links to files."""
    account = who.account
    found = await rt.read(
        lambda conn: read_visitor_page(conn, account.shop_id, account.id, who.peer, (before_ms, limit))
    )
    now_s, blobs = rt.clock.now().timestamp(), blobs_of(rt)
    items = [
        VisitorLineOut(
            id=line.id, role=line.role, parts=with_links(blobs, line.parts, now_s), at=line.at,
            frame_id=line.frame_id, is_recalled=line.is_recalled,
        )
        for line in found.lines
    ]  # fmt: skip
    return VisitorPageOut(items=items, before_ms=found.before_ms, is_open=found.is_open)


@router.post(
    "/{account_key}/uploads",
    operation_id="upload_widget_file",
    summary="访客上传文件",
    status_code=201,
    responses=refusals(WIDGET_SESSION, TYPE_REFUSED, EMPTY_FILE, TOO_LARGE),
)
async def upload(file: UploadFile, who: Visiting, rt: Rt) -> AttachmentOut:
    """Store a visitor's file, typed by its content; the answer's `part` goes into a message frame."""
    _pace(rt, "upload", 0.2, 10).check(f"{who.account.id}:{who.visitor.id}")
    data = await file.read(MAX_BYTES + 1)
    blob = await rt.in_thread(lambda: blobs_of(rt).put(data))
    name = file.filename or "file"
    attachment_id = await rt.write(who.actor, lambda tx: add_upload(tx, who.account, who.peer, blob, name))
    return attachment_out(rt, attachment_id, blob, name)


@router.post(
    "/{account_key}/typing",
    operation_id="show_visitor_typing",
    summary="访客正在输入",
    responses=refusals(WIDGET_SESSION),
)
async def typing(body: TypingIn, who: Visiting, rt: Rt) -> OkOut:
    """Show the agents that the visitor writes; nothing is stored."""
    account, hub = who.account, rt.ports.get("hub")
    page = await rt.read(
        lambda conn: read_visitor_page(conn, account.shop_id, account.id, who.peer, (FOREVER_MS, 1))
    )
    if hub is not None and page.conversation_id is not None:
        frame = {"type": "buyer_typing", "conversation_id": page.conversation_id, "on": body.on}
        topic = f"conversation:{page.conversation_id}"
        hub.signal(account.shop_id, topic, msgspec.json.encode(frame))
    return OkOut()


async def receive_frames(request: Request) -> Response:
    """Take in what a visitor's page says: `POST /widget/{account_key}/frames`, as any platform's delivery."""
    rt = runtime(request)
    account = await widget_account(rt, request.path_params["account_key"])
    token = request.headers.get("x-miaohui-visitor", "")
    visitor = visitor_of(account, token, rt.clock.now())
    if visitor is None:
        WIDGET_SESSION.refuse()
    if not _pace(rt, "frames", 3.0, 30).take(f"{account.id}:{visitor.id}"):
        TOO_MANY.refuse(retry_after_s=1)
    request.path_params["channel"] = CHANNEL
    return await receive_hook(request)


@router.get(
    "/{account_key}/events",
    operation_id="follow_widget_events",
    summary="访客的实时提示（SSE）",
    responses=refusals(WIDGET_SESSION, LINK_EXPIRED),
    response_class=StreamingResponse,
)
async def events(
    who: Visiting, request: Request, rt: Rt, since: Annotated[int | None, Query(ge=0, lt=2**53)] = None
) -> StreamingResponse:
    """Follow the hints for this visitor; `Last-Event-ID` or `since` resumes, `resync` says: read again."""
    hub: LiveHub = rt.ports["hub"]
    mine = [s for s in hub.subscribers() if who.topic in s.topics and s.shop_id == who.account.shop_id]
    if len(mine) >= MAX_STREAMS_EACH:
        TOO_MANY.refuse(open_streams=len(mine))
    last = request.headers.get("last-event-id", "")
    start = int(last) if last.isdecimal() and len(last) < 17 else since
    return StreamingResponse(
        _stream(hub, who, start), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _stream(hub: LiveHub, who: Guest, since: int | None) -> AsyncIterator[bytes]:
    subscriber = Subscriber(who.account.shop_id, 0)
    hub.join(subscriber)
    upto = hub.cursor
    hub.subscribe(subscriber, {who.topic})
    try:
        yield b"retry: 2000\n" + _sse(upto, {"type": "hello"})
        if since is not None and since < upto:
            missed = await hub.replay(who.account.shop_id, {who.topic}, since, upto)
            if missed is None:
                yield _sse(upto, {"type": "resync"})
            for event in missed or ():
                yield _sse(event.id, msgspec.json.decode(event.data))
        while True:
            await heard(subscriber.wake, KEEP_ALIVE_S)
            subscriber.wake.clear()
            if subscriber.lagging:
                subscriber.lagging = False
                yield _sse(hub.cursor, {"type": "resync"})
            if not subscriber.frames:
                yield b": keep-alive\n\n"
            while subscriber.frames:
                event_id, frame = subscriber.frames.popleft()
                yield _sse(event_id or None, _hint(frame))
    finally:
        hub.leave(subscriber)


def _hint(frame: bytes) -> Any:
    """Return what a visitor may know of a frame: the hint inside, without the feed's own fields."""
    value = msgspec.json.decode(frame)
    return value.get("data", value)


def _sse(event_id: int | None, value: Any) -> bytes:
    head = b"" if event_id is None else b"id: %d\n" % event_id
    return head + b"data: " + msgspec.json.encode(value) + b"\n\n"
