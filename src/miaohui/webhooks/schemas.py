"""What outgoing webhooks show over HTTP. A secret is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from miaohui.kit.http import Schema
from miaohui.webhooks.model import DeliveryState, EndpointState

Url = Annotated[str, Field(min_length=8, max_length=1_000)]
Filters = Annotated[list[Annotated[str, Field(max_length=130)]], Field(min_length=1, max_length=50)]


class EndpointIn(Schema):
    """An address that wants events. `filters`: event names, `room.*` or `*`."""

    url: Url
    filters: Filters
    description: Annotated[str, Field(max_length=200)] = ""


class EndpointEdit(EndpointIn):
    """A change, with the version that was read."""

    version: int


class StateIn(Schema):
    """Pause or enable, and why."""

    state: Annotated[EndpointState, Field(description="active 或 paused")]
    reason: Annotated[str, Field(max_length=200)] = ""


class Row(Schema):
    """A row; fields that this page does not show are left out."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)


class StateOut(Row):
    """Who changed the state, when and why."""

    state: EndpointState
    reason: str
    by_name: str
    at: datetime


class EndpointOut(Row):
    """An endpoint with its health."""

    id: int
    url: str
    description: str
    filters: list[str]
    state: EndpointState
    failing_since: datetime | None = None
    failure_count: int
    hold_until: datetime | None = None
    old_secret_until: datetime | None = None
    version: int
    created_at: datetime
    updated_at: datetime


class EndpointDetailOut(EndpointOut):
    """An endpoint with its history and how many deliveries are in each state."""

    states: list[StateOut] = []
    delivery_counts: dict[DeliveryState, int] = {}


class NewEndpointOut(EndpointOut):
    """A new endpoint with its secret, which is shown this once."""

    secret: str


class SecretOut(Schema):
    """A new secret, shown this once; the old one stays valid until then."""

    secret: str
    old_secret_until: datetime | None = None


class EndpointsOut(Schema):
    """The shop's endpoints."""

    items: list[EndpointOut]


class AttemptOut(Row):
    """One attempt: the answer's status and its beginning, or why there was none."""

    number: int
    at: datetime
    took_ms: int
    status: int | None = None
    snippet: str
    error: str


class WebhookDeliveryOut(Row):
    """One delivery."""

    id: int
    endpoint_id: int
    message_id: str
    event_type: str
    state: DeliveryState
    attempt_count: int
    next_at: datetime | None = None
    created_at: datetime
    finished_at: datetime | None = None


class DeliveryDetailOut(WebhookDeliveryOut):
    """One delivery with its body and attempts."""

    body: str
    attempts: list[AttemptOut] = []


class WebhookDeliveriesOut(Schema):
    """A page of deliveries, newest first."""

    items: list[WebhookDeliveryOut]
    next_cursor: str | None = None


class WebhookQueuedOut(Schema):
    """The delivery that was queued."""

    delivery_id: int


class ReplayedOut(Schema):
    """How many failed deliveries were queued again."""

    count: int
