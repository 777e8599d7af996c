"""Consent, opt-out, and phone numbers under seal."""

from __future__ import annotations

from sqlalchemy import insert

from miaohui.buyers import queries
from miaohui.buyers.actions.merge import acting_user
from miaohui.buyers.events import ConsentChanged
from miaohui.buyers.model import (
    NO_REASON,
    PHONE_CONTEXT,
    Decision,
)
from miaohui.buyers.store import (
    consents,
    contacts,
)
from miaohui.kit.crypto import Vault
from miaohui.kit.db import insert_new
from miaohui.kit.errors import NOT_FOUND
from miaohui.kit.text import masked_phone
from miaohui.kit.tx import Tx


def record_consent(tx: Tx, shop_id: int, buyer_id: int, decision: Decision) -> int:
    """Keep a buyer's decision with its proof; return the row's id.

    Raises: Refusal kit.not_found.
    """
    buyer = queries.current_id(tx.conn, shop_id, buyer_id)
    consent_id = tx.ids.next()
    tx.execute(
        insert(consents).values(
            id=consent_id, shop_id=shop_id, person_id=buyer, purpose=decision.purpose,
            channel=decision.channel, decision="granted" if decision.is_granted else "withdrawn",
            source=decision.source, proof=decision.proof[:1000], by_user_id=acting_user(tx), at=tx.now,
        )
    )  # fmt: skip
    tx.publish(
        ConsentChanged(shop_id, buyer, decision.purpose, decision.channel, decision.is_granted, tx.now)
    )
    return consent_id


def keep_phone(tx: Tx, shop_id: int, buyer_id: int, phone: str, vault: Vault, source: str) -> None:
    """Keep a phone number sealed, with its mask and blind index (reliability.md §3.3). Idempotent.

    Raises: Refusal kit.not_found.
    """
    buyer = queries.current_id(tx.conn, shop_id, buyer_id)
    insert_new(
        tx.conn,
        contacts,
        id=tx.ids.next(),
        shop_id=shop_id,
        person_id=buyer,
        kind="phone",
        masked_zh=masked_phone(phone),
        sealed=vault.seal(phone.strip(), PHONE_CONTEXT),
        value_key=vault.blind_index(phone.strip(), PHONE_CONTEXT),
        source=source,
        at=tx.now,
    )


def reveal_phone(tx: Tx, shop_id: int, buyer_id: int, reason: str, vault: Vault) -> str:
    """Return a buyer's phone number in clear, and keep in the audit log who asked and why.

    Raises: Refusal kit.not_found, buyers.no_reason.
    """
    if not reason.strip():
        NO_REASON.refuse()
    found = queries.find_sealed_phone(tx.conn, shop_id, buyer_id)
    if found is None:
        NOT_FOUND.refuse(buyer_id=buyer_id)
    contact_id, sealed = found
    detail = {"reason": reason.strip()[:500], "contact_id": contact_id}
    tx.audit("buyers.revealed", f"buyer:{buyer_id}", detail, shop_id=shop_id)
    return vault.open(sealed, PHONE_CONTEXT)
