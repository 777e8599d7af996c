"""The example shop's channel accounts: our own chat window, and two platforms that simulators play."""

from __future__ import annotations

from dataclasses import dataclass

from miaohui.app.seed.stage import Stage
from miaohui.channels.sim.doudian.simulator import APP_KEY, APP_SECRET
from miaohui.channels.sim.doudian.simulator import SHOP_ID as PLATFORM_SHOP_ID
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY, CLIENT_SECRET, CODE, OPEN_ID
from miaohui.kit.crypto import Vault
from miaohui.kit.randomness import secret_token
from miaohui.kit.tx import Tx
from miaohui.shop import actions as shop
from miaohui.shop import queries as shop_queries
from miaohui.shop.actions import NewAccount
from miaohui.shop.model import ChannelState

WIDGET_KEY, TMALL_KEY = "demo-widget", "demo-tmall"


@dataclass(frozen=True)
class Addresses:
    """Where the simulated platforms answer."""

    doudian: str
    douyin_im: str


@dataclass(frozen=True)
class Accounts:
    """Ids of the accounts by channel; `tmall` is a bridge that a 千牛 connector may use."""

    widget: int
    doudian: int
    douyin_im: int
    tmall: int


def seed_channels(stage: Stage, shop_id: int, addresses: Addresses) -> Accounts:
    """Connect the chat window, both simulated platforms, and a bridge for 天猫."""
    widget = NewAccount(
        "widget", "官网客服窗口", {"title": "秒回旗舰店", "welcome_zh": "您好，请问有什么可以帮您？"},
        {"signing_key": secret_token(), "identity_key": secret_token()}, WIDGET_KEY,
    )  # fmt: skip
    doudian = NewAccount(
        "doudian", "抖店 · 秒回旗舰店",
        {"app_key": APP_KEY, "platform_shop_id": PLATFORM_SHOP_ID, "base_url": addresses.doudian,
         "open_id_app": CLIENT_KEY},
        {"app_secret": APP_SECRET}, APP_KEY,
    )  # fmt: skip
    douyin = NewAccount(
        "douyin_im", "抖音私信 · 秒回旗舰店", {"open_id": OPEN_ID, "base_url": addresses.douyin_im},
        {"client_secret": CLIENT_SECRET, "auth_code": CODE}, CLIENT_KEY,
    )  # fmt: skip

    tmall = NewAccount(
        "bridge", "天猫 · 千牛桥接", {"platform": "tmall"}, {"bridge_secret": secret_token()}, TMALL_KEY
    )

    def write(tx: Tx) -> Accounts:
        new = (widget, doudian, douyin, tmall)
        return Accounts(*(shop.add_channel_account(tx, stage.vault, shop_id, one) for one in new))

    return stage.write(write)


def point_at_simulators(tx: Tx, vault: Vault, shop_id: int, addresses: Addresses) -> None:
    """Let the accounts find the simulators of this run: new addresses, and no token of an earlier run."""
    wanted = {"doudian": addresses.doudian, "douyin_im": addresses.douyin_im}
    for row in shop_queries.list_channel_accounts(tx.conn, shop_id):
        if row.channel not in wanted or row.state == ChannelState.REVOKED:
            continue
        if row.config.get("base_url") != wanted[row.channel]:
            config = {**row.config, "base_url": wanted[row.channel]}
            shop.edit_channel_account(tx, shop_id, row.id, row.version, {"config": config})
        shop.set_channel_secrets(tx, vault, shop_id, row.id, {"token": ""})
        shop.set_channel_state(tx, shop_id, row.id, ChannelState.ACTIVE, "示例平台已重新启动")
