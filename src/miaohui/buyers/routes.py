"""Buyers over HTTP: profile, joins and their undoing, consent, the clear phone number with a reason."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query

from miaohui.buyers import actions, queries
from miaohui.buyers.model import (
    ALREADY_DECIDED,
    ALREADY_UNDONE,
    ERASURE_RUNS,
    MERGED_AGAIN,
    NO_REASON,
    SAME_BUYER,
    Decision,
)
from miaohui.buyers.schemas import (
    BuyerEvidenceOut,
    BuyerIdOut,
    BuyerOut,
    BuyerRow,
    BuyersOut,
    ConsentIn,
    ConsentRowOut,
    ConsentRowsOut,
    DecisionIn,
    ErasureIn,
    ErasureOut,
    ErasuresOut,
    EvidencesOut,
    Ident,
    MergedOut,
    MergeIn,
    MergeUndoIn,
    PhoneOut,
    ProposalOut,
    ProposalsOut,
    RevealIn,
)
from miaohui.kit.errors import INVALID
from miaohui.kit.http import Caller, Rt, Schema, refusals, require

S = TypeVar("S", bound=Schema)
router = APIRouter(prefix="/api/buyers", tags=["buyers"])
Reader = Annotated[Caller, Depends(require("buyers.read"))]
Merger = Annotated[Caller, Depends(require("buyers.merge"))]
Eraser = Annotated[Caller, Depends(require("buyers.erase"))]
Revealer = Annotated[Caller, Depends(require("buyers.reveal"))]


def _fit(shape: type[S], row: dict[str, Any]) -> S:
    return shape(**{name: row[name] for name in shape.model_fields})


@router.get("", operation_id="list_buyers", summary="买家列表", responses=refusals())
async def list_buyers(
    caller: Reader,
    rt: Rt,
    name: Annotated[str, Query(max_length=20, description="脱敏名的开头")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> BuyersOut:
    """List buyers, the newest first."""
    if cursor and not (cursor.isdecimal() and len(cursor) <= 16):
        INVALID.refuse(problems=[{"where": "query.cursor", "problem": "not a cursor of this list"}])
    before = int(cursor) if cursor else None
    rows = await rt.read(lambda conn: queries.list_buyers(conn, caller.shop_id, name, before, limit))
    more = str(rows[-1]["id"]) if len(rows) == limit else None
    return BuyersOut(items=[BuyerRow(**row) for row in rows], next_cursor=more)


@router.get("/proposals", operation_id="list_buyer_proposals", summary="待确认的合并", responses=refusals())
async def list_proposals(caller: Merger, rt: Rt) -> ProposalsOut:
    """List pairs that share something but are joined by nobody's word yet."""
    rows = await rt.read(lambda conn: queries.list_proposals(conn, caller.shop_id))
    return ProposalsOut(items=[ProposalOut(**row) for row in rows])


@router.post(
    "/proposals/{proposal_id}/decision",
    operation_id="decide_buyer_proposal",
    summary="确认或否决合并",
    responses=refusals(ALREADY_DECIDED, SAME_BUYER),
)
async def decide(proposal_id: Ident, body: DecisionIn, caller: Merger, rt: Rt) -> BuyerIdOut:
    """Accept or decline a proposed join; the answer is the kept buyer, 0 when declined."""
    kept = await rt.write(
        caller.actor, lambda tx: actions.decide_proposal(tx, caller.shop_id, proposal_id, body.is_same)
    )
    return BuyerIdOut(buyer_id=kept or 0)


@router.get("/{buyer_id}", operation_id="get_buyer", summary="买家资料", responses=refusals())
async def get_buyer(buyer_id: Ident, caller: Reader, rt: Rt) -> BuyerOut:
    """Return a buyer's profile, masked."""
    found = await rt.read(lambda conn: queries.get_buyer(conn, caller.shop_id, buyer_id))
    trimmed = {**found, "identities": [_without(i, "shop_id", "person_id") for i in found["identities"]]}
    return BuyerOut.model_validate(trimmed)


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


@router.get(
    "/{buyer_id}/evidence", operation_id="list_buyer_evidence", summary="身份依据", responses=refusals()
)
async def list_evidence(buyer_id: Ident, caller: Reader, rt: Rt) -> EvidencesOut:
    """List what this buyer's identities were seen with, masked."""

    def read(conn: Any) -> list[dict[str, Any]]:
        kept = queries.current_id(conn, caller.shop_id, buyer_id)
        return queries.list_evidence(conn, caller.shop_id, kept)

    return EvidencesOut(items=[BuyerEvidenceOut(**row) for row in await rt.read(read)])


