"""The capability page, and the door through which bridge connectors come in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect

from miaohui.channels.bridge.adapter import Bridge
from miaohui.channels.bridge.protocol import CLOSE_PROTOCOL, MAX_FRAME_BYTES
from miaohui.channels.registry import list_capabilities
from miaohui.channels.schemas import ChannelOut, ChannelsOut
from miaohui.kit.http import Caller, refusals, require

router = APIRouter(tags=["channels"])


@router.get("/api/channels", operation_id="list_channels", summary="渠道能力表", responses=refusals())
async def list_channels(caller: Annotated[Caller, Depends(require("channels.read"))]) -> ChannelsOut:
    """Return what each channel can do; `unverified` was never tried against the live platform."""
    return ChannelsOut(items=[ChannelOut(**one) for one in list_capabilities()])


class _Line:
    """The bridge's `Socket` over a Starlette WebSocket."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._is_open = True

    async def receive(self) -> str | None:
        try:
            text = await self._socket.receive_text()
        except (WebSocketDisconnect, KeyError, RuntimeError):  # gone, or a binary frame
            self._is_open = False
            return None
        if len(text) > MAX_FRAME_BYTES:
            await self.close(CLOSE_PROTOCOL, "too large")
            return None
        return text

    async def send(self, text: str) -> None:
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError) as error:
            self._is_open = False
            raise ConnectionResetError("the connector left") from error

    async def close(self, code: int, reason: str) -> None:
        if self._is_open:
            self._is_open = False
            try:
                await self._socket.close(code, reason)
            except (WebSocketDisconnect, RuntimeError):
                return


@router.websocket("/bridge")
async def bridge_socket(socket: WebSocket) -> None:
    """Take in a bridge connector (docs/bridge.md). It proves itself by HMAC over a fresh challenge.

    `rt.ports["bridge.door"]` finds its account and stores its events.
    """
    ports = socket.app.state.runtime.ports
    bridge: Bridge = ports["channels"]["bridge"]
    door = ports["bridge.door"]
    await socket.accept()
    line = _Line(socket)
    await bridge.serve(line, door.find_account, door.ingest)
    await line.close(1000, "bye")
