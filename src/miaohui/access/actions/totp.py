"""The second factor: an authenticator app, each code good for one use, and recovery codes (ASVS 6.5.1–6.5.5)."""

from __future__ import annotations

from sqlalchemy import delete, insert

from miaohui.access import model, queries, store
from miaohui.access.actions.trail import audit_person
from miaohui.access.model import TOTP_OFF, TOTP_ON
from miaohui.kit.clock import to_ms
from miaohui.kit.randomness import secret_base32
from miaohui.kit.tx import Tx

RECOVERY_COUNT = 10
RECOVERY_CHARS = 24  # 120 bits: an ordinary hash is enough for these (ASVS 6.5.2)


def enrol_totp(tx: Tx, user_id: int, secret_sealed: str) -> int:
    """Keep a new secret that its first code must confirm; an older unconfirmed one is dropped.

    Raises: Refusal access.totp_on.
    """
    if queries.find_totp(tx.conn, user_id) is not None:
        TOTP_ON.refuse()
    waiting = queries.find_totp(tx.conn, user_id, confirmed=False)
    if waiting is not None:
        _change(tx, waiting.enrolment_id, "removed")
    enrolment_id = tx.ids.next()
    tx.execute(
        insert(store.totp_enrolments).values(
            id=enrolment_id, user_id=user_id, secret_sealed=secret_sealed, created_at=tx.now
        )
    )
    return enrolment_id


def confirm_totp(tx: Tx, user_id: int, enrolment_id: int, step: int) -> list[str]:
    """Put an authenticator in force and return its recovery codes; they are shown once.

    Raises: Refusal access.totp_on, access.totp_off (nothing waits), access.login_failed (code already used).
    """
    if queries.find_totp(tx.conn, user_id) is not None:
        TOTP_ON.refuse()
    waiting = queries.find_totp(tx.conn, user_id, confirmed=False)
    if waiting is None or waiting.enrolment_id != enrolment_id:
        TOTP_OFF.refuse()
    use_step(tx, enrolment_id, step)
    _change(tx, enrolment_id, "confirmed")
    audit_person(tx, user_id, "access.totp_on")
    return _fresh_codes(tx, enrolment_id)


def remove_totp(tx: Tx, user_id: int, reason: str) -> None:
    """Take the authenticator out of force. Raises: Refusal access.totp_off."""
    found = queries.find_totp(tx.conn, user_id)
    if found is None:
        TOTP_OFF.refuse()
    _change(tx, found.enrolment_id, "removed")
    tx.execute(delete(store.totp_uses).where(store.totp_uses.c.enrolment_id == found.enrolment_id))
    audit_person(tx, user_id, "access.totp_off", {"reason": reason})


def renew_recovery_codes(tx: Tx, user_id: int) -> list[str]:
    """Return fresh recovery codes; the old ones stop working. Raises: Refusal access.totp_off."""
    found = queries.find_totp(tx.conn, user_id)
    if found is None:
        TOTP_OFF.refuse()
    audit_person(tx, user_id, "access.recovery_codes_renewed")
    return _fresh_codes(tx, found.enrolment_id)


def use_step(tx: Tx, enrolment_id: int, step: int) -> None:
    """Use up the code of one 30-second step; neither it nor an older one works again.

    Raises: Refusal access.login_failed.
    """
    if tx.run(store.USE_TOTP_STEP, enrolment_id, step, enrolment_id, step) != 1:
        model.LOGIN_FAILED.refuse()


def use_recovery_code(tx: Tx, enrolment_id: int, code: str) -> None:
    """Use up a recovery code. Raises: Refusal access.login_failed."""
    rows = tx.rows(store.RECOVERY_CODE, enrolment_id, queries.token_hash(plain_code(code)))
    if not rows or tx.run(store.USE_RECOVERY_CODE, rows[0][0], to_ms(tx.now)) != 1:
        model.LOGIN_FAILED.refuse()


def plain_code(code: str) -> str:
    """Return a typed code without the dashes and spaces that make it readable."""
    return "".join(c for c in code.upper() if c.isalnum())


def _fresh_codes(tx: Tx, enrolment_id: int) -> list[str]:
    codes, uses = store.recovery_codes, store.recovery_uses
    own = codes.c.enrolment_id == enrolment_id
    tx.execute(
        delete(uses).where(uses.c.code_id.in_(codes.select().with_only_columns(codes.c.id).where(own)))
    )
    tx.execute(delete(codes).where(own))
    fresh = [secret_base32(RECOVERY_CHARS) for _ in range(RECOVERY_COUNT)]
    tx.execute(
        insert(codes),
        [
            {"id": tx.ids.next(), "enrolment_id": enrolment_id, "code_hash": queries.token_hash(c)}
            for c in fresh
        ],
    )
    return ["-".join(c[i : i + 4] for i in range(0, RECOVERY_CHARS, 4)) for c in fresh]


def _change(tx: Tx, enrolment_id: int, kind: str) -> None:
    tx.run(store.ADD_TOTP_CHANGE, enrolment_id, kind, to_ms(tx.now), tx.actor.id)
