"""HTTP of outgoing webhooks: endpoints, secrets, the delivery log, test and replay."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.engine import Connection

from miaohui.kit.addresses import EGRESS_FORBIDDEN
from miaohui.kit.errors import INVALID, STALE
from miaohui.kit.http import Caller, Rt, refusals, require
from miaohui.webhooks import actions, queries
from miaohui.webhooks.actions import Endpoint
from miaohui.webhooks.model import BAD_FILTER, NOT_ACTIVE, TOO_MANY_ENDPOINTS, DeliveryState, EndpointState
from miaohui.webhooks.schemas import (
    AttemptOut,
    DeliveryDetailOut,
    EndpointDetailOut,
    EndpointEdit,
    EndpointIn,
    EndpointOut,
    EndpointsOut,
    NewEndpointOut,
    ReplayedOut,
    SecretOut,
    StateIn,
    StateOut,
    WebhookDeliveriesOut,
    WebhookDeliveryOut,
    WebhookQueuedOut,
)

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
Keeper = Annotated[Caller, Depends(require("webhooks.manage"))]
SETTABLE = (EndpointState.ACTIVE, EndpointState.PAUSED)


def _detail(conn: Connection, shop_id: int, endpoint_id: int) -> EndpointDetailOut:
    shown = EndpointOut.model_validate(queries.get_endpoint(conn, shop_id, endpoint_id))
    states = queries.list_endpoint_states(conn, shop_id, endpoint_id)
    counts = queries.count_deliveries(conn, shop_id, endpoint_id)
    return EndpointDetailOut(
        **shown.model_dump(),
        states=[StateOut.model_validate(row) for row in states],
        delivery_counts={DeliveryState(name): count for name, count in counts.items()},
    )


async def _read(endpoint_id: int, caller: Caller, rt: Rt) -> EndpointDetailOut:
    return await rt.read(lambda conn: _detail(conn, caller.shop_id, endpoint_id))


@router.get("", operation_id="list_webhooks", summary="外发回调地址", responses=refusals())
async def list_webhooks(caller: Keeper, rt: Rt) -> EndpointsOut:
    """Return the shop's endpoints."""
    rows = await rt.read(lambda conn: queries.list_endpoints(conn, caller.shop_id))
    return EndpointsOut(items=[EndpointOut.model_validate(row) for row in rows])


@router.post(
    "", operation_id="add_webhook", summary="新增回调地址", status_code=201,
    responses=refusals(BAD_FILTER, TOO_MANY_ENDPOINTS, EGRESS_FORBIDDEN),
)  # fmt: skip
async def add_webhook(body: EndpointIn, caller: Keeper, rt: Rt) -> NewEndpointOut:
    """Add an endpoint; its secret is in this answer and nowhere after."""
    await rt.ports["egress"].check(body.url)
    new = Endpoint(body.url, tuple(body.filters), body.description)
    endpoint_id, secret = await rt.write(
        caller.actor, lambda tx: actions.add_endpoint(tx, rt.ports["vault"], caller.shop_id, new)
    )
    row = await rt.read(lambda conn: queries.get_endpoint(conn, caller.shop_id, endpoint_id))
    return NewEndpointOut(**EndpointOut.model_validate(row).model_dump(), secret=secret)


@router.get("/{endpoint_id}", operation_id="get_webhook", summary="回调地址详情", responses=refusals())
async def get_webhook(endpoint_id: int, caller: Keeper, rt: Rt) -> EndpointDetailOut:
    """Return an endpoint with its history and counts."""
    return await _read(endpoint_id, caller, rt)


@router.put(
    "/{endpoint_id}", operation_id="edit_webhook", summary="修改回调地址",
    responses=refusals(STALE, BAD_FILTER, EGRESS_FORBIDDEN),
)  # fmt: skip
async def edit_webhook(endpoint_id: int, body: EndpointEdit, caller: Keeper, rt: Rt) -> EndpointDetailOut:
    """Change address, description and filters."""
    await rt.ports["egress"].check(body.url)
    new = Endpoint(body.url, tuple(body.filters), body.description)
    await rt.write(
        caller.actor, lambda tx: actions.edit_endpoint(tx, caller.shop_id, endpoint_id, body.version, new)
    )
    return await _read(endpoint_id, caller, rt)


@router.delete(
    "/{endpoint_id}",
    operation_id="delete_webhook",
    summary="删除回调地址",
    status_code=204,
    responses=refusals(),
)
async def delete_webhook(endpoint_id: int, caller: Keeper, rt: Rt) -> None:
    """Delete an endpoint: what waits is dropped, its secret erased, its log kept."""
    await rt.write(
        caller.actor,
        lambda tx: actions.set_endpoint_state(tx, caller.shop_id, endpoint_id, EndpointState.DELETED, "删除"),
    )


