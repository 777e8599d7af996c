"""Fetch the files of a message that its platform sent by reference, through the one way out (R15)."""

from __future__ import annotations

from urllib.parse import urljoin

import structlog

from miaohui.channels.model import decode_parts
from miaohui.channels.model.parts import Media
from miaohui.inbox.actions.media import Fetched, keep_media
from miaohui.inbox.jobs.ports import blobs_of, book_of
from miaohui.inbox.model.media import (
    FETCH_LIMIT_S,
    MAX_REDIRECTS,
    Problem,
    fits,
    hosts_of,
    is_by_reference,
    is_listed,
    problem_of_status,
)
from miaohui.inbox.queries.messages import Message, get_message
from miaohui.kit.addresses import EGRESS_FORBIDDEN
from miaohui.kit.blobs import EMPTY_FILE, MAX_BYTES, TYPE_REFUSED, sniffed_type
from miaohui.kit.egress import Ask, Egress, Reply, TooLong
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.runtime import Runtime
from miaohui.kit.worker import Job

log = structlog.get_logger()
SYSTEM = "媒体"


async def fetch_media(job: Job, rt: Runtime) -> None:
    """Fetch what a message refers to. Job `inbox.fetch_media`, args: message_id.

    What came is kept at once, also when another file must be tried again. After the last attempt the message says
    that it is unreachable; a person may have it tried anew.
    """
    message_id = int(job.args["message_id"])
    try:
        message = await rt.read(lambda conn: get_message(conn, job.shop_id, message_id))
        account = await rt.read(lambda conn: book_of(rt).by_id(conn, job.shop_id, message.account_id))
    except Refusal:  # erased meanwhile, or the account is gone
        await job.finish()
        return
    hosts = hosts_of(account.channel, account.config)
    found: dict[str, Fetched] = {}
    failure: Outage | None = None
    for part in _wanted(message):
        try:
            found[part.url] = await _fetch(rt, part, hosts)
        except Outage as outage:
            failure = outage
            log.info("inbox.media_failed", message=message_id, attempt=job.attempt, reason=outage.reason)
            if job.is_last_attempt:
                found[part.url] = Fetched(problem=Problem.UNREACHABLE)
    if failure is None or job.is_last_attempt:
        await job.finish(lambda tx: keep_media(tx, job.shop_id, message_id, found))
        return
    await job.step(lambda tx: keep_media(tx, job.shop_id, message_id, found))
    raise failure


def _wanted(message: Message) -> list[Media]:
    if message.recalled_at is not None:
        return []
    return [p for p in decode_parts(message.parts) if isinstance(p, Media) and is_by_reference(p)]


async def _fetch(rt: Runtime, part: Media, hosts: tuple[str, ...]) -> Fetched:
    """Return one file or why there is none for good. Raises: Outage when trying again may help."""
    try:
        reply = await _followed(rt.ports["egress"], part.url, hosts)
    except TooLong:
        return Fetched(problem=Problem.TOO_LARGE)
    except Refusal:  # an address that we never call
        return Fetched(problem=Problem.FORBIDDEN)
    if not reply.is_ok:
        problem = problem_of_status(reply.status)
        if problem is None:
            raise Outage(SYSTEM, reply.retry_after_s(rt.clock.now()) or 1.0, f"HTTP {reply.status}")
        return Fetched(problem=problem)
    if not fits(part, sniffed_type(reply.content)):
        return Fetched(problem=Problem.WRONG_TYPE)
    try:
        return Fetched(await rt.in_thread(lambda: blobs_of(rt).put(reply.content)))
    except Refusal as refusal:
        is_type = refusal.code in (TYPE_REFUSED.code, EMPTY_FILE.code)
        return Fetched(problem=Problem.WRONG_TYPE if is_type else Problem.TOO_LARGE)


async def _followed(egress: Egress, url: str, hosts: tuple[str, ...]) -> Reply:
    """Return the answer, following a few redirects, each of them to a listed host.

    Raises: Refusal kit.egress_forbidden, Outage, TooLong.
    """
    for _ in range(MAX_REDIRECTS + 1):
        if not is_listed(url, hosts):
            EGRESS_FORBIDDEN.refuse(reason="not_listed")
        reply = await egress.send(Ask("GET", url, SYSTEM, limit_s=FETCH_LIMIT_S, max_bytes=MAX_BYTES))
        target = reply.headers.get("location", "")
        if reply.status not in (301, 302, 303, 307, 308) or not target:
            return reply
        url = urljoin(url, target)
    return EGRESS_FORBIDDEN.refuse(reason="redirects")
