"""Which channels there are: name → adapter, and what each can do (the capability page)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miaohui.channels.bridge.adapter import CAPS as BRIDGE
from miaohui.channels.bridge.adapter import Bridge
from miaohui.channels.doudian.adapter import CAPS as DOUDIAN
from miaohui.channels.doudian.adapter import Doudian
from miaohui.channels.douyin_im.adapter import CAPS as DOUYIN_IM
from miaohui.channels.douyin_im.adapter import DouyinIm
from miaohui.channels.model import Capabilities, Files, Http, LiveLink
from miaohui.channels.tokens import Tokens
from miaohui.channels.web_widget.adapter import CAPS as WIDGET
from miaohui.channels.web_widget.adapter import WebWidget
from miaohui.kit.clock import Clock

CAPABILITIES: tuple[Capabilities, ...] = (WIDGET, BRIDGE, DOUDIAN, DOUYIN_IM)
SECRETS: Mapping[str, tuple[str, ...]] = {
    "widget": ("signing_key",),
    "bridge": ("bridge_secret",),
    "doudian": ("app_secret",),
    "douyin_im": ("client_secret",),
}


def make_adapters(
    http: Http, tokens: Tokens, clock: Clock, link: LiveLink | None = None, files: Files | None = None
) -> dict[str, WebWidget | Bridge | Doudian | DouyinIm]:
    """Return every adapter by the name of its channel.

    `link` reaches open pages of the widget; without it a page reads what it missed by itself. `files` gives stored
    files to platforms that want uploads; without it their images cannot be sent. The bridge's
    connections hang on the adapter: `adapters["bridge"].serve(socket, find_account, ingest)`.
    """
    return {
        "widget": WebWidget(clock, link),
        "bridge": Bridge(clock),
        "doudian": Doudian(http, tokens, clock),
        "douyin_im": DouyinIm(http, tokens, clock, files),
    }


def list_capabilities() -> list[dict[str, Any]]:
    """Return what each channel can do, as JSON values, the reference channel first."""
    return [_shown(caps) for caps in CAPABILITIES]


def _shown(caps: Capabilities) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in vars(caps).items():
        out[name] = sorted(value) if isinstance(value, frozenset) else value
    return out | {"unverified": list(caps.unverified), "needs_secrets": list(SECRETS[caps.channel])}
