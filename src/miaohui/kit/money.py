"""Money is integer fen (1/100 yuan); floats never touch it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


def fen_from_yuan(text: str) -> int:
    """Return fen from a yuan text such as '¥1,234.50' or '1.2万'.

    Raises: ValueError when the text is no amount.
    Source: domain.md §3.8.
    """
    cleaned = (
        text.strip().replace(",", "").replace("，", "").replace("¥", "").replace("￥", "").removesuffix("元")
    )
    factor = 1
    if cleaned.endswith("万"):
        cleaned, factor = cleaned[:-1], 10_000
    try:
        return int((Decimal(cleaned) * factor * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except InvalidOperation as error:
        raise ValueError(f"not an amount of yuan: {text!r}") from error


def yuan_text(fen: int) -> str:
    """Return '¥1,234.50' for 123450."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
