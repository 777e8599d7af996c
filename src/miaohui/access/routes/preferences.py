"""One's own preferences over HTTP: which tours one has taken."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from miaohui.access import queries
from miaohui.access.actions.preferences import keep_preference
from miaohui.access.routes.door import own_session
from miaohui.kit.http import Caller, Rt, Schema, refusals, require

router = APIRouter(prefix="/api/preferences", tags=["access"])
Own = Annotated[Caller, Depends(require("session"))]
Name = Literal["tours"]
Word = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z_.]+$")]


class PreferenceIn(Schema):
    """`tours`: the names of the tours that the person has taken or skipped."""

    value: Annotated[list[Word], Field(max_length=50)]


class PreferencesOut(Schema):
    tours: list[str] = []


@router.get("", operation_id="get_preferences", summary="我的偏好", responses=refusals())
async def mine(caller: Own, rt: Rt) -> PreferencesOut:
    """Return what the caller has set for herself."""
    found = await rt.read(lambda conn: queries.list_preferences(conn, caller.user_id))
    return PreferencesOut(tours=found.get("tours", []))


@router.put("/{name}", operation_id="keep_preference", summary="保存我的偏好", responses=refusals())
async def keep(name: Name, body: PreferenceIn, caller: Own, rt: Rt) -> PreferencesOut:
    """Keep one of the caller's preferences, on every computer; a token has none."""
    own_session(caller)
    await rt.write(caller.actor, lambda tx: keep_preference(tx, caller.user_id, name, body.value))
    return await mine(caller, rt)