@router.put(
    "/{endpoint_id}/state",
    operation_id="set_webhook_state",
    summary="启用或暂停回调地址",
    responses=refusals(),
)
async def set_webhook_state(endpoint_id: int, body: StateIn, caller: Keeper, rt: Rt) -> EndpointDetailOut:
    """Enable or pause; enabling sends what waits."""
    if body.state not in SETTABLE:
        INVALID.refuse(state=body.state.value)
    await rt.write(
        caller.actor,
        lambda tx: actions.set_endpoint_state(tx, caller.shop_id, endpoint_id, body.state, body.reason),
    )
    return await _read(endpoint_id, caller, rt)


@router.post(
    "/{endpoint_id}/secret", operation_id="change_webhook_secret", summary="更换签名密钥", status_code=201,
    responses=refusals(),
)  # fmt: skip
async def change_webhook_secret(endpoint_id: int, caller: Keeper, rt: Rt) -> SecretOut:
    """Make a new secret; for a day both sign."""
    secret = await rt.write(
        caller.actor, lambda tx: actions.change_secret(tx, rt.ports["vault"], caller.shop_id, endpoint_id)
    )
    row = await rt.read(lambda conn: queries.get_endpoint(conn, caller.shop_id, endpoint_id))
    return SecretOut(secret=secret, old_secret_until=row.old_secret_until)


@router.post(
    "/{endpoint_id}/test", operation_id="test_webhook", summary="发送测试回调", status_code=202,
    responses=refusals(NOT_ACTIVE),
)  # fmt: skip
async def test_webhook(endpoint_id: int, caller: Keeper, rt: Rt) -> WebhookQueuedOut:
    """Queue a `webhooks.ping`."""
    delivery_id = await rt.write(caller.actor, lambda tx: actions.send_test(tx, caller.shop_id, endpoint_id))
    return WebhookQueuedOut(delivery_id=delivery_id)


@router.get(
    "/{endpoint_id}/deliveries",
    operation_id="list_webhook_deliveries",
    summary="回调发送记录",
    responses=refusals(),
)
async def list_webhook_deliveries(
    endpoint_id: int,
    caller: Keeper,
    rt: Rt,
    state: DeliveryState | None = None,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=queries.MAX_LIMIT)] = 50,
) -> WebhookDeliveriesOut:
    """Return an endpoint's deliveries, newest first."""

    def read(conn: Connection) -> WebhookDeliveriesOut:
        queries.get_endpoint(conn, caller.shop_id, endpoint_id)
        rows, next_cursor = queries.list_deliveries(
            conn, caller.shop_id, endpoint_id, state=state, cursor=cursor, limit=limit
        )
        return WebhookDeliveriesOut(
            items=[WebhookDeliveryOut.model_validate(row) for row in rows], next_cursor=next_cursor
        )

    return await rt.read(read)


@router.post(
    "/{endpoint_id}/replay", operation_id="replay_webhook", summary="重发全部失败的回调", status_code=202,
    responses=refusals(NOT_ACTIVE),
)  # fmt: skip
async def replay_webhook(endpoint_id: int, caller: Keeper, rt: Rt) -> ReplayedOut:
    """Queue every failed delivery again."""
    count = await rt.write(caller.actor, lambda tx: actions.replay_failed(tx, caller.shop_id, endpoint_id))
    return ReplayedOut(count=count)


@router.get(
    "/deliveries/{delivery_id}", operation_id="get_webhook_delivery", summary="一次回调的内容与记录",
    responses=refusals(),
)  # fmt: skip
async def get_webhook_delivery(delivery_id: int, caller: Keeper, rt: Rt) -> DeliveryDetailOut:
    """Return a delivery with its body and every attempt."""

    def read(conn: Connection) -> DeliveryDetailOut:
        row = queries.get_delivery(conn, caller.shop_id, delivery_id)
        attempts = queries.list_attempts(conn, caller.shop_id, delivery_id)
        return DeliveryDetailOut(
            **WebhookDeliveryOut.model_validate(row).model_dump(),
            body=row.body,
            attempts=[AttemptOut.model_validate(one) for one in attempts],
        )

    return await rt.read(read)


@router.post(
    "/deliveries/{delivery_id}/replay", operation_id="replay_webhook_delivery", summary="重发一次回调",
    status_code=202, responses=refusals(NOT_ACTIVE),
)  # fmt: skip
async def replay_webhook_delivery(delivery_id: int, caller: Keeper, rt: Rt) -> WebhookQueuedOut:
    """Send a delivery again under its old id."""
    new_id = await rt.write(caller.actor, lambda tx: actions.replay_delivery(tx, caller.shop_id, delivery_id))
    return WebhookQueuedOut(delivery_id=new_id)
