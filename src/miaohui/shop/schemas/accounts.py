"""Bodies of the routes of channel accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from miaohui.kit.http import Schema
from miaohui.shop.schemas.bounds import JsonObject, Name, Reason, Version

SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class ChannelAccountIn(Schema):
    """A channel to connect. Secrets are sealed and never shown again."""

    channel: str = Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    name: Name
    config: JsonObject = {}
    secrets: dict[SecretName, Annotated[str, Field(max_length=4000)]] = Field(default={}, max_length=40)


class ChannelAccountEdit(Schema):
    """A changed name or configuration; what is left out stays."""

    version: Version
    name: Name | None = None
    config: JsonObject | None = None


class ChannelSecretsIn(Schema):
    """Secrets to replace; an empty text removes one."""

    secrets: dict[SecretName, Annotated[str, Field(max_length=4000)]] = Field(min_length=1, max_length=40)


class ChannelStateIn(Schema):
    """A new state. `revoked` is for good."""

    state: Literal["active", "paused", "revoked"]
    reason: Reason = ""


class ChannelAccountOut(Schema):
    """A connected channel. `hook_path` is where its platform delivers to."""

    id: int
    version: int
    channel: str
    name: str
    account_key: str
    hook_path: str
    config: dict[str, Any]
    secret_names: list[str]
    state: str
    state_reason: str
    state_at: datetime


class ChannelAccountsOut(Schema):
    """Connected channels."""

    items: list[ChannelAccountOut]


class ChannelStateOut(Schema):
    """Who changed the state, when and why."""

    state: str
    reason: str
    author: str
    at: datetime


class ChannelCheckOut(Schema):
    """The result of a connection test."""

    id: int
    result: str
    message_zh: str
    detail: dict[str, Any]
    took_ms: int
    author: str
    at: datetime


class ChannelAccountDetailOut(ChannelAccountOut):
    """A connected channel with its states and tests, newest first."""

    states: list[ChannelStateOut]
    checks: list[ChannelCheckOut]
