"""HTTP of insight: `router`."""

from __future__ import annotations

from fastapi import APIRouter

from miaohui.insight.routes import behind, report

router = APIRouter()
for _part in (report, behind):
    router.include_router(_part.router)

__all__ = ["router"]
