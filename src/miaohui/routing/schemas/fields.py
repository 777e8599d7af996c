"""Fields that several bodies share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

RowId = Annotated[int, Field(ge=0, lt=2**63)]
Note = Annotated[str, Field(max_length=500)]
Whole = Annotated[int, Field(ge=0, lt=2**31)]
