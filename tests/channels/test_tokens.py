"""First tokens: a one-time code is written down before it is spent; what is lost is said (channels.md §1.2, §2.2)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from miaohui.channels.doudian.client import Client as DoudianClient
from miaohui.channels.model import Account, AuthExpired, Fault, Token, Transient
from miaohui.channels.tokens import LOST_ZH, MemoryTokens, Tokens
from miaohui.kit.clock import ManualClock
from miaohui.kit.egress import Egress

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = Account(1, 7, "key", "douyin_im", {}, {"auth_code": "code-1"})


class Store(MemoryTokens):
    """Keeps what was written down, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []
        self.begun = ""

    async def begin(self, account: Account, code: str) -> bool:
        was, self.begun = self.begun == code, code
        self.log.append(f"begin {code}")
        return was

    async def refuse(self, account: Account, reason_zh: str) -> None:
        self.log.append(f"refuse {reason_zh}")

    async def save(self, account: Account, token: Token) -> None:
        self.log.append(f"save {token.access}")
        await super().save(account, token)


class Platform:
    """Gives one token for a code; the second time it knows the code no more. `dies` after granting."""

    def __init__(self, store: Store, dies: bool = False, code: str = "code-1") -> None:
        self.store, self.dies, self.code, self.spent = store, dies, code, False

    def one_time_code(self, account: Account) -> str:
        return self.code

    async def issue(self, account: Account) -> Token:
        self.store.log.append("ask")
        if self.spent:
            raise AuthExpired("douyin_im", Fault("10007", "授权码无效"))
        self.spent = bool(self.code)
        if self.dies:
            self.dies = False
            raise asyncio.CancelledError
        return Token("access-1", NOW + timedelta(days=15), NOW)

    async def renew(self, account: Account, token: Token) -> Token:
        raise AuthExpired("douyin_im", Fault("10010", "refresh_token过期"))


def test_the_code_is_written_down_before_the_platform_hears_of_it() -> None:
    store = Store()
    token = asyncio.run(Tokens(store, ManualClock(NOW)).get(ACCOUNT, Platform(store)))
    assert token.access == "access-1"
    assert store.log == ["begin code-1", "ask", "save access-1"]


def test_a_code_that_was_spent_when_the_process_died_is_said_to_be_so() -> None:
    store = Store()
    platform = Platform(store, dies=True)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(Tokens(store, ManualClock(NOW)).get(ACCOUNT, platform))
    assert store.log == ["begin code-1", "ask"]
    with pytest.raises(AuthExpired):
        asyncio.run(Tokens(store, ManualClock(NOW)).get(ACCOUNT, platform))
    assert store.log[2:] == ["begin code-1", "ask", f"refuse {LOST_ZH}（平台：授权码无效）"]


def test_a_code_that_never_worked_is_refused_in_the_platforms_own_words() -> None:
    store = Store()
    platform = Platform(store)
    platform.spent = True
    with pytest.raises(AuthExpired):
        asyncio.run(Tokens(store, ManualClock(NOW)).get(ACCOUNT, platform))
    assert store.log[-1] == "refuse 授权码无效"


def test_whoever_comes_second_uses_the_token_of_the_first() -> None:
    """Two processes begin at once; the code works for one of them."""
    store = Store()
    platform = Platform(store)
    platform.spent = True

    async def issue(account: Account) -> Token:
        await MemoryTokens.save(store, account, Token("of-the-other", NOW + timedelta(days=15), NOW))
        raise AuthExpired("douyin_im", Fault("10007", "授权码无效"))

    platform.issue = issue
    token = asyncio.run(Tokens(store, ManualClock(NOW)).get(ACCOUNT, platform))
    assert token.access == "of-the-other" and not [line for line in store.log if "refuse" in line]


def test_an_outage_refuses_nothing() -> None:
    store = Store()
    platform = Platform(store)

    async def issue(account: Account) -> Token:
        raise Transient("douyin_im", Fault("not_sent", "down"))

    platform.issue = issue
    with pytest.raises(Transient):
        asyncio.run(Tokens(store, ManualClock(NOW)).get(ACCOUNT, platform))
    assert store.log == ["begin code-1"]


@pytest.mark.parametrize(
    ("config", "secrets", "expected"),
    [
        ({"platform_shop_id": "7"}, {}, ""),
        ({"platform_shop_id": "7"}, {"auth_code": "c"}, ""),
        ({"platform_shop_id": "7", "app_type": "tool"}, {"auth_code": "c"}, "c"),
        ({}, {"auth_code": "c"}, "c"),
    ],
)
def test_self_use_apps_of_doudian_need_no_code_and_may_ask_again_and_again(config, secrets, expected) -> None:
    clock = ManualClock(NOW)
    client = DoudianClient(Egress(clock), Tokens(MemoryTokens(), clock), clock)
    assert client.one_time_code(Account(1, 7, "key", "doudian", config, secrets)) == expected
