"""Puts the outside world into the runtime: egress, adapters, tokens, accounts that can be pulled."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from miaohui.app.settings import Settings
from miaohui.channels.model import Account, ChannelError, Puller, StoredFile, Token
from miaohui.channels.tokens import Tokens
from miaohui.inbox import jobs as inbox_jobs
from miaohui.inbox.queries.work import find_attachment
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.crypto import Vault
from miaohui.kit.egress import Egress
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import SYSTEM
from miaohui.shop import actions as shop_actions
from miaohui.shop import queries as shop_queries
from miaohui.shop.model.channels import ChannelAccount
from miaohui.trade.model.ports import PullAccount


def account_of(found: ChannelAccount) -> Account:
    """Return a shop's account in the words of the channels."""
    return Account(
        found.shop_id, found.id, found.account_key, found.channel, found.config, dict(found.secrets)
    )


class TokenRows:
    """Keeps platform tokens with the shop's account rows, sealed (`channels.TokenStore`)."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt

    @property
    def _vault(self) -> Vault:
        return self._rt.ports["vault"]  # type: ignore[no-any-return]

    async def load(self, account: Account) -> Token | None:
        """Return the stored token."""
        found = await self._rt.read(
            lambda conn: shop_queries.find_channel_token(conn, self._vault, account.shop_id, account.id)
        )
        return None if found is None else _token(found)

    async def save(self, account: Account, token: Token) -> None:
        """Store a token."""
        values = {k: to_ms(v) if k.endswith("_at") and v is not None else v for k, v in asdict(token).items()}
        await self._rt.write(
            SYSTEM,
            lambda tx: shop_actions.save_channel_token(tx, self._vault, account.shop_id, account.id, values),
        )

    async def begin(self, account: Account, code: str) -> bool:
        """Write down that a one-time code is about to be spent; True when it was begun before."""
        shop_id, account_id = account.shop_id, account.id
        return await self._rt.write(
            SYSTEM,
            lambda tx: shop_actions.begin_authorisation(tx, self._vault, shop_id, account_id, code),
        )

    async def refuse(self, account: Account, reason_zh: str) -> None:
        """Have the channel's page say that a person must authorise again, and why."""
        shop_id, account_id = account.shop_id, account.id
        await self._rt.write(
            SYSTEM,
            lambda tx: shop_actions.refuse_authorisation(tx, self._vault, shop_id, account_id, reason_zh),
        )


def _token(values: dict[str, Any]) -> Token:
    times = {k: None if v is None else from_ms(int(v)) for k, v in values.items() if k.endswith("_at")}
    return Token(**{**values, **times})


class PullBook:
    """Finds the accounts whose platform can be asked about orders and after-sales (`trade.PullAccounts`)."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt

    def _pullable(self, found: ChannelAccount) -> PullAccount | None:
        adapter = self._rt.ports["channels"].get(found.channel)
        if not found.is_live or not isinstance(adapter, Puller):
            return None
        return PullAccount(account_of(found), adapter)

    async def list_pullable(self) -> list[PullAccount]:
        """Return every such account of the installation."""
        found = await self._rt.read(
            lambda conn: shop_queries.list_live_accounts(conn, self._rt.ports["vault"])
        )
        return [p for p in map(self._pullable, found) if p is not None]

    async def find_pullable(self, shop_id: int, account_id: int) -> PullAccount | None:
        """Return one account, None when it is unknown or its platform cannot be asked."""
        vault = self._rt.ports["vault"]
        try:
            found = await self._rt.read(
                lambda conn: shop_queries.get_channel_account(conn, vault, shop_id, account_id)
            )
        except Refusal:
            return None
        return self._pullable(found)


class AttachmentFiles:
    """Gives stored attachments to platforms that want uploads (`channels.Files`)."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt

    async def read(self, account: Account, blob_id: str) -> StoredFile | None:
        """Return a file of the account's shop, None when there is no such file."""
        if not blob_id.isdecimal() or len(blob_id) > 16:
            return None
        row = await self._rt.read(lambda conn: find_attachment(conn, int(blob_id)))
        if row is None or row["shop_id"] != account.shop_id:
            return None
        data = await self._rt.in_thread(lambda: inbox_jobs.blobs_of(self._rt).find(row["digest"]))
        return None if data is None else StoredFile(data, row["media_type"], row["name"])


class ChannelCheck:
    """Asks a platform with the stored secrets; the answer is a report for people."""

    def __init__(self, rt: Runtime, tokens: Tokens) -> None:
        self._rt, self._tokens = rt, tokens

    async def __call__(self, found: ChannelAccount) -> dict[str, Any]:
        adapter = self._rt.ports["channels"].get(found.channel)
        client = getattr(adapter, "client", None)
        if client is None or not hasattr(client, "issue"):
            return {"ok": adapter is not None, "what_zh": "本渠道由对方连入，收到第一条消息即为接通"}
        try:
            token = await self._tokens.get(account_of(found), client)
        except (ChannelError, Outage) as error:
            return {"ok": False, "what_zh": f"平台没有接受：{error}"}
        return {"ok": True, "what_zh": "平台已发放令牌", "token_expires_at_ms": to_ms(token.expires_at)}


def make_egress(rt: Runtime, settings: Settings) -> Egress:
    """Return the one way out; private addresses only where the administrator allowed them."""
    allow = [entry.strip() for entry in settings.egress_allow.split(",") if entry.strip()]
    return Egress(rt.clock, allow=allow)
