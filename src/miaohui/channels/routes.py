"""The capability page. (Connectors of the bridge come in through `app/bridge_socket.py`.)"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from miaohui.channels.registry import list_capabilities
from miaohui.channels.schemas import ChannelOut, ChannelsOut
from miaohui.kit.http import Caller, refusals, require

router = APIRouter(prefix="/api/channels", tags=["channels"])


@router.get("", operation_id="list_channels", summary="渠道能力表", responses=refusals())
async def list_channels(caller: Annotated[Caller, Depends(require("channels.read"))]) -> ChannelsOut:
    """Return what each channel can do; `unverified` was never tried against the live platform."""
    return ChannelsOut(items=[ChannelOut(**one) for one in list_capabilities()])
