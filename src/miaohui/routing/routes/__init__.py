"""HTTP of routing."""

from fastapi import APIRouter

from miaohui.routing.routes import chats, presence, reserve, settings

router = APIRouter()
router.include_router(presence.router)
router.include_router(chats.router)
router.include_router(reserve.router)
router.include_router(settings.router)

__all__ = ["router"]
