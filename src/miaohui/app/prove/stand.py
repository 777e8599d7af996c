"""A small shop for proofs and benchmarks: one 抖音私信 account, agents online, tokens to speak to the API."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from miaohui.access import actions as access
from miaohui.access.actions.tokens import TokenGrant
from miaohui.access.model import ROLES, AccessPolicy
from miaohui.app.process import Process
from miaohui.app.settings import Settings
from miaohui.channels.douyin_im.webhook import signature
from miaohui.channels.sim.douyin_im.simulator import CLIENT_KEY, CLIENT_SECRET, CODE, OPEN_ID
from miaohui.kit.tx import SYSTEM, Tx
from miaohui.routing import actions as routing
from miaohui.routing.actions.presence import PresenceChange
from miaohui.routing.model import Presence
from miaohui.shop import actions as shop
from miaohui.shop.actions import NewAccount
from miaohui.shop.queries import list_live_accounts
from miaohui.staff import actions as staff
from miaohui.staff.actions.agents import AgentDraft


@dataclass(frozen=True)
class Stand:
    """What a load generator needs to know. `tokens`: one API token for each agent, the supervisor's first."""

    shop_id: int
    tokens: list[str]
    agent_ids: list[int]
    hook_path: str = f"/hooks/douyin_im/{CLIENT_KEY}"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def build(process: Process, platform_url: str, agents: int = 10, capacity: int = 50) -> Stand:
    """Make the shop through the rooms' own actions."""
    rt = process.rt

    def make(tx: Tx) -> Stand:
        shop_id = shop.create_shop(tx, "证明用店铺")
        new = NewAccount(
            "douyin_im", "抖音私信", {"open_id": OPEN_ID, "base_url": platform_url},
            {"client_secret": CLIENT_SECRET, "auth_code": CODE}, CLIENT_KEY,
        )  # fmt: skip
        shop.add_channel_account(tx, rt.ports["vault"], shop_id, new)
        groups = staff.ensure_default_groups(tx, shop_id)
        made = Stand(shop_id, [], [])
        for n in range(agents):
            role = "agent" if n else "supervisor"
            user_id = access.create_user(tx, f"agent{n}", f"客服{n}", None)
            access.grant_role(tx, shop_id, user_id, role)
            staff.add_agent(tx, shop_id, AgentDraft(user_id, f"客服{n}", (groups["pre_sale"],), capacity))
            allowed = TokenGrant("证明", sorted(ROLES[role] - {"buyers.reveal"}), 1, ROLES[role])
            made.tokens.append(access.create_token(tx, shop_id, user_id, allowed, AccessPolicy())[1])
            made.agent_ids.append(user_id)
            routing.set_presence(tx, shop_id, user_id, PresenceChange(Presence.ONLINE))
        return made

    return rt.lane.run_here(make, SYSTEM)


def connect(process: Process) -> None:
    """Have the platform give its token now: a shop is connected before its buyers write.

    Raises: RuntimeError when the platform refuses.
    """
    rt = process.rt
    rt.lane.start()
    for account in rt.read_here(lambda conn: list_live_accounts(conn, rt.ports["vault"])):
        report = asyncio.run(rt.ports["channel_check"](account))
        if not report["ok"]:
            raise RuntimeError(f"{account.channel}: {report['what_zh']}")
    rt.lane.stop()


def settings_for(folder: Path, port: int, platform_port: int, durability: str = "full") -> Settings:
    """Return the settings of a server of this proof."""
    return Settings(
        data_dir=folder / "data", port=port, durability=durability, log_format="json",
        egress_allow=f"127.0.0.1:{platform_port}",
    )  # fmt: skip


def delivery(message_id: str, buyer: int, text: str, at_ms: int) -> tuple[bytes, str]:
    """Return the body and the signature of one message as 抖音 delivers it."""
    name = f"buyer-{buyer:05d}"
    body = json.dumps(
        {
            "event": "im_receive_msg", "client_key": CLIENT_KEY, "from_user_id": name, "to_user_id": OPEN_ID,
            "content": {
                "conversation_short_id": f"@conv-{buyer:05d}", "server_message_id": message_id,
                "conversation_type": 1, "create_time": at_ms, "message_type": "text", "source": "", "text": text,
                "user_infos": [{"open_id": name, "nick_name": f"买家{buyer}", "avatar": ""}],
            },
            "log_id": message_id,
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip
    return body, signature(CLIENT_SECRET, body)


def request(path: str, body: bytes, message_id: str, sign: str) -> bytes:
    """Return the raw HTTP/1.1 request of one delivery, for clients that count every microsecond."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nmsg-id: {message_id}\r\nx-douyin-signature: {sign}\r\n\r\n"
    )
    return head.encode() + body


@contextlib.contextmanager
def platform(folder: Path, hook: str = "", name: str = "douyin_im") -> Iterator[int]:
    """Run a simulated platform as a program of its own; give its port."""
    port = free_port()
    command = [sys.executable, "-m", f"miaohui.channels.sim.{name}", "--port", str(port)]
    if hook:
        command += ["--hook", hook]
    with (folder / f"{name}.log").open("ab") as log:
        program = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": _source()}
        )
    try:
        wait_for_port(port, 20)
        yield port
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait()


def _source() -> str:
    return str(Path(__file__).resolve().parents[3])


def ask(port: int, path: str, body: dict[str, object] | None = None, token: str = "") -> dict[str, object]:
    """Call a server on this machine and return its JSON answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    made = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)
    with urllib.request.urlopen(made, timeout=20) as answer:
        return json.loads(answer.read() or b"{}")  # type: ignore[no-any-return]


def wait_for_port(port: int, seconds: float) -> float:
    """Wait until somebody listens; return how long it took. Raises: TimeoutError."""
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return time.perf_counter() - started
        time.sleep(0.005)
    raise TimeoutError(f"nobody listens on port {port} after {seconds} s")
