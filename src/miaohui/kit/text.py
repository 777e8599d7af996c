"""Chinese text: folding, search tokens, masks. Pure functions.

Masks follow the platform's acceptance rules (reliability.md §3.3): surname only, first three and last four of
a phone number, no house numbers.
"""

from __future__ import annotations

import re
import unicodedata

_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[0-9a-z]+")
_ZERO_WIDTH = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_ID_CARD = re.compile(r"(?<!\d)(\d)\d{16}([\dXx])(?!\d)")
_BANK_CARD = re.compile(r"(?<!\d)(\d{4})\d{8,11}(\d{4})(?!\d)")


def folded(text: str) -> str:
    """Return text for comparing: NFKC, lower case, without zero-width and direction marks."""
    return _ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", text)).lower()


def is_cjk(char: str) -> bool:
    """Tell whether `char` is a Chinese character."""
    return bool(_CJK.match(char))


def search_tokens(text: str) -> list[str]:
    """Return the tokens of `text` in order: Chinese runs as overlapping pairs, other runs as words.

    A run of a single Chinese character is kept as that character. '能便宜吗ok' → 能便 便宜 宜吗 ok.
    """
    tokens: list[str] = []
    for match in _RUN.finditer(folded(text)):
        run = match.group()
        if not is_cjk(run[0]) or len(run) == 1:
            tokens.append(run)
        else:
            tokens.extend(run[i : i + 2] for i in range(len(run) - 1))
    return tokens


def _has_luhn_check(digits: str) -> bool:
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _has_id_card_check(number: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(number[:17], weights, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def masked_text(text: str) -> str:
    """Return `text` with phone, identity-card and bank-card numbers masked.

    Order numbers of 18 or 19 digits stay readable: card numbers must pass their check digit to be masked.
    """
    text = _ID_CARD.sub(lambda m: f"{m[1]}****************{m[2]}" if _has_id_card_check(m[0]) else m[0], text)
    text = _BANK_CARD.sub(lambda m: f"{m[1]}********{m[2]}" if _has_luhn_check(m[0]) else m[0], text)
    return _PHONE.sub(r"\1****\2", text)


def masked_name(name: str) -> str:
    """Return '赵**' for '赵小明': the first character and two stars; already masked names stay."""
    name = name.strip()
    return name if not name or "*" in name else f"{name[0]}**"


def masked_phone(phone: str) -> str:
    """Return '186****0001' for '18612340001'; shorter numbers keep two characters."""
    digits = phone.strip()
    if "*" in digits:
        return digits
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else f"{digits[:2]}****"
