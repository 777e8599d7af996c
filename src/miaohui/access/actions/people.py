"""Accounts: a log-in name, a name to show, a password."""

from __future__ import annotations

from sqlalchemy import update

from miaohui.access import model, queries, store
from miaohui.access.actions.sessions import end_sessions_of
from miaohui.access.actions.trail import audit_person
from miaohui.kit.clock import to_ms
from miaohui.kit.errors import INVALID
from miaohui.kit.tx import Tx


def create_user(tx: Tx, login: str, display_name: str, password_hash: str | None = None) -> int:
    """Add a person and return the id. Without a password nobody can log in as this person.

    `password_hash` comes from `kit.passwords.Passwords.hashed`, made outside the transaction.
    Raises: Refusal access.login_taken, kit.invalid.
    """
    name = display_name.strip()
    if not model.is_login(login) or not 1 <= len(name) <= 40:
        INVALID.refuse(login="2–64 letters, digits, . _ @ + -", display_name="1–40 characters")
    user_id, now = tx.ids.next(), to_ms(tx.now)
    added = tx.run(
        store.ADD_USER, user_id, login.strip(), model.login_key(login), name, password_hash,
        None if password_hash is None else now, now,
    )  # fmt: skip
    if added != 1:
        model.LOGIN_TAKEN.refuse()
    tx.audit("access.user_created", f"user:{user_id}", {"login": login.strip()})
    return user_id


def set_password(tx: Tx, user_id: int, password_hash: str, keep_session_id: int | None = None) -> None:
    """Set a new password and end the person's sessions at once, except `keep_session_id` (R13)."""
    queries.get_user(tx.conn, user_id)
    t = store.users
    tx.execute(update(t).where(t.c.id == user_id).values(password_hash=password_hash, password_set_at=tx.now))
    ended = end_sessions_of(tx, user_id, "password_changed", keep_session_id)
    audit_person(tx, user_id, "access.password_changed", {"sessions_ended": ended})


def renew_hash(tx: Tx, user_id: int, old_hash: str, new_hash: str) -> None:
    """Replace a hash of an outdated cost by one of the same password, unless the password changed meanwhile."""
    t = store.users
    unchanged = update(t).where(t.c.id == user_id, t.c.password_hash == old_hash)
    tx.execute(unchanged.values(password_hash=new_hash))
