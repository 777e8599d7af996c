"""Links to stored files: signed, short-lived, on a path of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from miaohui.inbox.model.media import without_addresses
from miaohui.kit.blobs import LINK_LASTS_S, BlobStore, safe_name


def signed_path(blobs: BlobStore, attachment_id: int, name: str, expires_s: int) -> str:
    """Return the address of a stored file, good until `expires_s` (seconds since 1970)."""
    signature = blobs.sign(f"attachment:{attachment_id}", expires_s)
    return f"/files/{attachment_id}/{quote(safe_name(name))}?e={expires_s}&s={signature}"


def with_links(blobs: BlobStore, parts: list[dict[str, Any]], now_s: float) -> list[dict[str, Any]]:
    """Return parts with fresh links to the files that we store; foreign addresses of media are left out.

    Order: the expiry is rounded up, so that a browser's cache works for a while.
    """
    expires_s = (int(now_s) // LINK_LASTS_S + 2) * LINK_LASTS_S
    return [_linked(blobs, part, expires_s) for part in without_addresses(parts)]


def _linked(blobs: BlobStore, part: Mapping[str, Any], expires_s: int) -> dict[str, Any]:
    blob_id = str(part.get("blob_id", ""))
    if not blob_id.isdecimal() or len(blob_id) > 16:
        return dict(part)
    return {**part, "url": signed_path(blobs, int(blob_id), str(part.get("name", "")), expires_s)}
