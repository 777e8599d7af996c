"""A desk with the real adapters behind real doors: what the tests of channels and inbox together share."""

from __future__ import annotations

import asyncio
import contextlib

import uvicorn
from sqlalchemy import select

from miaohui.app import bridge_socket
from miaohui.app.http import make_app
from miaohui.app.ports import AttachmentFiles
from miaohui.channels.model import parts
from miaohui.channels.registry import make_adapters
from miaohui.channels.tokens import MemoryTokens, Tokens
from miaohui.inbox import actions
from miaohui.inbox import routes as inbox_routes
from miaohui.inbox.jobs import pumps
from miaohui.inbox.model import ReplyDraft
from miaohui.inbox.store.messages import messages
from miaohui.kit.egress import Egress
from miaohui.kit.tx import SYSTEM
from miaohui.shop.actions import add_channel_account
from miaohui.shop.actions.accounts import NewAccount
from tests.inbox.desk import VAULT, Desk
from tests.world import SHOP_A


@contextlib.asynccontextmanager
async def served(desk: Desk, **allow: int):
    """Serve the doors for real; the adapters may call the simulators' ports."""
    egress = Egress(desk.clock, allow=[f"127.0.0.1:{port}" for port in allow.values()])
    desk.rt.ports["egress"] = egress
    desk.rt.ports["channels"] = make_adapters(
        egress, Tokens(MemoryTokens(), desk.clock), desk.clock, files=AttachmentFiles(desk.rt)
    )
    app = make_app(desk.rt, desk.auth, [inbox_routes.router, bridge_socket.router])
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        await egress.close()


def connect(desk: Desk, channel: str, config: dict, secrets: dict) -> None:
    new = NewAccount(channel, channel, config, secrets, f"hook-{channel}")
    desk.world.write(lambda tx: add_channel_account(tx, VAULT, SHOP_A, new))


async def pump(desk: Desk) -> None:
    while await desk.rt.write(SYSTEM, pumps(desk.rt)[0].step):
        pass


async def stored(desk: Desk):
    columns = (messages.c.id, messages.c.conversation_id, messages.c.role, messages.c.text, messages.c.state)
    return await desk.rt.read(
        lambda conn: conn.execute(select(*columns).order_by(messages.c.occurred_ms)).all()
    )


async def stored_at_last(desk: Desk, count: int):
    """Wait until so many messages are stored."""
    while len(rows := await stored(desk)) < count:
        await pump(desk)
        await asyncio.sleep(0.01)
    return rows


async def answer(desk: Desk, conversation_id: int, text: str) -> int:
    draft = ReplyDraft((parts.Text(text),))
    return await desk.rt.write(
        SYSTEM, lambda tx: actions.reply(tx, SHOP_A, conversation_id, draft, 5, f"client-{text}")
    )
