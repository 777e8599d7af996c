"""What has done its time is deleted: it would only be something to lose."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from miaohui.access import store
from miaohui.kit.clock import to_ms
from miaohui.kit.tx import Tx

KEEP = timedelta(days=30)


def purge_expired(tx: Tx) -> int:
    """Delete attempts of yesterday, steps of used codes, and sessions and links a month after their end.

    The audit log keeps who logged in when; these rows are only needed while they decide something.
    """
    tx.run(store.PURGE_TOTP_USES, to_ms(tx.now - timedelta(days=1)) // 30_000)
    gone = tx.run(store.PURGE_ATTEMPTS, to_ms(tx.now - timedelta(days=1)))
    for parent, child in (
        (store.sessions, store.session_ends.c.session_id),
        (store.invitations, store.invitation_ends.c.invitation_id),
    ):
        old = select(parent.c.id).where(parent.c.expires_at < tx.now - KEEP)
        tx.execute(delete(child.table).where(child.in_(old)))
        gone += tx.execute(delete(parent).where(parent.c.expires_at < tx.now - KEEP)).rowcount
    return gone
