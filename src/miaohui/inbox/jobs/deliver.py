"""Send a reply once, and find out what became of it when nobody knows (reliability.md F1, F15).

The state `sending` is committed before the network is touched. Whoever finds a message in that state later
knows only that it may have gone out: it becomes `unknown` and is looked up, never sent again by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from sqlalchemy.engine import Connection

from miaohui.channels.model import (
    Account,
    ChannelError,
    Duplicate,
    Outbound,
    Part,
    QuotaExhausted,
    RateLimited,
    Receipt,
    Rejected,
    Sender,
    SendWindow,
    Transient,
    WindowClosed,
    decode_parts,
)
from miaohui.channels.model.parts import Media
from miaohui.inbox.actions.outcome import (
    mark_delivered,
    mark_queued_again,
    mark_refused,
    mark_sending,
    mark_unknown,
)
from miaohui.inbox.jobs.ports import blobs_of, book_of, sender_of
from miaohui.inbox.model import LOOK_UP_AFTER_S, SEND_TIMEOUT_S, State
from miaohui.inbox.queries.conversations import Conversation, get_conversation
from miaohui.inbox.queries.files import signed_path
from miaohui.inbox.queries.messages import Message, get_message
from miaohui.inbox.queries.window import WindowState, window_state
from miaohui.kit.attempts import attempt_within
from miaohui.kit.errors import Outage, Refusal
from miaohui.kit.jobs import LostLease
from miaohui.kit.runtime import Runtime
from miaohui.kit.tx import Tx
from miaohui.kit.worker import Job

log = structlog.get_logger()
MAX_TRANSIENT = 3
FILE_LINK_LASTS_S = 86_400
WINDOW_ZH = {
    "closed": "已超出平台允许的回复时间",
    "never_opened": "买家尚未发言，平台不允许主动发送",
    "quota": "本次可发条数已用完，请等买家回复",
    "unreachable": "买家已无法送达",
}


@dataclass(frozen=True)
class Plan:
    """What a send needs to know."""

    message: Message
    talk: Conversation
    account: Account
    window: WindowState


async def deliver_reply(job: Job, rt: Runtime) -> None:
    """Send one queued reply. Job `inbox.deliver_reply`, args: message_id."""
    message_id = int(job.args["message_id"])
    try:
        plan = await rt.read(lambda conn: _plan(conn, rt, job.shop_id, message_id))
    except Refusal as refusal:  # the account is gone
        code = refusal.code
        await job.finish(
            lambda tx: mark_refused(tx, job.shop_id, message_id, "渠道账号已停用", {"code": code})
        )
        return
    if plan.message.state == State.SENDING:
        facts = {"reason": "interrupted", "attempt": job.attempt}
        await job.finish(lambda tx: mark_unknown(tx, job.shop_id, message_id, facts))
        return
    if plan.message.state != State.QUEUED:
        await job.finish()
        return
    sender = sender_of(rt, plan.account.channel)
    if sender is None:
        await job.finish(lambda tx: mark_refused(tx, job.shop_id, message_id, "该渠道未接入发送能力"))
        return
    window = sender.window(plan.account, plan.window.state, rt.clock.now())
    if not window.is_open:
        reason = WINDOW_ZH.get(window.reason, "渠道当前不允许发送")
        facts = {"window": window.reason}
        await job.finish(lambda tx: mark_refused(tx, job.shop_id, message_id, reason, facts))
        return
    if await job.step(lambda tx: mark_sending(tx, job.shop_id, message_id, job.attempt, window.scene)):
        await _send(job, rt, plan, sender, window)
    else:
        await job.finish()


def _plan(conn: Connection, rt: Runtime, shop_id: int, message_id: int) -> Plan:
    message = get_message(conn, shop_id, message_id)
    talk = get_conversation(conn, shop_id, message.conversation_id)
    account = book_of(rt).by_id(conn, shop_id, talk.account_id)
    return Plan(message, talk, account, window_state(conn, talk, rt.clock.now()))


async def _send(job: Job, rt: Runtime, plan: Plan, sender: Sender, window: SendWindow) -> None:
    message_id, shop_id = plan.message.id, job.shop_id
    out = _outbound(rt, plan, window)
    match await attempt_within(lambda: sender.send(plan.account, out, str(message_id)), SEND_TIMEOUT_S):
        case Receipt() as receipt:
            await _settle_delivered(job, rt, message_id, receipt.platform_msg_id)
        case Duplicate():
            await _settle_delivered(job, rt, message_id, "")
        case RateLimited() | Transient() as error:
            await _try_again(job, message_id, error)
        case ChannelError(is_final=True) as error:
            facts = {"class": error.code, "code": error.fault.code, "log_id": error.fault.log_id}
            reason = error.shown_zh
            await job.finish(lambda tx: mark_refused(tx, shop_id, message_id, reason, facts))
        case error:  # whatever broke, it may have gone out: never again by itself (F15)
            log.warning("inbox.send_unknown", message=message_id, error=repr(error))
            unknown = {"reason": getattr(error, "code", type(error).__name__)}
            await job.finish(lambda tx: mark_unknown(tx, shop_id, message_id, unknown))


async def _settle_delivered(job: Job, rt: Runtime, message_id: int, message_key: str) -> None:
    """Write the receipt down; also when another worker took the job meanwhile: a receipt is a fact."""

    def settle(tx: Tx) -> bool:
        return mark_delivered(tx, job.shop_id, message_id, message_key, "receipt")

    try:
        await job.finish(settle)
    except LostLease:
        await rt.write(job.actor, settle)
        raise


async def _try_again(job: Job, message_id: int, error: ChannelError) -> None:
    """Put the reply back in its place; it certainly did not go out."""
    is_spent = isinstance(error, Transient) and job.attempt >= MAX_TRANSIENT
    if is_spent or job.is_last_attempt:
        facts = {"class": error.code, "attempts": job.attempt}
        await job.finish(
            lambda tx: mark_refused(tx, job.shop_id, message_id, "平台多次不可用，未送达", facts)
        )
        return
    facts = {"class": error.code, "attempt": job.attempt}
    await job.step(lambda tx: mark_queued_again(tx, job.shop_id, message_id, facts))
    raise Outage(error.channel, error.retry_after_s or 1.0, error.code)


def _outbound(rt: Runtime, plan: Plan, window: SendWindow) -> Outbound:
    talk, message = plan.talk, plan.message
    parts = tuple(_with_link(rt, part) for part in decode_parts(message.parts))
    return Outbound(
        talk.conversation_key, talk.buyer_platform_id, parts, plan.window.reply_to, window.scene,
        str(message.refs.get("seat", "")), {**talk.refs, **message.refs},
    )  # fmt: skip


def _with_link(rt: Runtime, part: Part) -> Part:
    """Return a stored file's part with a link by which the other side can fetch it."""
    if not isinstance(part, Media) or not part.blob_id.isdecimal() or part.url:
        return part
    expires_s = int(rt.clock.now().timestamp()) + FILE_LINK_LASTS_S
    base = str(rt.ports.get("public_url", ""))
    return replace(part, url=base + signed_path(blobs_of(rt), int(part.blob_id), part.name, expires_s))


