"""The reading of Chinese text, for search by pinyin and by first letters. Pure."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4_096)
def reading(text: str) -> tuple[str, str]:
    """Return the pinyin of a text without tones, and its first letters: '退货流程' → ('tuihuoliucheng', 'thlc').

    Letters and digits stay as they are, in lower case; everything else is left out.
    """
    from pypinyin import Style, lazy_pinyin  # its tables are large: read when first needed

    syllables = [part.lower() for part in lazy_pinyin(text, style=Style.NORMAL)]
    kept = ["".join(char for char in part if char.isalnum() and char.isascii()) for part in syllables]
    return "".join(kept), "".join(part[0] for part in kept if part)
