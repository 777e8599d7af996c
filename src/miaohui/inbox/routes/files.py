"""Attachments: taken in by content, served from a path of their own behind short-lived signatures."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from miaohui.inbox.actions.files import add_attachment
from miaohui.inbox.jobs.ports import blobs_of
from miaohui.inbox.model import LINK_EXPIRED
from miaohui.inbox.queries.files import with_links
from miaohui.inbox.queries.work import find_attachment
from miaohui.inbox.routes.shapes import seen
from miaohui.inbox.schemas import AttachmentOut, Ident
from miaohui.kit.blobs import EMPTY_FILE, MAX_BYTES, TYPE_REFUSED, Blob, headers_for, safe_name
from miaohui.kit.errors import NOT_FOUND, TOO_LARGE
from miaohui.kit.http import Caller, Rt, refusals, require, runtime
from miaohui.kit.runtime import Runtime

router = APIRouter(tags=["inbox"])
Writer = Annotated[Caller, Depends(require("inbox.reply"))]


@router.post(
    "/api/conversations/{conversation_id}/attachments",
    operation_id="upload_attachment",
    summary="上传附件",
    status_code=201,
    responses=refusals(TYPE_REFUSED, EMPTY_FILE, TOO_LARGE),
)
async def upload(conversation_id: Ident, file: UploadFile, caller: Writer, rt: Rt) -> AttachmentOut:
    """Store a file, typed by its content; the answer's `part` goes into a reply."""
    data = await file.read(MAX_BYTES + 1)
    blob = await rt.in_thread(lambda: blobs_of(rt).put(data))
    name = safe_name(file.filename or "file")
    act = seen(caller, conversation_id)
    attachment_id = await rt.write(
        caller.actor, lambda tx: act(tx, add_attachment, caller.shop_id, conversation_id, blob, name)
    )
    return attachment_out(rt, attachment_id, blob, name)


def attachment_out(rt: Runtime, attachment_id: int, blob: Blob, name: str) -> AttachmentOut:
    """Return a stored file with its link and the message part that refers to it."""
    part: dict[str, Any] = {
        "type": part_type(blob.media_type), "blob_id": str(attachment_id), "mime": blob.media_type,
        "name": name, "size_bytes": blob.size_bytes,
    }  # fmt: skip
    url = with_links(blobs_of(rt), [part], rt.clock.now().timestamp())[0]["url"]
    return AttachmentOut(
        id=attachment_id,
        name=name,
        media_type=blob.media_type,
        size_bytes=blob.size_bytes,
        url=url,
        part=part,
    )


def part_type(media_type: str) -> str:
    """Return the type of message part that shows a file of this media type."""
    kinds = {"image": "image", "audio": "voice", "video": "video"}
    return kinds.get(media_type.split("/")[0], "file")


async def serve_file(request: Request) -> Response:
    """Serve a stored file: `GET /files/{id}/{name}?e=…&s=…`. The signature is the whole authorisation."""
    rt = runtime(request)
    ident, expires, signature = (
        request.path_params["attachment_id"],
        request.query_params.get("e", ""),
        request.query_params.get("s", ""),
    )
    is_number = ident.isdecimal() and len(ident) <= 16 and expires.isdecimal() and len(expires) <= 12
    now_s = rt.clock.now().timestamp()
    if not is_number or not blobs_of(rt).is_signed(f"attachment:{ident}", int(expires), signature, now_s):
        LINK_EXPIRED.refuse()
    row = await rt.read(lambda conn: find_attachment(conn, int(ident)))
    data = await rt.in_thread(lambda: blobs_of(rt).find(row["digest"])) if row is not None else None
    if row is None or data is None:
        NOT_FOUND.refuse(attachment_id=int(ident))
    return ranged(request, data, row["media_type"], dict(headers_for(row["media_type"], row["name"])))


def ranged(request: Request, data: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """Return the bytes, or the part that was asked for: players of voice and video need ranges."""
    headers["Accept-Ranges"] = "bytes"
    asked = request.headers.get("range", "")
    first, _, last = asked.removeprefix("bytes=").partition("-")
    is_number = first.isdecimal() and (not last or last.isdecimal()) and len(asked) < 40
    if not asked.startswith("bytes=") or not is_number:
        return Response(data, 200, headers, media_type)
    start, stop = int(first), min(int(last) if last else len(data) - 1, len(data) - 1)
    if start > stop:
        return Response(b"", 416, {**headers, "Content-Range": f"bytes */{len(data)}"}, media_type)
    headers["Content-Range"] = f"bytes {start}-{stop}/{len(data)}"
    return Response(data[start : stop + 1], 206, headers, media_type)
