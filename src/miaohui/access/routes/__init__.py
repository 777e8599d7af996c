"""HTTP of `access`: `router`, and `SessionAuthenticator`, which `app` gives to every route."""

from __future__ import annotations

from fastapi import APIRouter

from miaohui.access.routes import audit, invitations, people, preferences, second_factor, session, tokens
from miaohui.access.routes.authenticator import SessionAuthenticator

router = APIRouter()
for _part in (session, preferences, second_factor, people, invitations, tokens, audit):
    router.include_router(_part.router)

__all__ = ["SessionAuthenticator", "router"]
