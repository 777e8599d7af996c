"""Kinds of values that several shapes share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from miaohui.channels.model import visible
from miaohui.kit.http import Schema

Visible = AfterValidator(visible)  # NUL and lone surrogates become signs that can be stored and seen
BoxName = Literal["open", "mine", "unassigned", "waiting", "overdue", "snoozed", "closed", "mentioned"]
Ident = Annotated[int, Field(ge=1, lt=2**53)]
ClientId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Color = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
ShortText = Annotated[str, Field(min_length=1, max_length=60), Visible]


class OkOut(Schema):
    ok: Literal[True] = True
