"""Messages over HTTP: pages of them, replies, recall, search."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from sqlalchemy.engine import Connection

from miaohui.channels.model import ChannelError, Outbound, Part, decode_parts, visible
from miaohui.channels.model.parts import Text, Unknown
from miaohui.inbox.actions.media import retry_media
from miaohui.inbox.actions.outcome import settle_unknown
from miaohui.inbox.actions.reply import reply, retract_reply
from miaohui.inbox.jobs.ports import book_of, sender_of
from miaohui.inbox.jobs.typing import show_typing
from miaohui.inbox.model import (
    CHANNEL_MISSING,
    CLIENT_ID_REUSED,
    CONVERSATION_CLOSED,
    EMPTY_REPLY,
    NOT_RECALLABLE,
    NOT_UNKNOWN,
    PART_NOT_SUPPORTED,
    QUERY_TOO_SHORT,
    TEXT_TOO_LONG,
    WINDOW_CLOSED,
    ReplyDraft,
)
from miaohui.inbox.model.media import NOTHING_TO_FETCH
from miaohui.inbox.queries.conversations import check_visible, get_conversation, scope_of
from miaohui.inbox.queries.messages import (
    Message,
    get_history,
    get_message,
    list_around,
    list_messages,
    list_messages_after,
)
from miaohui.inbox.queries.search import Search, search_messages
from miaohui.inbox.routes.sending import check_send
from miaohui.inbox.routes.shapes import cursor_of, message_out, page_out, seen, text_of
from miaohui.inbox.schemas import (
    HistoryOut,
    HitOut,
    HitsOut,
    Ident,
    MessagePageOut,
    OkOut,
    ReplyIn,
    ReplyOut,
    VerdictIn,
)
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.kit.runtime import Runtime

router = APIRouter(tags=["inbox"])
Reader = Annotated[Caller, Depends(require("inbox.read"))]
Writer = Annotated[Caller, Depends(require("inbox.reply"))]
BASE = "/api/conversations/{conversation_id}/messages"
RECALL_TIMEOUT_S = 10.0
SHANGHAI = ZoneInfo("Asia/Shanghai")


@router.get(BASE, operation_id="list_messages", summary="会话消息", responses=refusals())
async def list_page(  # noqa: PLR0913 - one parameter for each way to page
    conversation_id: Ident,
    caller: Reader,
    rt: Rt,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=60, description="取更早的消息")] = None,
    after: Annotated[str | None, Query(max_length=60, description="取更新的消息")] = None,
    around: Annotated[Ident | None, Query(description="取某条消息前后")] = None,
) -> MessagePageOut:
    """Return messages in the platform's order, oldest first: the newest, older ones, newer ones, or around one."""
    before, later = cursor_of(cursor, (3,)), cursor_of(after, (3,))

    def read(conn: Connection) -> MessagePageOut:
        check_visible(conn, caller, conversation_id)
        found = _page(conn, caller.shop_id, conversation_id, limit, (before, later, around))
        return page_out(rt, conn, caller.shop_id, found, limit)

    return await rt.read(read)


def _page(conn: Connection, shop_id: int, conversation_id: int, limit: int, where: Any) -> list[Message]:
    before, later, around = where
    if around is not None:
        return list_around(conn, shop_id, conversation_id, around, limit)
    if later is not None:
        return list_messages_after(conn, shop_id, conversation_id, later, limit)
    return list_messages(conn, shop_id, conversation_id, limit, before)


