"""HTTP of the team: groups and agents."""

from fastapi import APIRouter

from miaohui.staff.routes import agents, groups

router = APIRouter()
router.include_router(groups.router)
router.include_router(agents.router)

__all__ = ["router"]
