"""Which channels there are: name → adapter, and what each can do (the capability page)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from miaohui.channels import bridge, doudian, douyin_im, web_widget  # noqa: F401  (their packages' docstrings)
from miaohui.channels.bridge.adapter import CAPS as BRIDGE
from miaohui.channels.bridge.adapter import Bridge
from miaohui.channels.bridge.hub import BridgeHub
from miaohui.channels.doudian.adapter import CAPS as DOUDIAN
from miaohui.channels.doudian.adapter import Doudian
from miaohui.channels.douyin_im.adapter import CAPS as DOUYIN_IM
from miaohui.channels.douyin_im.adapter import DouyinIm
from miaohui.channels.model import (
    Account,
    Capabilities,
    ChannelError,
    Commenter,
    Http,
    Ingress,
    LiveLink,
    Puller,
    Sender,
    TokenStore,
)
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.channels.web_widget.adapter import CAPS as WIDGET
from miaohui.channels.web_widget.adapter import WebWidget
from miaohui.kit.clock import Clock
from miaohui.kit.errors import Refusal

CAPABILITIES: tuple[Capabilities, ...] = (WIDGET, BRIDGE, DOUDIAN, DOUYIN_IM)
Adapter = WebWidget | Bridge | Doudian | DouyinIm