@router.post(
    BASE,
    operation_id="send_reply",
    summary="回复买家",
    status_code=202,
    responses=refusals(
        CONVERSATION_CLOSED, EMPTY_REPLY, TEXT_TOO_LONG, CLIENT_ID_REUSED, WINDOW_CLOSED, PART_NOT_SUPPORTED,
        CHANNEL_MISSING,
    ),
)  # fmt: skip
async def send(conversation_id: Ident, body: ReplyIn, caller: Writer, rt: Rt) -> ReplyOut:
    """Queue a reply. The same `client_id` again returns the same message and sends nothing."""
    draft = ReplyDraft(_parts(body), reply_to_message_id=body.reply_to_message_id)
    await rt.read(lambda conn: check_send(rt, conn, caller, conversation_id, draft, body.client_id))
    act = seen(caller, conversation_id)
    message_id = await rt.write(
        caller.actor,
        lambda tx: act(tx, reply, caller.shop_id, conversation_id, draft, caller.user_id, body.client_id),
    )
    found = await rt.read(lambda conn: get_message(conn, caller.shop_id, message_id))
    return ReplyOut(message=message_out(rt, found))


def _parts(body: ReplyIn) -> tuple[Part, ...]:
    parts = decode_parts(body.parts)
    if any(isinstance(part, Unknown) for part in parts):
        PART_NOT_SUPPORTED.refuse(types=sorted(str(part.get("type")) for part in body.parts))
    text = (Text(visible(body.text)),) if body.text else ()
    return (*text, *parts)


@router.post(
    BASE + "/{message_id}/recall",
    operation_id="recall_reply",
    summary="撤回消息",
    responses=refusals(NOT_RECALLABLE, CHANNEL_MISSING),
)
async def recall(conversation_id: Ident, message_id: Ident, caller: Writer, rt: Rt) -> OkOut:
    """Take one of our messages back, on the platform first."""
    message = await rt.read(lambda conn: _message(conn, caller, conversation_id, message_id))
    await _recall_there(rt, caller.shop_id, message)
    act = seen(caller, conversation_id)
    await rt.write(
        caller.actor, lambda tx: act(tx, retract_reply, caller.shop_id, message_id, caller.user_id)
    )
    return OkOut()


async def _recall_there(rt: Runtime, shop_id: int, message: Message) -> None:
    """Ask the platform to take a message back. Raises: Refusal inbox.not_recallable, inbox.channel_missing."""
    talk = await rt.read(lambda conn: get_conversation(conn, shop_id, message.conversation_id))
    account = await rt.read(lambda conn: book_of(rt).by_id(conn, shop_id, talk.account_id))
    sender = sender_of(rt, account.channel) or CHANNEL_MISSING.refuse(channel=account.channel)
    is_ours = message.role in ("agent", "bot") and message.state == "delivered" and not message.recalled_at
    if not is_ours or not sender.caps.can_recall:
        NOT_RECALLABLE.refuse(message_id=message.id)
    age_s = (rt.clock.now() - message.received_at).total_seconds()
    if sender.caps.recall_within_s is not None and age_s > sender.caps.recall_within_s:
        NOT_RECALLABLE.refuse(message_id=message.id, within_s=sender.caps.recall_within_s)
    refs = {**talk.refs, **message.refs}
    out = Outbound(talk.conversation_key, talk.buyer_platform_id, decode_parts(message.parts), refs=refs)
    try:
        async with asyncio.timeout(RECALL_TIMEOUT_S):
            await sender.recall(account, out, message.message_key or str(message.id))
    except (ChannelError, TimeoutError) as error:
        shown = error.shown_zh if isinstance(error, ChannelError) else "平台没有及时答复"
        NOT_RECALLABLE.refuse(message_id=message.id, reason_zh=shown)


def _message(conn: Connection, caller: Caller, conversation_id: int, message_id: int) -> Message:
    check_visible(conn, caller, conversation_id)
    found = get_message(conn, caller.shop_id, message_id)
    if found.conversation_id != conversation_id:
        NOT_FOUND.refuse(message_id=message_id)
    return found


