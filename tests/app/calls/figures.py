"""Calls of the routes of orders, buyers, files, figures, the machine."""

from __future__ import annotations

from tests.app.calls.bodies import REASON
from tests.app.calls.call import Call, Ref

DAYS = {"from_on": "2026-11-01", "to_on": "2026-11-30"}
BACKUP = {"name": "miaohui-20260101-000000.tar"}
CALLS: dict[str, Call | tuple[Call, ...]] = {
    # trade
    "GET /api/orders": Call(),
    "GET /api/orders/{order_id}": Call(),
    "POST /api/orders/{order_id}/refresh": Call(),
    # Trade does not know who is a buyer: nobody has no orders.
    "GET /api/buyers/{buyer_id}/orders": Call(says=200),
    "GET /api/aftersales": Call(),
    "GET /api/service-tickets": Call(),
    "GET /api/service-tickets/{ticket_id}": Call(),
    "GET /api/aftersales/due": Call(),
    "GET /api/aftersales/{aftersale_id}": Call(),
    "POST /api/aftersales/{aftersale_id}/refresh": Call(),
    "GET /api/products": Call(),
    "GET /api/trade/reconciles": Call(),
    # buyers
    "GET /api/buyers": Call(),
    "GET /api/buyers/proposals": Call(),
    "POST /api/buyers/proposals/{proposal_id}/decision": Call({"is_same": False}),
    "GET /api/buyers/{buyer_id}": Call(),
    "GET /api/buyers/{buyer_id}/evidence": Call(),
    "POST /api/buyers/{buyer_id}/merges": Call({"merged_id": Ref("spare_buyer"), **REASON}),
    "POST /api/buyers/merges/{merge_id}/undoing": Call(REASON),
    "GET /api/buyers/{buyer_id}/consents": Call(),
    "POST /api/buyers/{buyer_id}/consents": Call({"purpose": "outreach", "is_granted": False}),
    "POST /api/buyers/{buyer_id}/phone-reveals": Call(REASON),
    "GET /api/buyers/{buyer_id}/erasures": Call(),
    "POST /api/buyers/{buyer_id}/erasures": Call(REASON, path={"buyer_id": Ref("spare_buyer")}),
    # importing
    "GET /api/imports/kinds": Call(),
    "POST /api/imports/uploads": Call(has_file=True, also=(422,)),
    "POST /api/imports/uploads/{upload_id}/preview": Call({}),
    "POST /api/imports": Call({"upload_id": Ref("upload"), "answers": {}}),
    "GET /api/imports": Call(),
    "GET /api/imports/templates": Call(),
    # Forgetting what is not there is done already.
    "DELETE /api/imports/templates/{signature}": Call(says=204),
    "GET /api/imports/{import_id}": Call(),
    "GET /api/imports/{import_id}/bad-rows": Call(),
    "POST /api/imports/{import_id}/cancellation": Call(),
    "POST /api/imports/{import_id}/undo": Call(REASON),
    # insight
    "GET /api/insight/report": Call(query={"platform": "douyin"}),
    "GET /api/insight/report/files/{form}": Call(path={"form": "xlsx"}),
    "GET /api/insight/responses": Call(query={"from_on": "2026-11-01", "to_on": "2026-11-30"}),
    "GET /api/insight/calibration": Call(),
    "GET /api/insight/heat": Call(query=DAYS),
    "GET /api/insight/rounds": Call(query={**DAYS, "by": "agent", "key": "nobody"}),
    "GET /api/insight/talk": Call(query={"session": "nobody"}, also=(404,)),
    "GET /api/insight/definitions": Call(),
    "GET /api/insight/policies": Call(),
    "PUT /api/insight/policies/{kind}": Call(
        {"effective_from": "2026-11-01", "value": {"days": []}}, path={"kind": "exemptions"}, also=(422,)
    ),
    "GET /api/insight/changes": Call(),
    "POST /api/insight/changes": Call({"rule": "none", "changed_on": "2026-11-01"}, also=(422,)),
    # the machine
    "GET /api/live/stream": Call(query={"topics": "nobody"}),
    "GET /api/jobs/dead": Call(),
    "POST /api/jobs/dead/{job_id}/replay": Call(),
    # The replay above takes the only dead job out of the dead letters; test_backups.py discards one.
    "DELETE /api/jobs/dead/{job_id}": Call(also=(404,)),
    # A backup holds both shops of the matrix, and nobody owns both.
    "GET /api/backups": Call(also=(403,)),
    "POST /api/backups": Call(also=(403,)),
    "POST /api/backups/{name}/checks": Call(path=BACKUP, also=(403,)),
    "GET /api/backups/{name}/file": Call(path=BACKUP, also=(403,)),
    "DELETE /api/backups/{name}": Call(path=BACKUP, also=(403,)),
    "GET /api/system": Call(),
}
