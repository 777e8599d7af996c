"""Sessions: opened by a log-in, ended by a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from miaohui.access import queries, store
from miaohui.access.actions.trail import audit_person
from miaohui.access.events import SessionsEnded
from miaohui.access.model import AccessPolicy
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.randomness import secret_token
from miaohui.kit.tx import Tx


@dataclass(frozen=True)
class Origin:
    """Where a log-in comes from. `strength`: 'password', 'totp' or 'recovery'."""

    ip: str
    user_agent: str
    strength: str = "password"


def open_session(tx: Tx, user_id: int, origin: Origin, policy: AccessPolicy) -> str:
    """Open a session and return its secret; only its hash is stored. The oldest make room for the newest."""
    alive = queries.list_sessions(tx.conn, user_id, tx.now, policy.session_idle_s)
    for old in alive[policy.max_sessions - 1 :]:
        _end(tx, user_id, [old.id], "too_many")
    secret, session_id = secret_token(), tx.ids.next()
    tx.execute(
        insert(store.sessions).values(
            id=session_id,
            user_id=user_id,
            token_hash=queries.token_hash(secret),
            created_at=tx.now,
            expires_at=tx.now + timedelta(seconds=policy.session_absolute_s),
            seen_at=tx.now,
            strength=origin.strength,
            ip=origin.ip,
            user_agent=origin.user_agent[:200],
        )
    )
    audit_person(tx, user_id, "access.logged_in", {"session_id": session_id, "strength": origin.strength})
    return secret


def touch_session(tx: Tx, session_id: int, at: datetime) -> None:
    """Note that a session was used at `at`; never earlier than what is known."""
    tx.run(store.TOUCH_SESSION, to_ms(at), session_id, to_ms(at))


def end_session(tx: Tx, user_id: int, session_id: int, reason: str = "logged_out") -> None:
    """End one session of this person. Raises: Refusal kit.not_found, also for somebody else's."""
    t = store.sessions
    found = tx.execute(select(t.c.id).where(t.c.id == session_id, t.c.user_id == user_id)).first()
    if found is None or not _end(tx, user_id, [session_id], reason):
        NOT_FOUND.refuse()
    audit_person(tx, user_id, "access.session_ended", {"session_id": session_id, "reason": reason})


def end_sessions_of(tx: Tx, user_id: int, reason: str, keep_session_id: int | None = None) -> int:
    """End every session of a person but `keep_session_id`; return how many ended."""
    t, e = store.sessions, store.session_ends
    query = select(t.c.id).where(
        t.c.user_id == user_id, t.c.expires_at > tx.now, ~select(e).where(e.c.session_id == t.c.id).exists()
    )
    ids = [row.id for row in tx.execute(query) if row.id != keep_session_id]
    return _end(tx, user_id, ids, reason)


def _end(tx: Tx, user_id: int, session_ids: list[int], reason: str) -> int:
    by_user_id = tx.actor.id if tx.actor.kind in ("user", "token") else None
    ended = [i for i in session_ids if tx.run(store.END_SESSION, i, to_ms(tx.now), by_user_id, reason)]
    if ended:
        tx.publish(SessionsEnded(user_id, tuple(ended), reason, tx.now))
        tx.ring("access")
    return len(ended)