@router.post(
    BASE + "/{message_id}/media",
    operation_id="fetch_media_again",
    summary="重新获取平台的图片、语音、视频或文件",
    status_code=202,
    responses=refusals(NOTHING_TO_FETCH),
)
async def fetch_again(conversation_id: Ident, message_id: Ident, caller: Writer, rt: Rt) -> OkOut:
    """Fetch again what could not be had from the platform; the outcome comes as `inbox.message_media`."""
    await rt.read(lambda conn: _message(conn, caller, conversation_id, message_id))
    act = seen(caller, conversation_id)
    await rt.write(caller.actor, lambda tx: act(tx, retry_media, caller.shop_id, message_id))
    return OkOut()


@router.post(
    BASE + "/{message_id}/verdict",
    operation_id="settle_reply",
    summary="核对未确认的消息",
    responses=refusals(NOT_UNKNOWN),
)
async def settle(conversation_id: Ident, message_id: Ident, body: VerdictIn, caller: Writer, rt: Rt) -> OkOut:
    """Write down whether a reply with unknown outcome arrived; nothing is sent again by this."""
    await rt.read(lambda conn: _message(conn, caller, conversation_id, message_id))
    act = seen(caller, conversation_id)
    await rt.write(
        caller.actor, lambda tx: act(tx, settle_unknown, caller.shop_id, message_id, body.has_arrived)
    )
    return OkOut()


@router.get(
    BASE + "/{message_id}/history",
    operation_id="get_message_history",
    summary="消息经过（编辑、撤回、冲突、发送记录）",
    responses=refusals(),
)
async def history(conversation_id: Ident, message_id: Ident, caller: Reader, rt: Rt) -> HistoryOut:
    """Return what happened to one message."""

    def read(conn: Connection) -> HistoryOut:
        _message(conn, caller, conversation_id, message_id)
        found = get_history(conn, caller.shop_id, message_id)
        return HistoryOut(**{name: [_shown(row) for row in rows] for name, rows in found.items()})

    return await rt.read(read)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    hidden = ("shop_id", "digest", "account_id")
    return {name: value for name, value in row.items() if name not in hidden}


@router.post(
    "/api/conversations/{conversation_id}/typing",
    operation_id="show_typing",
    summary="告诉买家正在输入",
    responses=refusals(),
)
async def typing(conversation_id: Ident, caller: Writer, rt: Rt) -> OkOut:
    """Show the buyer that somebody writes, where the channel can."""
    await show_typing(rt, caller, conversation_id)
    return OkOut()


@router.get(
    "/api/messages/search",
    operation_id="search_messages",
    summary="搜索消息",
    responses=refusals(QUERY_TOO_SHORT),
)
async def search(  # noqa: PLR0913 - one parameter for each filter
    caller: Reader,
    rt: Rt,
    q: Annotated[str, Query(min_length=1, max_length=200, description="词之间用空格：都要出现")],
    conversation_id: Annotated[Ident | None, Query()] = None,
    buyer_id: Annotated[Ident | None, Query()] = None,
    agent_id: Annotated[Ident | None, Query()] = None,
    channel: Annotated[str, Query(max_length=40)] = "",
    role: Annotated[str, Query(max_length=10)] = "",
    since: Annotated[datetime | None, Query()] = None,
    until: Annotated[datetime | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> HitsOut:
    """Search all messages that the caller may see, best first; no limit on how far back."""
    place = cursor_of(cursor, (2,))
    wanted = Search(
        q, conversation_id, buyer_id, agent_id, channel, role, _aware(since), _aware(until), limit,
        (place[0], place[1]) if place else None,
    )  # fmt: skip
    scope, now = scope_of(caller), rt.clock.now()
    found = await rt.read(lambda conn: search_messages(conn, scope, caller.shop_id, wanted, now))
    return HitsOut(
        items=[HitOut.model_validate(hit) for hit in found.items],
        needles=list(found.needles),
        next_cursor=text_of(found.cursor),
    )


def _aware(at: datetime | None) -> datetime | None:
    """Take a time without zone as Beijing's, as people mean it."""
    return at.replace(tzinfo=SHANGHAI) if at is not None and at.tzinfo is None else at
