"""Reading parcel routes: the carriers' lines → states. Pure.

Carriers' codes differ; their words hardly do. The order of the table matters: '派送' may stand in a line that
says '已签收'. Source: channels.md §5 (taxonomy of 快递鸟), §1.4 (`logistics.trackNoRouteDetail`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miaohui.trade.model.facts import ParcelFact, ParcelState, RouteNode, Source
from miaohui.trade.model.reading import list_of, text_of, time_of

_WORDS: tuple[tuple[ParcelState, tuple[str, ...]], ...] = (
    (ParcelState.RETURNED, ("退回签收", "退件签收", "已退回")),
    (
        ParcelState.PROBLEM,
        ("拒收", "拒签", "退回", "异常", "滞留", "破损", "丢失", "地址不详", "无法联系", "延误"),
    ),
    (ParcelState.AT_STATION, ("驿站", "快递柜", "丰巢", "自提柜", "自提点", "代收点", "菜鸟", "待取件")),
    (ParcelState.SIGNED, ("已签收", "签收人", "已取件", "本人签收", "妥投")),
    (ParcelState.DELIVERING, ("派送", "派件", "正在投递")),
    (ParcelState.COLLECTED, ("揽收", "揽件", "已收件", "收寄")),
)
_PICKED_UP = ("已取件", "取件成功", "已签收", "已从")


def parcel_state(text: str) -> ParcelState:
    """Return the state that one line of a route tells."""
    for state, words in _WORDS:
        if any(word in text for word in words):
            if state is ParcelState.AT_STATION and any(word in text for word in _PICKED_UP):
                return ParcelState.SIGNED
            return state
    return ParcelState.IN_TRANSIT


def is_moving(state: str) -> bool:
    """Tell whether a parcel in this state may still move, so that its route is worth asking again."""
    return state not in (ParcelState.SIGNED.value, ParcelState.RETURNED.value)


def route_from_detail(
    source: Source, order_id: str, tracking_no: str, detail: Mapping[str, Any]
) -> ParcelFact:
    """Return the parcel with the nodes of `logistics.trackNoRouteDetail` (or `route__node_list`)."""
    rows = list_of(detail.get("route_node_list")) or list_of(detail.get("route__node_list"))
    nodes = []
    for row in rows:
        at, text = time_of(row.get("timestamp")), text_of(row.get("content"))
        if at is None or text is None:
            continue
        hint = f"{text} {text_of(row.get('state_description')) or ''}"
        nodes.append(RouteNode(at, text, parcel_state(hint), text_of(row.get("site_name")) or ""))
    return ParcelFact(source, order_id, tracking_no, nodes=tuple(nodes))