@router.post(
    "/{buyer_id}/merges",
    operation_id="merge_buyers",
    summary="合并买家",
    status_code=201,
    responses=refusals(SAME_BUYER, NO_REASON),
)
async def merge(buyer_id: Ident, body: MergeIn, caller: Merger, rt: Rt) -> MergedOut:
    """Join another record into this buyer; it can be undone."""
    merge_id = await rt.write(
        caller.actor,
        lambda tx: actions.merge_buyers(tx, caller.shop_id, buyer_id, body.merged_id, body.reason),
    )
    return MergedOut(merge_id=merge_id)


@router.post(
    "/merges/{merge_id}/undoing",
    operation_id="undo_buyer_merge",
    summary="撤销合并",
    responses=refusals(ALREADY_UNDONE, MERGED_AGAIN),
)
async def undo(merge_id: Ident, body: MergeUndoIn, caller: Merger, rt: Rt) -> BuyerIdOut:
    """Take a merge back; the answer is the restored buyer."""
    restored = await rt.write(
        caller.actor, lambda tx: actions.undo_merge(tx, caller.shop_id, merge_id, body.reason)
    )
    return BuyerIdOut(buyer_id=restored)


@router.get(
    "/{buyer_id}/consents", operation_id="list_buyer_consents", summary="授权与拒收记录", responses=refusals()
)
async def list_consents(buyer_id: Ident, caller: Reader, rt: Rt) -> ConsentRowsOut:
    """List every decision of a buyer with its proof."""
    rows = await rt.read(lambda conn: queries.list_consents(conn, caller.shop_id, buyer_id))
    return ConsentRowsOut(items=[_fit(ConsentRowOut, row) for row in rows])


@router.post(
    "/{buyer_id}/consents",
    operation_id="record_buyer_consent",
    summary="登记授权或拒收",
    status_code=201,
    responses=refusals(),
)
async def record_consent(buyer_id: Ident, body: ConsentIn, caller: Reader, rt: Rt) -> BuyerOut:
    """Keep what a buyer allowed or refused. Any agent may: a buyer's no must not wait for a supervisor."""
    decision = Decision(body.purpose, body.is_granted, body.channel, "agent", body.proof)
    await rt.write(caller.actor, lambda tx: actions.record_consent(tx, caller.shop_id, buyer_id, decision))
    return await get_buyer(buyer_id, caller, rt)


@router.post(
    "/{buyer_id}/phone-reveals",
    operation_id="reveal_buyer_phone",
    summary="查看手机号明文（留审计）",
    responses=refusals(NO_REASON),
)
async def reveal(buyer_id: Ident, body: RevealIn, caller: Revealer, rt: Rt) -> PhoneOut:
    """Return the phone number in clear; who looked and why stands in the audit log."""
    phone = await rt.write(
        caller.actor,
        lambda tx: actions.reveal_phone(tx, caller.shop_id, buyer_id, body.reason, rt.ports["vault"]),
    )
    return PhoneOut(phone=phone)


@router.post(
    "/{buyer_id}/erasures",
    operation_id="erase_buyer",
    summary="按买家要求删除其个人数据（不可恢复，留审计）",
    status_code=202,
    responses=refusals(NO_REASON, ERASURE_RUNS),
)
async def erase(buyer_id: Ident, body: ErasureIn, caller: Eraser, rt: Rt) -> ErasureOut:
    """Erase names, phones, messages, files and raw deliveries of a person; cannot be undone.

    Names and phones are gone with the answer, the rest by a job: `GET` tells when it is done.
    """
    erasure_id = await rt.write(
        caller.actor, lambda tx: actions.ask_erasure(tx, caller.shop_id, buyer_id, body.reason)
    )
    found = await rt.read(lambda conn: queries.find_erasure(conn, caller.shop_id, erasure_id))
    return _fit(ErasureOut, found or {})


@router.get("/{buyer_id}/erasures", operation_id="list_erasures", summary="删除进度", responses=refusals())
async def list_erasures(buyer_id: Ident, caller: Reader, rt: Rt) -> ErasuresOut:
    """List the erasures of a person with how much was erased."""
    rows = await rt.read(lambda conn: queries.list_erasures(conn, caller.shop_id, buyer_id))
    return ErasuresOut(items=[_fit(ErasureOut, row) for row in rows])
