"""Connect channels: accounts with sealed secrets, their states, the results of connection tests (spec §7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import insert, update

from miaohui.kit.crypto import Vault
from miaohui.kit.errors import STALE
from miaohui.kit.randomness import secret_token
from miaohui.kit.tx import Tx
from miaohui.shop.events import ChannelAccountChanged
from miaohui.shop.model import ACCOUNT_REVOKED, ChannelState
from miaohui.shop.model.channels import BEGUN, fingerprint_of, secret_context
from miaohui.shop.queries import get_channel_account
from miaohui.shop.queries.channels import get_account_row
from miaohui.shop.store import channel_accounts, channel_checks, channel_states


@dataclass(frozen=True)
class NewAccount:
    """What is needed to connect a channel. `account_key` None: a random one."""

    channel: str
    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    account_key: str | None = None


def add_channel_account(tx: Tx, vault: Vault, shop_id: int, account: NewAccount) -> int:
    """Store an account, secrets sealed, state active; return its id. Its key cannot be guessed."""
    account_id = tx.ids.next()
    tx.execute(
        insert(channel_accounts).values(
            id=account_id, shop_id=shop_id, account_key=account.account_key or secret_token(18),
            channel=account.channel, name=account.name, config=dict(account.config),
            secrets_sealed=_sealed(vault, account_id, account.secrets),
            secret_names=sorted(account.secrets), version=1, created_at=tx.now, updated_at=tx.now,
        )
    )  # fmt: skip
    _put_state(tx, shop_id, account_id, ChannelState.ACTIVE, "新接入")
    _tell(tx, shop_id, account_id, "added")
    return account_id


def edit_channel_account(
    tx: Tx, shop_id: int, account_id: int, version: int, changes: Mapping[str, Any]
) -> None:
    """Change the name or the shown configuration.

    Shape: `changes` may hold `name` and `config` (which replaces the whole configuration).
    Raises: Refusal kit.not_found, kit.stale, shop.account_revoked.
    """
    row = get_account_row(tx.conn, shop_id, account_id)
    if row.state == ChannelState.REVOKED:
        ACCOUNT_REVOKED.refuse()
    if row.version != version:
        STALE.refuse(current={"version": row.version, "name": row.name, "config": row.config})
    values = {name: changes[name] for name in ("name", "config") if name in changes}
    tx.execute(
        update(channel_accounts)
        .where(channel_accounts.c.id == account_id)
        .values(version=version + 1, updated_at=tx.now, **values)
    )
    _tell(tx, shop_id, account_id, "edited")


def set_channel_secrets(
    tx: Tx, vault: Vault, shop_id: int, account_id: int, secrets: Mapping[str, str]
) -> None:
    """Replace the named secrets and keep the others; an empty text removes one.

    Raises: Refusal kit.not_found, shop.account_revoked; WrongKey.
    """
    account = get_channel_account(tx.conn, vault, shop_id, account_id)
    if not account.is_live:
        ACCOUNT_REVOKED.refuse()
    merged = {name: text for name, text in {**account.secrets, **secrets}.items() if text}
    _store_secrets(tx, vault, account_id, merged)
    _tell(tx, shop_id, account_id, "secrets_changed", {"names": sorted(secrets)})


def save_channel_token(tx: Tx, vault: Vault, shop_id: int, account_id: int, token: Mapping[str, Any]) -> None:
    """Keep a platform's access token with the account's secrets; a working token ends `needs_login`."""
    account = get_channel_account(tx.conn, vault, shop_id, account_id)
    text = msgspec.json.encode(dict(token)).decode()
    kept = {name: value for name, value in account.secrets.items() if name != BEGUN}
    _store_secrets(tx, vault, account_id, {**kept, "token": text})
    if account.state is ChannelState.NEEDS_LOGIN:
        set_channel_state(tx, shop_id, account_id, ChannelState.ACTIVE, "重新授权成功")


def begin_authorisation(tx: Tx, vault: Vault, shop_id: int, account_id: int, code: str) -> bool:
    """Write down that a one-time code is about to be spent; True when this code was begun before.

    Order: committed before the platform hears of the code. `save_channel_token` ends it.
    """
    account = get_channel_account(tx.conn, vault, shop_id, account_id)
    mark = fingerprint_of(code)
    if account.secrets.get(BEGUN) == mark:
        return True
    _store_secrets(tx, vault, account_id, {**account.secrets, BEGUN: mark})
    return False


def refuse_authorisation(tx: Tx, vault: Vault, shop_id: int, account_id: int, reason: str) -> None:
    """Note that the platform gives no token: the account needs a person, and its page says why."""
    account = get_channel_account(tx.conn, vault, shop_id, account_id)
    if BEGUN in account.secrets:
        _store_secrets(tx, vault, account_id, {k: v for k, v in account.secrets.items() if k != BEGUN})
    mark_channel_needs_login(tx, shop_id, account_id, reason[:500])


def set_channel_state(tx: Tx, shop_id: int, account_id: int, state: ChannelState, reason: str) -> None:
    """Pause, resume, revoke an account, or note that it needs a new login: a row with who and why.

    Order: revoked is the end; its secrets are erased. Raises: Refusal kit.not_found, shop.account_revoked.
    """
    row = get_account_row(tx.conn, shop_id, account_id)
    if row.state == ChannelState.REVOKED:
        ACCOUNT_REVOKED.refuse()
    if row.state == state:
        return
    _put_state(tx, shop_id, account_id, state, reason)
    if state is ChannelState.REVOKED:
        tx.execute(
            update(channel_accounts)
            .where(channel_accounts.c.id == account_id)
            .values(secrets_sealed="", secret_names=[], updated_at=tx.now)
        )
    _tell(tx, shop_id, account_id, state.value, {"reason": reason})


def mark_channel_needs_login(tx: Tx, shop_id: int, account_id: int, reason: str) -> None:
    """Note that the platform took the authorisation back; nothing happens to a paused or revoked account."""
    if get_account_row(tx.conn, shop_id, account_id).state == ChannelState.ACTIVE:
        set_channel_state(tx, shop_id, account_id, ChannelState.NEEDS_LOGIN, reason)


def record_channel_check(
    tx: Tx, shop_id: int, account_id: int, report: Mapping[str, Any], took_ms: int
) -> int:
    """Store the result of a connection test and return its id.

    Shape: `report` holds `ok`, `what_zh` (for people) and further facts, as the port `channel_check` gives it.
    """
    get_account_row(tx.conn, shop_id, account_id)
    check_id = tx.ids.next()
    detail = {k: v for k, v in report.items() if k not in ("ok", "what_zh")}
    result = "passed" if report["ok"] else "failed"
    values = {"result": result, "message_zh": str(report["what_zh"])[:500], "took_ms": took_ms}
    tx.execute(
        insert(channel_checks).values(
            id=check_id, shop_id=shop_id, account_id=account_id, detail=detail, author=tx.actor.name,
            at=tx.now, **values,
        )
    )  # fmt: skip
    tx.feed(shop_id, ["admin"], "shop.channel_checked", {"account_id": account_id, **values})
    return check_id


def _sealed(vault: Vault, account_id: int, secrets: Mapping[str, str]) -> str:
    return vault.seal(msgspec.json.encode(dict(secrets)).decode(), secret_context(account_id))


def _store_secrets(tx: Tx, vault: Vault, account_id: int, secrets: Mapping[str, str]) -> None:
    tx.execute(
        update(channel_accounts)
        .where(channel_accounts.c.id == account_id)
        .values(
            secrets_sealed=_sealed(vault, account_id, secrets),
            secret_names=sorted(name for name in secrets if name != BEGUN),
            updated_at=tx.now,
        )
    )


def _put_state(tx: Tx, shop_id: int, account_id: int, state: ChannelState, reason: str) -> None:
    tx.execute(
        insert(channel_states).values(
            id=tx.ids.next(), shop_id=shop_id, account_id=account_id, state=state.value, reason=reason,
            author=tx.actor.name, at=tx.now,
        )
    )  # fmt: skip


def _tell(
    tx: Tx, shop_id: int, account_id: int, change: str, detail: Mapping[str, Any] | None = None
) -> None:
    row = get_account_row(tx.conn, shop_id, account_id)
    tx.audit(f"shop.channel_{change}", f"channel_account:{account_id}", detail, shop_id=shop_id)
    tx.feed(
        shop_id,
        ["shop", "admin"],
        "shop.channel_account_changed",
        {"account_id": account_id, "channel": row.channel, "change": change, "state": row.state},
    )
    tx.publish(ChannelAccountChanged(shop_id, account_id, row.channel, change, row.state, tx.now))
