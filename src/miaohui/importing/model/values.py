"""Cells: from the text that platforms export to facts. Pure; a bad cell raises `BadValue` with a reason.

Times are local to China (UTC+8, no daylight saving since 1991). Source: domain.md §3.2, §3.8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from miaohui.kit.money import fen_from_yuan

OFFSET_MS = 8 * 3_600_000
DAY_MS = 86_400_000
EMPTY = frozenset({"", "-", "--", "—", "——", "/", "无", "null", "NULL", "None", "nan", "NaN", "N/A", "#N/A"})
_ORDINAL_1970 = date(1970, 1, 1).toordinal()
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2})(?:\.(\d{1,3}))?)?")
_FORMULA_TEXT = re.compile(r'^="?([^"]*)"?$')
_FORMULA = re.compile(r"^[=@]|^[+\-](?![\d.]+[%万]?$)(?=.*[(!])")
_MANGLED = re.compile(r"^\d(?:\.\d+)?[eE]\+\d{2}$")
_NUMBER = re.compile(r"^[+-]?\d+(?:\.\d+)?$")
_SPAN = re.compile(r"(?:(\d+)[天日])?(?:(\d+)(?:小时|时|h))?(?:(\d+)(?:分钟|分|m))?(?:([\d.]+)(?:秒|s))?")


class BadValue(ValueError):
    """A cell that is not what its column holds; the text says why, in Chinese."""


def plain_text(text: str) -> str:
    """Return a cell without what spreadsheets add to keep text as text: `="…"`, a leading ' or tab."""
    text = text.strip().lstrip("\t'`").strip()
    if text.startswith('="') or (text.startswith("=") and text[1:].isdecimal()):
        match = _FORMULA_TEXT.match(text)
        return match[1] if match else text
    return text


def is_formula(text: str) -> bool:
    """Tell whether a cell holds a live formula (a danger in spreadsheets, never data)."""
    return bool(_FORMULA.match(text))


def is_masked(text: str) -> bool:
    """Tell whether a value is a mask such as 张** or 138****0001, not the real thing."""
    return "*" in text or "＊" in text


def text_value(text: str) -> str:
    """Return the trimmed text; formulas are kept as inert text."""
    return plain_text(text) if text[:1] in " \t'`=\ufeff" or text[-1:] in " \t" else text


def id_value(text: str) -> str:
    """Return a platform id as text. Raises: BadValue when a spreadsheet has destroyed its digits."""
    text = plain_text(text)
    if text[:3].upper() in ("ID:", "ID："):
        text = text[3:].strip()
    if text.endswith(".0") and text[:-2].isdecimal():
        text = text[:-2]
    if _MANGLED.match(text):
        raise BadValue("编号被表格软件改成了科学计数法，末尾数字已丢失；请重新导出，不要用 Excel 另存")
    if is_formula(text):
        raise BadValue("编号列里是公式，不是编号")
    return "" if text in EMPTY else text


def fen_value(text: str) -> int | None:
    """Return fen of a yuan text: thousands separators, ¥, 元, 万. Raises: BadValue."""
    whole, dot, cents = text.partition(".")
    if dot and len(cents) == 2 and whole.isdecimal() and cents.isdecimal():
        return int(whole + cents)
    if whole.isdecimal() and not dot:
        return int(whole) * 100
    text = plain_text(text)
    if text in EMPTY:
        return None
    try:
        return fen_from_yuan(text.replace("＋", "+"))
    except ValueError as error:
        raise BadValue("不是金额") from error


def number_value(text: str) -> float | None:
    """Return a number: thousands separators, 万, 亿, a trailing unit. Raises: BadValue."""
    text = plain_text(text).replace(",", "").replace("，", "")
    if text in EMPTY:
        return None
    factor = 1.0
    for unit, value in (("万", 1e4), ("亿", 1e8), ("秒", 1.0), ("人", 1.0), ("件", 1.0), ("小时", 1.0)):
        if text.endswith(unit):
            text, factor = text.removesuffix(unit), value
            break
    if text.endswith("%"):
        text, factor = text[:-1], 0.01
    if not _NUMBER.match(text):
        raise BadValue("不是数字")
    return float(text) * factor


def int_value(text: str) -> int | None:
    """Return a whole number. Raises: BadValue."""
    if text.isdecimal():
        return int(text)
    value = number_value(text)
    if value is None:
        return None
    if value != int(value):
        raise BadValue("应为整数")
    return int(value)


def ratio_value(text: str) -> float | None:
    """Return a ratio 0–1 from '98.5%' or '0.985'. Raises: BadValue."""
    text = plain_text(text).replace("％", "%").replace(",", "")
    if text in EMPTY:
        return None
    digits = text.removesuffix("%").strip()
    if not _NUMBER.match(digits):
        raise BadValue("不是百分比")
    value = float(digits)
    if text.endswith("%"):
        return round(value / 100, 8)
    if value > 1.0:
        raise BadValue("百分比没有 % 号而且大于 1，无法判断是几成")
    return value


