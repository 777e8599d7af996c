"""Templates: how a file with unknown headers was understood, kept for the next one; and uploaded files."""

from __future__ import annotations

from sqlalchemy import delete, insert

from miaohui.importing.model import faults
from miaohui.importing.model.catalogue import KIND_OF
from miaohui.importing.model.mapping import mapping_faults, signature
from miaohui.importing.store import templates, uploads
from miaohui.kit.tx import Tx


def save_template(
    tx: Tx, shop_id: int, name_zh: str, kind: str, mapping: dict[str, str], header: list[str]
) -> str:
    """Keep header → field for this set of headers; returns the signature it is found by.

    Raises: Refusal importing.bad_mapping.
    """
    problems = mapping_faults(KIND_OF.get(kind), mapping)
    if problems:
        faults.BAD_MAPPING.refuse(problems=problems)
    sign = signature(header)
    forget_template(tx, shop_id, sign)
    tx.execute(
        insert(templates).values(
            shop_id=shop_id, signature=sign, name_zh=name_zh, kind=kind, mapping=mapping, saved_at=tx.now,
            saved_by=tx.actor.name,
        )
    )  # fmt: skip
    return sign


def forget_template(tx: Tx, shop_id: int, sign: str) -> None:
    """Forget a template; nothing happens when there is none."""
    tx.execute(delete(templates).where(templates.c.shop_id == shop_id, templates.c.signature == sign))


def store_upload(tx: Tx, shop_id: int, file_name: str, path: str, sha256: str, size: int) -> int:
    """Note a file that was dropped on the page and waits to be previewed and imported; returns its id."""
    upload_id = tx.ids.next()
    tx.execute(
        insert(uploads).values(
            id=upload_id, shop_id=shop_id, file_name=file_name, path=path, sha256=sha256, size=size,
            at=tx.now, by=tx.actor.name,
        )
    )  # fmt: skip
    return upload_id
