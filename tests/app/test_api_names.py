"""The published description names every body once: a client's types must not depend on our module paths."""

from __future__ import annotations

from typing import Any, cast

import pytest

from miaohui.app.http import make_app
from miaohui.app.wiring import routers


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return make_app(cast(Any, None), cast(Any, None), routers()).openapi()


def test_no_two_rooms_give_a_body_the_same_name(described: dict[str, Any]) -> None:
    """FastAPI writes the module's path into a name that two rooms share (`miaohui__shop__…__PolicyOut`)."""
    clashing = [name for name in described["components"]["schemas"] if "__" in name]
    assert not clashing, f"rename one of each in its room's schemas: {clashing}"


def test_every_operation_has_an_id_of_its_own(described: dict[str, Any]) -> None:
    ids = [
        operation["operationId"]
        for path in described["paths"].values()
        for method, operation in path.items()
        if method in {"get", "put", "post", "delete", "patch"}
    ]
    assert len(ids) == len(set(ids))