def seconds_value(text: str) -> float | None:
    """Return seconds from '35.2', '1分20秒' or '00:01:20'. Raises: BadValue."""
    text = plain_text(text)
    if text in EMPTY:
        return None
    if _NUMBER.match(text):
        return float(text)
    if (clock := _TIME.fullmatch(text)) is not None:
        first, second, third = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        return float(first * 3600 + second * 60 + third) if clock[3] else float(first * 60 + second)
    span = _SPAN.fullmatch(text)
    if span is None or not any(span.groups()):
        raise BadValue("不是时长")
    days, hours, minutes, seconds = (float(part or 0) for part in span.groups())
    return days * 86_400 + hours * 3600 + minutes * 60 + seconds


@lru_cache(maxsize=20_000)
def _day_ms(text: str) -> int:
    return (
        date(int(text[:4]), int(text[5:7]), int(text[8:10])).toordinal() - _ORDINAL_1970
    ) * DAY_MS - OFFSET_MS


def time_value(text: str) -> int | None:
    """Return milliseconds since 1970 UTC of a local time in any of the exports' spellings. Raises: BadValue."""
    if len(text) == 19 and text[4] == "-" and text[11:13] < "24" and text[14:16] < "60" and text[17:] < "60":
        try:
            return (
                _day_ms(text[:10])
                + (int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])) * 1000
            )
        except ValueError:
            pass
    text = plain_text(text)
    if text in EMPTY:
        return None
    try:
        return _slow_time(text)
    except ValueError as error:
        raise BadValue("不是日期时间") from error


def _slow_time(text: str) -> int:
    if text.isdecimal() and len(text) in (10, 13):
        return int(text) * (1000 if len(text) == 10 else 1)
    if text.isdecimal() and len(text) in (8, 14):
        text = f"{text[:4]}-{text[4:6]}-{text[6:8]}" + (
            f" {text[8:10]}:{text[10:12]}:{text[12:]}" if text[8:] else ""
        )
    if _NUMBER.match(text) and 20_000 <= float(text) < 80_000:
        return round((float(text) - 25_569) * 86_400) * 1000 - OFFSET_MS
    match = _DATE.match(text)
    if match is None:
        raise ValueError(text)
    day = date(int(match[1]), int(match[2]), int(match[3]))
    at = (day.toordinal() - _ORDINAL_1970) * DAY_MS - OFFSET_MS
    rest = text[match.end() :].strip().lstrip("T").removesuffix("Z").strip()
    return at + (_time_of_day_ms(rest) if rest else 0)


def _time_of_day_ms(text: str) -> int:
    afternoon = text.startswith(("下午", "晚上")) or text.lower().endswith("pm")
    clock = _TIME.search(text)
    if clock is None:
        raise ValueError(text)
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    hour += 12 if afternoon and hour < 12 else 0
    if hour > 24 or minute > 59 or second > 59:
        raise ValueError(text)
    return (hour * 3600 + minute * 60 + second) * 1000 + int((clock[4] or "0").ljust(3, "0"))


def day_value(text: str) -> str | None:
    """Return an ISO local date. Raises: BadValue."""
    at = time_value(text)
    return None if at is None else local_day(at)


def local_day(at_ms: int) -> str:
    """Return the local ISO date of a moment. Units: milliseconds since 1970 UTC."""
    return date.fromordinal((at_ms + OFFSET_MS) // DAY_MS + _ORDINAL_1970).isoformat()


def masked_value(text: str) -> str:
    """Return personal text masked: what the platform masked stays, what it did not is masked here."""
    text = plain_text(text)
    if is_masked(text) or not text:
        return text.replace("＊", "*")
    return f"{text[:3]}****{text[-4:]}" if text.isdecimal() and len(text) >= 8 else f"{text[0]}**"


def cell_text(value: Any) -> str:
    """Return the text of a spreadsheet cell. A number beyond 2^53 shows that digits were lost."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value)) if abs(value) < 2**53 else f"{value:.2E}"
        return repr(value)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=8) if value.tzinfo else value
        return moment.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, timedelta):
        return str(int(value.total_seconds()))
    return str(value)


PARSERS: dict[str, Callable[[str], Any]] = {
    "text": text_value,
    "id": id_value,
    "fen": fen_value,
    "int": int_value,
    "number": number_value,
    "ratio": ratio_value,
    "seconds": seconds_value,
    "time": time_value,
    "day": day_value,
    "masked": masked_value,
}
TYPE_NAMES_ZH = {
    "text": "文字", "id": "编号", "fen": "金额", "int": "整数", "number": "数字", "ratio": "百分比", "seconds": "时长",
    "time": "日期时间", "day": "日期", "masked": "个人信息（只存掩码）",
}  # fmt: skip
