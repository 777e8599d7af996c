"""What the bodies of the shop's routes have in common: bounded ids, texts without control characters, dates."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, Field, JsonValue


def _plain(text: str) -> str:
    """Refuse control characters: no list shows them, and PostgreSQL takes no NUL."""
    if any(ord(char) < 32 for char in text):
        raise ValueError("不能包含换行或控制字符")
    return text


def _near(at: datetime) -> datetime:
    """Refuse times outside this century, which no calendar of a shop needs."""
    if not 2000 <= at.year < 2100:
        raise ValueError("时间须在 2000–2099 年之间")
    return at


def _sound(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what cannot be written again: half characters in keys, NaN."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise ValueError("包含无法保存的字符或数值") from error
    return value


RowId = Annotated[int, Path(ge=0, lt=2**53)]
Version = Annotated[int, Field(ge=0, lt=2**31)]
Plain = Annotated[str, AfterValidator(_plain)]
Reason = Annotated[Plain, Field(max_length=200)]
Name = Annotated[Plain, Field(min_length=1, max_length=60)]
Label = Annotated[Plain, Field(max_length=60)]
Moment = Annotated[AwareDatetime, AfterValidator(_near)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_sound), Field(max_length=60)]
