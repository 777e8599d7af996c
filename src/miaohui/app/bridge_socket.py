"""The door for connectors: `/bridge/{account_key}`, JSON over WebSocket (docs/bridge.md).

The connector proves itself by a challenge; every event is stored like any delivery before it is acknowledged.
"""

from __future__ import annotations

import contextlib

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from miaohui.channels.model import Account, RawRequest, check_limits
from miaohui.inbox.actions.deliveries import store_delivery
from miaohui.inbox.jobs import book_of
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Actor

router = APIRouter()


class _Wire:
    """The hub's view of one Starlette socket."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def receive(self) -> str | None:
        try:
            return await self._socket.receive_text()
        except (WebSocketDisconnect, KeyError):
            return None

    async def send(self, text: str) -> None:
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise ConnectionError("the connector left") from error

    async def close(self, code: int, reason: str) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close(code, reason)


@router.websocket("/bridge/{account_key}")
async def bridge_socket(socket: WebSocket, account_key: str) -> None:
    """Serve one connector until it leaves."""
    rt: Runtime = socket.app.state.runtime
    await socket.accept()

    async def find_account(bridge_id: str) -> Account | None:
        if bridge_id != account_key:
            return None
        found = await rt.read(lambda conn: book_of(rt).by_key(conn, account_key))
        return found if found is not None and found.channel == "bridge" else None

    async def ingest(account: Account, raw: RawRequest) -> None:
        check_limits(raw.body)
        actor = Actor("channel", account.id, account.channel)
        await rt.write(actor, lambda tx: store_delivery(tx, account, raw), hot=True)

    await rt.ports["channels"]["bridge"].serve(_Wire(socket), find_account, ingest)


bridge_socket.permission = "public: a connector proves itself by the account's secret"  # type: ignore[attr-defined]
