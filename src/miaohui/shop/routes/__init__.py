"""HTTP of the shop's settings."""

from fastapi import APIRouter

from miaohui.shop.routes import accounts, calendar, live, policies, promotions, shops

router = APIRouter()
for part in (shops, policies, live, promotions, calendar, accounts):
    router.include_router(part.router)
