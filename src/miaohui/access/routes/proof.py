"""Proving who one is: the lock-out, then the password, then the second factor (R13; ASVS 6.3.1, 6.3.4, 6.5.1)."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import pyotp
from starlette.requests import HTTPConnection

from miaohui.access import actions, model, queries
from miaohui.access.queries import Totp, User
from miaohui.access.routes.authenticator import SessionAuthenticator, ip_of
from miaohui.kit.clock import to_ms
from miaohui.kit.crypto import Vault
from miaohui.kit.errors import TOO_MANY, Refusal
from miaohui.kit.tx import Actor, Tx

TOTP_CONTEXT = "access_totp_enrolments.secret"
STEP_MS = 30_000
T = TypeVar("T")
MAX_HASHING = 32


@dataclass(frozen=True)
class Credentials:
    """What somebody typed. `code`: six digits of the app, or a recovery code; '' for none."""

    login: str
    password: str
    code: str = ""


@dataclass(frozen=True)
class Proof:
    """A password, and a second factor where there is one, that were right. `settle` makes it count, once."""

    user: User
    strength: str
    login_hash: str
    totp: Totp | None
    step: int | None
    code: str
    fresh_hash: str | None

    def settle(self, tx: Tx, door: SessionAuthenticator) -> None:
        """Use up the code, forget the failures before it, renew an outdated hash.

        Raises: Refusal access.login_failed when the code was used meanwhile; the attempt then counts as failed.
        """
        if self.totp is not None and self.step is not None:
            actions.use_step(tx, self.totp.enrolment_id, self.step)
        elif self.totp is not None:
            actions.use_recovery_code(tx, self.totp.enrolment_id, self.code)
            actions.audit_person(tx, self.user.id, "access.recovery_code_used")
        if self.fresh_hash is not None:
            actions.renew_hash(tx, self.user.id, self.user.password_hash or "", self.fresh_hash)
        actions.clear_failures(tx, self.login_hash, door.policy)


async def hashed(door: SessionAuthenticator, password: str) -> str:
    """Return the hash of a new password; two at a time in threads. Raises: Refusal kit.too_many_requests."""
    async with _turn(door):
        return await door.rt.in_thread(lambda: door.passwords.hashed(password))


async def prove(
    conn: HTTPConnection, door: SessionAuthenticator, typed: Credentials, *, with_code: bool = True
) -> Proof:
    """Check what somebody typed. Unknown names take as long and fail alike (ASVS 6.3.8).

    Raises: Refusal access.locked, access.login_failed, access.totp_needed, kit.too_many_requests.
    """
    rt, vault = door.rt, _vault(door)
    login_hash = vault.blind_index(model.login_key(typed.login)[:200], "access_attempts.login_key")
    visitor = Actor("user", None, "", ip_of(conn))
    network = model.network_of(visitor.ip)
    attempt_id = await rt.write(
        visitor, lambda tx: actions.start_attempt(tx, login_hash, network, door.policy)
    )
    user = await rt.read(lambda c: queries.find_user_by_login(c, typed.login))
    if not await _is_right(door, user, typed.password) or user is None:
        await rt.write(visitor, lambda tx: _note(tx, door, user, login_hash, "password"))
        model.LOGIN_FAILED.refuse()
    totp = await rt.read(lambda c: queries.find_totp(c, user.id)) if with_code else None
    if totp is not None and not typed.code.strip():
        await rt.write(visitor, lambda tx: actions.forgive_attempt(tx, attempt_id))
        model.TOTP_NEEDED.refuse()
    now, drift = rt.clock.now(), door.policy.totp_drift_steps
    step = None if totp is None else matching_step(vault, totp, typed.code, now, drift)
    if totp is not None and step is None and _is_short(typed.code):
        await rt.write(visitor, lambda tx: _note(tx, door, user, login_hash, "code"))
        model.LOGIN_FAILED.refuse()
    fresh = await _fresh_hash(door, user, typed.password)
    strength = "password" if totp is None else "recovery" if step is None else "totp"
    return Proof(user, strength, login_hash, totp, step, typed.code, fresh)


async def settled(
    conn: HTTPConnection, door: SessionAuthenticator, proof: Proof, then: Callable[[Tx], T]
) -> T:
    """Make a proof count and run `then` in the same transaction; a code used meanwhile is a failure like any.

    Raises: Refusal access.login_failed, and what `then` raises.
    """
    actor = Actor("user", proof.user.id, proof.user.display_name, ip_of(conn))

    def unit(tx: Tx) -> T:
        proof.settle(tx, door)
        return then(tx)

    try:
        return await door.rt.write(actor, unit)
    except Refusal as refusal:
        if refusal.kind is model.LOGIN_FAILED:
            await door.rt.write(actor, lambda tx: _note(tx, door, proof.user, proof.login_hash, "code"))
        raise


def matching_step(vault: Vault, totp: Totp, code: str, now: datetime, drift_steps: int = 1) -> int | None:
    """Return the 30-second step that `code` belongs to: this one, or one at most `drift_steps` away.

    Phones' clocks are off by seconds and typing takes some: one step is what RFC 6238 §5.2 recommends; none is for
    shops whose devices keep exact time, two where they do not.
    """
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdecimal() and len(typed) == 6):
        return None
    device = pyotp.TOTP(vault.open(totp.secret_sealed, TOTP_CONTEXT))
    current, found = to_ms(now) // STEP_MS, None
    for step in range(current - drift_steps, current + drift_steps + 1):
        if hmac.compare_digest(device.generate_otp(step), typed):
            found = step
    return found


def _is_short(code: str) -> bool:
    """Tell whether a code can only be one of the app, and no recovery code."""
    return len(actions.plain_code(code)) < 12


def _vault(door: SessionAuthenticator) -> Vault:
    vault: Vault = door.rt.ports["vault"]
    return vault


@contextlib.asynccontextmanager
async def _turn(door: SessionAuthenticator) -> AsyncIterator[None]:
    """Wait for one of the two hashing places; a long queue is refused, so that log-ins cannot starve the desk."""
    if door.hashing_count >= MAX_HASHING:
        TOO_MANY.refuse(retry_after_s=2)
    door.hashing_count += 1
    try:
        async with door.hashing:
            yield
    finally:
        door.hashing_count -= 1


async def _is_right(door: SessionAuthenticator, user: User | None, password: str) -> bool:
    kept = user.password_hash if user is not None else None
    async with _turn(door):
        return await door.rt.in_thread(lambda: door.passwords.matches(kept, password))


async def _fresh_hash(door: SessionAuthenticator, user: User, password: str) -> str | None:
    if user.password_hash is None or not door.passwords.is_outdated(user.password_hash):
        return None
    return await hashed(door, password)


def _note(tx: Tx, door: SessionAuthenticator, user: User | None, login_hash: str, what: str) -> None:
    """Write the failure, and a lock that it caused, into the audit log."""
    detail = {"wrong": what}
    is_locked = actions.is_locked(tx, login_hash, door.policy)
    for action in ("access.login_failed", *(["access.locked"] if is_locked else [])):
        if user is None:
            tx.audit(action, "user:unknown", detail, result="refused")
        else:
            actions.audit_person(tx, user.id, action, detail, "refused")
