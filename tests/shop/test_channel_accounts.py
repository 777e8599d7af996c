"""Channel accounts: sealed secrets, unguessable keys, states as rows, connection tests (issue 2, item 4)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from miaohui.kit.crypto import Vault, WrongKey
from miaohui.kit.errors import Refusal
from miaohui.shop import actions, queries
from miaohui.shop.actions import NewAccount
from miaohui.shop.events import ChannelAccountChanged
from miaohui.shop.model import ChannelState
from miaohui.shop.store import channel_accounts
from tests.world import SHOP_A, SHOP_B, World

VAULT = Vault(b"k" * 32)
SECRETS = {"app_secret": "s3cret-of-the-platform"}


@pytest.fixture
def account(world: World) -> int:
    world.write(lambda tx: actions.create_shop(tx, "店", shop_id=SHOP_A))
    new = NewAccount("doudian", "抖店主店", {"app_key": "7001"}, SECRETS)
    return world.write(lambda tx: actions.add_channel_account(tx, VAULT, SHOP_A, new))


def test_an_account_is_found_by_its_random_key_with_its_secrets_opened(world: World, account: int) -> None:
    row = world.read(lambda c: queries.list_channel_accounts(c, SHOP_A))[0]
    assert len(row.account_key) >= 24
    found = world.read(lambda c: queries.find_channel_account(c, VAULT, row.account_key))
    assert found is not None
    assert (found.id, found.shop_id, found.channel, found.secrets) == (account, SHOP_A, "doudian", SECRETS)
    assert world.read(lambda c: queries.find_channel_account(c, VAULT, "guess")) is None


def test_secrets_are_never_in_clear_in_the_database_nor_in_a_printed_account(world: World, account) -> None:
    stored = world.read(lambda c: c.execute(select(channel_accounts)).one())
    assert "s3cret" not in str(stored)
    opened = world.read(lambda c: queries.get_channel_account(c, VAULT, SHOP_A, account))
    assert "s3cret" not in repr(opened)


def test_another_key_does_not_open_the_secrets(world: World, account: int) -> None:
    with pytest.raises(WrongKey):
        world.read(lambda c: queries.get_channel_account(c, Vault(b"x" * 32), SHOP_A, account))


def test_a_sealed_secret_opens_for_no_other_account(world: World, account: int) -> None:
    other = world.write(
        lambda tx: actions.add_channel_account(tx, VAULT, SHOP_A, NewAccount("widget", "网站", {}, {}))
    )

    def swap(tx) -> None:
        sealed = tx.execute(
            select(channel_accounts.c.secrets_sealed).where(channel_accounts.c.id == account)
        ).scalar_one()
        tx.execute(
            channel_accounts.update().where(channel_accounts.c.id == other).values(secrets_sealed=sealed)
        )

    world.write(swap)
    with pytest.raises(WrongKey):
        world.read(lambda c: queries.get_channel_account(c, VAULT, SHOP_A, other))


def test_changing_one_secret_keeps_the_others_and_a_token_is_kept_with_them(world: World, account) -> None:
    world.write(lambda tx: actions.set_channel_secrets(tx, VAULT, SHOP_A, account, {"push_secret": "p"}))
    world.write(lambda tx: actions.save_channel_token(tx, VAULT, SHOP_A, account, {"access": "a1"}))
    found = world.read(lambda c: queries.get_channel_account(c, VAULT, SHOP_A, account))
    assert (found.secrets["app_secret"], found.secrets["push_secret"]) == (SECRETS["app_secret"], "p")
    assert world.read(lambda c: queries.find_channel_token(c, VAULT, SHOP_A, account)) == {"access": "a1"}
    world.write(lambda tx: actions.set_channel_secrets(tx, VAULT, SHOP_A, account, {"push_secret": ""}))
    found = world.read(lambda c: queries.get_channel_account(c, VAULT, SHOP_A, account))
    assert "push_secret" not in found.secrets


def test_states_are_rows_and_a_revoked_account_loses_its_secrets_for_good(world: World, account: int) -> None:
    events = world.record(ChannelAccountChanged)
    for state in (ChannelState.PAUSED, ChannelState.ACTIVE, ChannelState.REVOKED):
        world.write(lambda tx, s=state: actions.set_channel_state(tx, SHOP_A, account, s, "测试"))
    assert [e.state for e in events] == ["paused", "active", "revoked"]
    states = world.read(lambda c: queries.list_channel_states(c, SHOP_A, account))
    assert [s.state for s in states] == ["revoked", "active", "paused", "active"]
    assert world.read(lambda c: queries.get_channel_account(c, VAULT, SHOP_A, account)).secrets == {}
    with pytest.raises(Refusal, match="shop.account_revoked"):
        world.write(lambda tx: actions.set_channel_state(tx, SHOP_A, account, ChannelState.ACTIVE, "后悔了"))


def test_a_lost_authorisation_is_shown_and_a_new_token_ends_it(world: World, account: int) -> None:
    world.write(lambda tx: actions.mark_channel_needs_login(tx, SHOP_A, account, "token 失效"))
    assert world.read(lambda c: queries.list_live_accounts(c, VAULT)) == []
    world.write(lambda tx: actions.save_channel_token(tx, VAULT, SHOP_A, account, {"access": "a2"}))
    assert [a.id for a in world.read(lambda c: queries.list_live_accounts(c, VAULT))] == [account]


def test_a_connection_test_leaves_a_row(world: World, account: int) -> None:
    report = {"ok": True, "what_zh": "签名校验通过", "log_id": "x1"}
    world.write(lambda tx: actions.record_channel_check(tx, SHOP_A, account, report, 42))
    check = world.read(lambda c: queries.list_channel_checks(c, SHOP_A, account))[0]
    assert (check.result, check.message_zh, check.took_ms, check.detail) == (
        "passed", "签名校验通过", 42, {"log_id": "x1"},
    )  # fmt: skip


def test_an_account_of_another_shop_is_not_found(world: World, account: int) -> None:
    for call in (
        lambda tx: actions.set_channel_state(tx, SHOP_B, account, ChannelState.PAUSED, ""),
        lambda tx: actions.set_channel_secrets(tx, VAULT, SHOP_B, account, {"a": "b"}),
        lambda tx: actions.edit_channel_account(tx, SHOP_B, account, 1, {"name": "x"}),
        lambda tx: actions.record_channel_check(tx, SHOP_B, account, {}, 1),
    ):
        with pytest.raises(Refusal, match="kit.not_found"):
            world.write(call)


def test_a_stale_edit_is_refused(world: World, account: int) -> None:
    world.write(lambda tx: actions.edit_channel_account(tx, SHOP_A, account, 1, {"name": "新名"}))
    with pytest.raises(Refusal, match="kit.stale"):
        world.write(lambda tx: actions.edit_channel_account(tx, SHOP_A, account, 1, {"name": "旧名"}))


def test_a_one_time_code_is_noted_before_it_is_spent_and_forgotten_with_the_token(
    world: World, account: int
) -> None:
    def begin(code: str) -> bool:
        return world.write(lambda tx: actions.begin_authorisation(tx, VAULT, SHOP_A, account, code))

    assert not begin("code-1") and begin("code-1"), "begun, and nothing came of it"
    assert not begin("code-2"), "a person has authorised again: this one is fresh"
    found = world.read(lambda c: queries.list_unsettled_accounts(c, VAULT))
    assert [one.id for one in found] == [account] and found[0].is_authorisation_open
    assert "code-2" not in str(dict(found[0].secrets)), "the mark does not repeat the code"
    names = world.read(lambda c: queries.list_channel_accounts(c, SHOP_A))[0].secret_names
    assert names == ["app_secret"], "our own mark is not shown as a secret of the shop"
    world.write(lambda tx: actions.save_channel_token(tx, VAULT, SHOP_A, account, {"access": "a"}))
    assert world.read(lambda c: queries.list_unsettled_accounts(c, VAULT)) == []


def test_a_refused_authorisation_is_said_on_the_account_and_a_token_ends_it(
    world: World, account: int
) -> None:
    world.write(lambda tx: actions.begin_authorisation(tx, VAULT, SHOP_A, account, "code-1"))
    world.write(lambda tx: actions.refuse_authorisation(tx, VAULT, SHOP_A, account, "请重新授权"))
    row = world.read(lambda c: queries.list_channel_accounts(c, SHOP_A))[0]
    assert (row.state, row.state_reason) == ("needs_login", "请重新授权")
    world.write(lambda tx: actions.refuse_authorisation(tx, VAULT, SHOP_A, account, "又一次"))
    assert len(world.read(lambda c: queries.list_channel_states(c, SHOP_A, account))) == 2, "said once"
    world.write(lambda tx: actions.save_channel_token(tx, VAULT, SHOP_A, account, {"access": "a"}))
    assert world.read(lambda c: queries.list_channel_accounts(c, SHOP_A))[0].state == "active"


def test_a_paused_account_stays_paused_whatever_its_platform_refuses(world: World, account: int) -> None:
    world.write(lambda tx: actions.set_channel_state(tx, SHOP_A, account, ChannelState.PAUSED, "盘点"))
    world.write(lambda tx: actions.refuse_authorisation(tx, VAULT, SHOP_A, account, "请重新授权"))
    assert world.read(lambda c: queries.list_channel_accounts(c, SHOP_A))[0].state == "paused"
