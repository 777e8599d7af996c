"""Attempts to log in: counted before they are decided, so that a burst of guesses cannot outrun the count."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, update

from miaohui.access import model, store
from miaohui.access.model import AccessPolicy
from miaohui.kit.clock import from_ms, to_ms
from miaohui.kit.tx import Tx


def start_attempt(tx: Tx, login_hash: str, network: str, policy: AccessPolicy) -> int:
    """Reserve one attempt, counted as failed until `clear_failures` or `forgive_attempt`; return its id.

    `login_hash`: the vault's blind index of the log-in name, known or not: nobody learns which exist.
    Raises: Refusal access.locked, with the seconds to wait.
    """
    if tx.conn.dialect.name != "sqlite":
        tx.rows(store.LOCK_LOGIN, login_hash)
    until = _locked_until(tx, login_hash, policy)
    if until is not None and until > tx.now:
        _refuse_until(tx.now, until)
    check_network(tx, network, policy)
    return _add(tx, login_hash, network)


def check_network(tx: Tx, network: str, policy: AccessPolicy) -> None:
    """Refuse an address that failed too often with whatever names. Raises: Refusal access.locked."""
    window = timedelta(seconds=policy.lockout_s)
    count, oldest = tx.rows(store.FAILURES_OF_NETWORK, network, to_ms(tx.now - window))[0]
    if count >= policy.network_failures:
        _refuse_until(tx.now, from_ms(oldest) + window)


def note_failure(tx: Tx, network: str) -> None:
    """Count a failure that belongs to no account: a guessed invitation."""
    _add(tx, "", network)


def forgive_attempt(tx: Tx, attempt_id: int) -> None:
    """Take one attempt out of the count: it was right as far as it went."""
    t = store.attempts
    tx.execute(update(t).where(t.c.id == attempt_id).values(outcome="cleared"))


def clear_failures(tx: Tx, login_hash: str, policy: AccessPolicy) -> None:
    """Forget an account's failures after a complete log-in."""
    tx.run(store.CLEAR_FAILURES, login_hash, to_ms(tx.now - timedelta(seconds=2 * policy.lockout_s)))


def is_locked(tx: Tx, login_hash: str, policy: AccessPolicy) -> bool:
    """Tell whether the account is locked now: asked after a failure, for the audit log."""
    until = _locked_until(tx, login_hash, policy)
    return until is not None and until > tx.now


def _locked_until(tx: Tx, login_hash: str, policy: AccessPolicy) -> datetime | None:
    since = to_ms(tx.now - timedelta(seconds=2 * policy.lockout_s))
    rows = tx.rows(store.FAILURES_OF_LOGIN, login_hash, since, policy.lockout_failures)
    return model.locked_until([from_ms(row[0]) for row in rows], policy)


def _add(tx: Tx, login_hash: str, network: str) -> int:
    attempt_id = tx.ids.next()
    tx.execute(
        insert(store.attempts).values(
            id=attempt_id, login_key=login_hash, network=network, at=tx.now, outcome="failed"
        )
    )
    return attempt_id


def _refuse_until(now: datetime, until: datetime) -> None:
    model.LOCKED.refuse(retry_after_s=max(1, round((until - now).total_seconds())))
