"""Verbs of the buyers room: recognise, add evidence, merge, undo, consent, keep a phone number."""

from miaohui.buyers.actions.consent import keep_phone, record_consent, reveal_phone
from miaohui.buyers.actions.erase import ask_erasure, finish_erasure, note_compacted
from miaohui.buyers.actions.evidence import add_evidence, decide_proposal, order_evidence, phone_evidence
from miaohui.buyers.actions.merge import merge_buyers, undo_merge
from miaohui.buyers.actions.recognise import recognise_buyer

__all__ = [
    "add_evidence",
    "ask_erasure",
    "decide_proposal",
    "finish_erasure",
    "keep_phone",
    "merge_buyers",
    "note_compacted",
    "order_evidence",
    "phone_evidence",
    "recognise_buyer",
    "record_consent",
    "reveal_phone",
    "undo_merge",
]