async def look_up_reply(job: Job, rt: Runtime) -> None:
    """Ask the platform what became of a reply. Job `inbox.look_up_reply`, args: message_id, round."""
    message_id, round_number = int(job.args["message_id"]), int(job.args["round"])
    plan = await rt.read(lambda conn: _plan(conn, rt, job.shop_id, message_id))
    if plan.message.state != State.UNKNOWN:
        await job.finish()
        return
    shop_id = job.shop_id
    match await _look_up(rt, plan):
        case Receipt(platform_msg_id=key):
            await job.finish(lambda tx: mark_delivered(tx, shop_id, message_id, key, "lookup"))
        case Rejected() | WindowClosed() | QuotaExhausted() as no:  # only a message can be refused like this
            facts = {"class": no.code, "code": no.fault.code, "source": "lookup"}
            await job.finish(lambda tx: mark_refused(tx, shop_id, message_id, no.shown_zh, facts))
        case _:  # also Transient, "never seen": what may have gone out is never put back by a machine
            await job.finish(lambda tx: _ask_later(tx, shop_id, message_id, round_number + 1))


async def _look_up(rt: Runtime, plan: Plan) -> Receipt | Exception | None:
    sender = sender_of(rt, plan.account.channel)
    if sender is None or not sender.caps.can_lookup:
        return None
    key, platform_key = str(plan.message.id), plan.message.message_key or ""
    found = await attempt_within(lambda: sender.lookup(plan.account, key, platform_key), SEND_TIMEOUT_S)
    if isinstance(found, Exception):
        log.info("inbox.look_up_failed", message=plan.message.id, error=repr(found))
    return found


def _ask_later(tx: Tx, shop_id: int, message_id: int, round_number: int) -> None:
    """Ask again a little later; after the last round it stays unknown until an echo or a person tells."""
    if round_number < len(LOOK_UP_AFTER_S):
        tx.enqueue(
            "inbox.look_up_reply", {"message_id": message_id, "round": round_number}, shop_id=shop_id,
            run_at=tx.now + timedelta(seconds=LOOK_UP_AFTER_S[round_number]),
            key=f"inbox.look_up_reply:{message_id}:{round_number}",
        )  # fmt: skip
