"""What the routes of this room share: the door itself, a person's own log-in, the one check of new passwords."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Request, Response

from miaohui.access import model
from miaohui.access.routes.authenticator import SessionAuthenticator, cookie_name, is_https
from miaohui.access.routes.origin import refuse_foreign
from miaohui.kit.http import Caller, require
from miaohui.kit.passwords import MIN_LENGTH, WEAKNESS_ZH, weakness


def _door(request: Request) -> SessionAuthenticator:
    return request.app.state.authenticator  # type: ignore[no-any-return]


Door = Annotated[SessionAuthenticator, Depends(_door)]
Logged = Annotated[Caller, Depends(require("session"))]
Manager = Annotated[Caller, Depends(require("access.manage"))]


def same_site(request: Request, door: Door) -> None:
    """Refuse a public form that another site's page sends: log-in CSRF (ASVS 3.5.1)."""
    refuse_foreign(request, door.policy)


def own_session(caller: Caller) -> int:
    """Return the session of somebody who logged in. Raises: Refusal access.session_needed for a token."""
    if caller.session_id is None:
        model.SESSION_NEEDED.refuse()
    return caller.session_id


def check_password(door: SessionAuthenticator, password: str, about: Iterable[str]) -> None:
    """Refuse a weak new password. Raises: Refusal access.weak_password with the reason."""
    profile = door.policy.password_profile
    why = weakness(password, profile, about)
    if why is not None:
        model.WEAK_PASSWORD.refuse(reason=why, reason_zh=WEAKNESS_ZH[why], min_length=MIN_LENGTH[profile])


def set_cookie(request: Request, response: Response, door: SessionAuthenticator, secret: str) -> None:
    """Hand out the session's cookie (ASVS 3.3.1–3.3.4)."""
    response.set_cookie(
        cookie_name(request, door.policy),
        secret,
        max_age=door.policy.session_absolute_s,
        path="/",
        secure=is_https(request, door.policy),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, door: SessionAuthenticator) -> None:
    """Take the cookie back and have the browser forget what it kept of us (ASVS 14.3.1)."""
    response.delete_cookie(
        cookie_name(request, door.policy),
        path="/",
        secure=is_https(request, door.policy),
        httponly=True,
        samesite="lax",
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
