"""Reads of channel accounts. Secrets are opened only where an adapter needs them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Row

from miaohui.kit.crypto import Vault
from miaohui.kit.errors import NOT_FOUND
from miaohui.shop.model import ChannelAccount, ChannelState
from miaohui.shop.model.channels import secret_context
from miaohui.shop.store import channel_accounts, channel_checks, channel_states

_states = channel_states.alias()
_newest = (
    select(func.max(_states.c.id))
    .where(_states.c.shop_id == channel_accounts.c.shop_id, _states.c.account_id == channel_accounts.c.id)
    .correlate(channel_accounts)
    .scalar_subquery()
)
_WITH_STATE = select(
    channel_accounts,
    channel_states.c.state,
    channel_states.c.reason.label("state_reason"),
    channel_states.c.at.label("state_at"),
).select_from(channel_accounts.join(channel_states, channel_states.c.id == _newest))


def _opened(row: Row[Any], vault: Vault) -> ChannelAccount:
    text = vault.open(row.secrets_sealed, secret_context(row.id)) if row.secrets_sealed else "{}"
    secrets = msgspec.json.decode(text)
    return ChannelAccount(
        row.id, row.shop_id, row.account_key, row.channel, row.name, row.config, secrets,
        ChannelState(row.state),
    )  # fmt: skip


def find_channel_account(conn: Connection, vault: Vault, account_key: str) -> ChannelAccount | None:
    """Return the account whose key stands in a webhook's address, secrets opened; None for unknown keys.

    Order: the only read without a tenant, since a delivery does not know it yet.
    Raises: WrongKey when the installation's key is not the one the secrets were sealed with.
    """
    row = conn.execute(_WITH_STATE.where(channel_accounts.c.account_key == account_key)).first()
    return None if row is None else _opened(row, vault)


def get_channel_account(conn: Connection, vault: Vault, shop_id: int, account_id: int) -> ChannelAccount:
    """Return one account of the shop, secrets opened. Raises: Refusal kit.not_found; WrongKey."""
    return _opened(get_account_row(conn, shop_id, account_id), vault)


def get_account_row(conn: Connection, shop_id: int, account_id: int) -> Row[Any]:
    """Return one account's row with its state, secrets sealed. Raises: Refusal kit.not_found."""
    query = _WITH_STATE.where(channel_accounts.c.shop_id == shop_id, channel_accounts.c.id == account_id)
    row = conn.execute(query).first()
    return row if row is not None else NOT_FOUND.refuse()


def list_channel_accounts(conn: Connection, shop_id: int) -> list[Row[Any]]:
    """Return the shop's accounts with their state, secrets sealed."""
    query = _WITH_STATE.where(channel_accounts.c.shop_id == shop_id)
    return list(conn.execute(query.order_by(channel_accounts.c.id)))


def list_live_accounts(
    conn: Connection, vault: Vault, channel: str | None = None, shop_id: int | None = None
) -> list[ChannelAccount]:
    """Return every active account, secrets opened: what pullers and the silence watchdog go through."""
    query = _WITH_STATE.where(channel_states.c.state == ChannelState.ACTIVE)
    if channel is not None:
        query = query.where(channel_accounts.c.channel == channel)
    if shop_id is not None:
        query = query.where(channel_accounts.c.shop_id == shop_id)
    return [_opened(row, vault) for row in conn.execute(query.order_by(channel_accounts.c.id))]


def list_unsettled_accounts(conn: Connection, vault: Vault) -> list[ChannelAccount]:
    """Return every account that needs a log-in, or whose one-time code was begun and brought no token yet."""
    states = (ChannelState.ACTIVE, ChannelState.NEEDS_LOGIN)
    query = _WITH_STATE.where(channel_states.c.state.in_(states)).order_by(channel_accounts.c.id)
    found = [_opened(row, vault) for row in conn.execute(query)]
    return [one for one in found if one.is_authorisation_open or one.state is ChannelState.NEEDS_LOGIN]


def find_channel_token(
    conn: Connection, vault: Vault, shop_id: int, account_id: int
) -> dict[str, Any] | None:
    """Return the stored platform token as it was saved, or None."""
    sealed = get_channel_account(conn, vault, shop_id, account_id).secrets.get("token")
    return None if sealed is None else msgspec.json.decode(sealed)


def list_channel_states(conn: Connection, shop_id: int, account_id: int, limit: int = 50) -> list[Row[Any]]:
    """Return who changed the account's state and why, newest first."""
    table = channel_states.c
    return list(
        conn.execute(
            select(channel_states)
            .where(table.shop_id == shop_id, table.account_id == account_id)
            .order_by(table.id.desc())
            .limit(limit)
        )
    )


def list_channel_checks(conn: Connection, shop_id: int, account_id: int, limit: int = 20) -> list[Row[Any]]:
    """Return the results of connection tests, newest first."""
    table = channel_checks.c
    return list(
        conn.execute(
            select(channel_checks)
            .where(table.shop_id == shop_id, table.account_id == account_id)
            .order_by(table.id.desc())
            .limit(limit)
        )
    )
