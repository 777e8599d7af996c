"""The inbox over HTTP. `router` holds everything: the platforms' door, the API, the files, the widget."""

from __future__ import annotations

from fastapi import APIRouter

from miaohui.inbox.routes import (
    cards,
    changes,
    conversations,
    deliveries,
    files,
    hooks,
    labels,
    messages,
    reveals,
    widget,
    widget_page,
    work,
)

router = APIRouter()
router.add_route(
    "/hooks/{channel}/{account_key}", hooks.receive_hook, ["GET", "POST"], include_in_schema=False
)
router.add_route("/files/{attachment_id}/{name}", files.serve_file, ["GET", "HEAD"], include_in_schema=False)
router.include_router(work.router)  # before the conversations: /conversations/bulk is no id
router.include_router(conversations.router)
router.include_router(changes.router)
router.include_router(messages.router)
router.include_router(cards.router)
router.include_router(reveals.router)
router.include_router(files.router)
router.include_router(labels.router)
router.include_router(deliveries.router)
router.add_route("/widget/assets/{name}", widget_page.serve_asset, ["GET"], include_in_schema=False)
router.add_route("/widget/{account_key}.js", widget_page.serve_script, ["GET"], include_in_schema=False)
router.add_route("/widget/{account_key}", widget_page.serve_page, ["GET"], include_in_schema=False)
router.add_route("/widget/{account_key}/frames", widget.receive_frames, ["POST"], include_in_schema=False)
router.include_router(widget.router)
