"""How every route of the application is called, for the authorisation matrix.

A body, an address or a query names things by `Ref("kind")`; the matrix puts ids of the caller's own shop there,
ids of another shop, or ids of nothing. Whoever adds a route adds its line here: the matrix fails without it.
"""

from __future__ import annotations

from tests.app.calls import figures, people, shops, talks
from tests.app.calls.call import NOT_OURS, NOWHERE, PATH, Call, Ref, fill, refs_in

__all__ = ["CALLS", "NOT_OURS", "NOWHERE", "PATH", "Call", "Ref", "calls_of", "fill", "refs_in"]
CALLS = {**people.CALLS, **shops.CALLS, **talks.CALLS, **figures.CALLS}


def calls_of(key: str) -> tuple[Call, ...]:
    """Return the ways in which a route ('GET /api/shop') is called."""
    found = CALLS[key]
    return found if isinstance(found, tuple) else (found,)
