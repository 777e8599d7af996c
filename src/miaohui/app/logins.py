"""Log-ins with platforms that hang in the air: looked after by a job, so that nobody waits for the next message.

A one-time code that was begun and brought no token (the process died between the platform's grant and our commit)
is tried once more: it works, or the channel's page says that somebody must authorise again. Accounts that need no
person (抖店 self-use apps are given tokens by shop id) are tried again until the platform gives one.
"""

from __future__ import annotations

import structlog

from miaohui.app.ports import account_of
from miaohui.channels.model import ChannelError
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job, JobHandler, Periodic
from miaohui.shop import queries as shops
from miaohui.shop.model import ChannelAccount, ChannelState

log = structlog.get_logger()
KIND = "system.look_after_logins"
EVERY_S = 30


async def look_after_logins(job: Job, rt: Runtime) -> None:
    """Ask for a token wherever one is owed to us. What comes of it is written down by the token store."""
    vault, tokens = rt.ports["vault"], rt.ports["tokens"]
    found = await rt.read(lambda conn: shops.list_unsettled_accounts(conn, vault))
    for account in found:
        client = getattr(rt.ports["channels"].get(account.channel), "client", None)
        if client is None or not _is_ours_to_try(account, client.one_time_code(account_of(account))):
            continue
        try:
            await tokens.get(account_of(account), client)
        except (ChannelError, Outage, Refusal) as error:
            log.info("logins.still_open", account=account.id, channel=account.channel, error=str(error)[:200])
    await job.finish()


def _is_ours_to_try(account: ChannelAccount, code: str) -> bool:
    """A code that was begun, or an account that needs none; a paused one is left alone."""
    return account.is_authorisation_open or (account.state is ChannelState.NEEDS_LOGIN and not code)


HANDLERS: dict[str, JobHandler] = {KIND: look_after_logins}
PERIODIC = [Periodic("system.logins", KIND, EVERY_S)]
