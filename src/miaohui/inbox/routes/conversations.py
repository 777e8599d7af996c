"""Conversations over HTTP: the list, one with everything the chat pane needs, and what can be done to them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, PlainTextResponse
from sqlalchemy.engine import Connection

from miaohui.inbox.model import (
    Box,
    ListFilter,
    Page,
)
from miaohui.inbox.queries import work
from miaohui.inbox.queries.conversations import check_visible, get_conversation, list_changes, scope_of
from miaohui.inbox.queries.lists import count_boxes, labels_of, list_conversations
from miaohui.inbox.queries.messages import list_messages
from miaohui.inbox.queries.rows import row_of_conversation
from miaohui.inbox.queries.transcript import transcript_html, transcript_text
from miaohui.inbox.routes.shapes import cursor_of, fit, page_out, text_of, window_out
from miaohui.inbox.schemas import (
    BoxCounts,
    BoxName,
    ConversationChangeOut,
    ConversationOut,
    ConversationPageOut,
    ConversationRow,
    DraftOut,
    Ident,
    NoteOut,
    RatingOut,
    WindowOut,
)
from miaohui.kit.http import Caller, Rt, refusals, require

router = APIRouter(prefix="/api/conversations", tags=["inbox"])
Reader = Annotated[Caller, Depends(require("inbox.read"))]
Writer = Annotated[Caller, Depends(require("inbox.reply"))]
Assigner = Annotated[Caller, Depends(require("inbox.assign"))]
Noter = Annotated[Caller, Depends(require("inbox.note"))]
Printer = Annotated[Caller, Depends(require("inbox.transcript"))]
FIRST_PAGE = 50


@router.get("", operation_id="list_conversations", summary="会话列表", responses=refusals())
async def list_page(  # noqa: PLR0913 - one parameter for each filter
    caller: Reader,
    rt: Rt,
    box: Annotated[BoxName, Query(description="会话箱")] = "open",
    agent_id: Annotated[Ident | None, Query()] = None,
    group_id: Annotated[Ident | None, Query()] = None,
    channel: Annotated[str, Query(max_length=40)] = "",
    account_id: Annotated[Ident | None, Query()] = None,
    label_id: Annotated[Ident | None, Query()] = None,
    buyer_id: Annotated[Ident | None, Query()] = None,
    entry: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
    counts: Annotated[bool, Query(description="是否带各会话箱的数量")] = False,
) -> ConversationPageOut:
    """List conversations: what is due first, then who waits longest, then the newest. Three SQL statements."""
    wanted = ListFilter(Box(box), agent_id, group_id, channel, account_id, label_id, buyer_id, entry)
    sizes = (2,) if wanted.box in (Box.CLOSED, Box.MENTIONED) else (4,)
    page = Page(limit, cursor_of(cursor, sizes))
    now, scope = rt.clock.now(), scope_of(caller)
    found = await rt.read(
        lambda conn: list_conversations(conn, scope, caller.shop_id, wanted, page, now, with_counts=counts)
    )
    return ConversationPageOut(
        items=[ConversationRow(**row) for row in found.items],
        next_cursor=text_of(found.cursor),
        counts=BoxCounts(**found.counts) if found.counts else None,
    )


@router.get("/counts", operation_id="count_conversations", summary="各会话箱数量", responses=refusals())
async def counts(caller: Reader, rt: Rt) -> BoxCounts:
    """Count the boxes of the caller."""
    now, scope = rt.clock.now(), scope_of(caller)
    return BoxCounts(**await rt.read(lambda conn: count_boxes(conn, scope, caller.shop_id, now)))


@router.get("/{conversation_id}", operation_id="get_conversation", summary="打开会话", responses=refusals())
async def get_one(
    conversation_id: Ident, caller: Reader, rt: Rt, limit: Annotated[int, Query(ge=1, le=200)] = FIRST_PAGE
) -> ConversationOut:
    """Return a conversation with its newest messages, notes, draft and send window."""

    def read(conn: Connection) -> ConversationOut:
        check_visible(conn, caller, conversation_id)
        shop_id = caller.shop_id
        talk = get_conversation(conn, shop_id, conversation_id)
        labels = labels_of(conn, shop_id, [conversation_id]).get(conversation_id, [])
        messages = list_messages(conn, shop_id, conversation_id, limit)
        draft = work.find_draft(conn, shop_id, conversation_id, caller.user_id)
        return ConversationOut(
            conversation=ConversationRow(**row_of_conversation(talk), label_ids=labels),
            refs=talk.refs,
            messages=page_out(rt, conn, shop_id, messages, limit),
            notes=fit(NoteOut, work.list_notes(conn, shop_id, conversation_id)),
            changes=fit(ConversationChangeOut, list_changes(conn, shop_id, conversation_id)),
            ratings=fit(RatingOut, work.list_ratings(conn, shop_id, conversation_id)),
            draft=fit(DraftOut, [draft])[0] if draft else None,
            window=window_out(rt, conn, talk) if talk.is_open else None,
        )

    return await rt.read(read)


@router.get(
    "/{conversation_id}/window", operation_id="get_send_window", summary="渠道发送窗口", responses=refusals()
)
async def get_window(conversation_id: Ident, caller: Reader, rt: Rt) -> WindowOut:
    """Return whether the channel lets us write to this buyer now, and how much is left."""

    def read(conn: Connection) -> WindowOut:
        check_visible(conn, caller, conversation_id)
        return window_out(rt, conn, get_conversation(conn, caller.shop_id, conversation_id))

    return await rt.read(read)


@router.get(
    "/{conversation_id}/transcript.html",
    operation_id="print_transcript",
    summary="打印会话记录",
    response_class=HTMLResponse,
    responses=refusals(),
)
async def print_page(conversation_id: Ident, caller: Printer, rt: Rt) -> HTMLResponse:
    """Return the conversation as a page to print, masked."""
    text = await rt.write(caller.actor, _transcript(caller, conversation_id, transcript_html))
    return HTMLResponse(
        text, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    )


@router.get(
    "/{conversation_id}/transcript.txt",
    operation_id="download_transcript",
    summary="下载会话记录",
    response_class=PlainTextResponse,
    responses=refusals(),
)
async def print_text(conversation_id: Ident, caller: Printer, rt: Rt) -> PlainTextResponse:
    """Return the conversation as plain text, masked."""
    text = await rt.write(caller.actor, _transcript(caller, conversation_id, transcript_text))
    name = f"attachment; filename=conversation-{conversation_id}.txt"
    return PlainTextResponse(text, headers={"Content-Disposition": name})


def _transcript(caller: Caller, conversation_id: int, make: Any) -> Any:
    """Printing leaves a trace: who took which conversation out of the system."""

    def run(tx: Any) -> str:
        check_visible(tx.conn, caller, conversation_id)
        subject = f"conversation:{conversation_id}"
        tx.audit("inbox.transcript_taken", subject, {}, shop_id=caller.shop_id)
        return str(make(tx.conn, caller.shop_id, conversation_id, tx.now))

    return run
