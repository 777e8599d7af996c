"""HTTP of reply clocks and the day's rounds."""

from fastapi import APIRouter

from miaohui.sla.routes import clocks, today

router = APIRouter()
for part in (clocks, today):
    router.include_router(part.router)
