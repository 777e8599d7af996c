"""Access tokens: one renewal at a time for each account, at 80 % of the token's life (channels.md §6.2)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Protocol

from miaohui.channels.model import Account, AuthExpired, ChannelError, Token, TokenStore
from miaohui.kit.clock import Clock

LOST_ZH = "上次用授权码换取令牌时中断，平台可能已发放而本系统没有收到；授权码只能用一次，请店长重新授权并填入新的授权码"


class Issuer(Protocol):
    """How a platform gives and renews tokens."""

    def one_time_code(self, account: Account) -> str:
        """Return the code that `issue` would spend, '' where it needs none (抖店 self-use apps: the shop's id)."""

    async def issue(self, account: Account) -> Token:
        """Return a first token. Raises: AuthExpired where a person must authorise again."""

    async def renew(self, account: Account, token: Token) -> Token:
        """Return a new token for an old one. Raises: AuthExpired when the old one is spent."""


class MemoryTokens:
    """A token store that forgets at the end of the process: for tests and for accounts that issue anew."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, str], Token] = {}

    async def load(self, account: Account) -> Token | None:
        return self._tokens.get((account.channel, account.key))

    async def save(self, account: Account, token: Token) -> None:
        self._tokens[account.channel, account.key] = token

    async def begin(self, account: Account, code: str) -> bool:
        return False

    async def refuse(self, account: Account, reason_zh: str) -> None:
        self._tokens.pop((account.channel, account.key), None)


class Tokens:
    """Hands out valid tokens; many callers at once cause one renewal."""

    def __init__(self, store: TokenStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._locks: dict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, account: Account, issuer: Issuer, refused: str = "") -> Token:
        """Return a token. `refused` is an access token that the platform just turned down: it is replaced,
        unless somebody else has replaced it meanwhile.

        Raises: AuthExpired, after it was written down that a person must authorise again; or whatever the
        platform said when there is no token left to use.
        """
        token = await self._store.load(account)
        if token is not None and self._is_fresh(token, refused):
            return token
        async with self._locks[account.channel, account.key]:
            token = await self._store.load(account)
            if token is not None and self._is_fresh(token, refused):
                return token
            made = await self._make(account, issuer, token, refused)
            if made is not token:
                await self._store.save(account, made)
            return made

    def _is_fresh(self, token: Token, refused: str) -> bool:
        return token.access != refused and self._clock.now() < token.renew_at

    async def _make(self, account: Account, issuer: Issuer, token: Token | None, refused: str) -> Token:
        if token is None:
            return await self._issue(account, issuer, refused)
        try:
            return await issuer.renew(account, token)
        except AuthExpired:
            return await self._issue(account, issuer, refused)
        except ChannelError:
            # The platform is down, but the old token still has a fifth of its life left.
            if token.access != refused and self._clock.now() < token.expires_at:
                return token
            raise

    async def _issue(self, account: Account, issuer: Issuer, refused: str) -> Token:
        """Have the platform give a first token. A code works once: between the platform's grant and our commit
        it is lost when the process dies, so that it is begun is written down first."""
        code = issuer.one_time_code(account)
        was_begun = bool(code) and await self._store.begin(account, code)
        try:
            return await issuer.issue(account)
        except AuthExpired as error:
            token = await self._store.load(account)
            if token is not None and self._is_fresh(token, refused):
                return token  # another process spent the code meanwhile, and has the token
            told = error.fault.message or error.shown_zh
            await self._store.refuse(account, f"{LOST_ZH}（平台：{told}）" if was_begun else told)
            raise
