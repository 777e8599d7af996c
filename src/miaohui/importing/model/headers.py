"""Headers: folded so that brackets, widths, spaces and units never decide whether a column is known.

Source: domain.md §3.8 (NFKC, brackets, spaces, several aliases for one column), §3.1, §3.5.
"""

from __future__ import annotations

import re
from functools import lru_cache

from miaohui.kit.text import folded

_UNIT = re.compile(r"[(\[【](?:秒|元|时|小时|分钟|分|%|个|人|件|单|s|h|min)[)\]】]?$")
_NOISE = re.compile(r"[\s()\[\]【】{}<>《》:：_\-·\"'“”‘’*#~/\\|.,，。;；!?？！]+")


@lru_cache(maxsize=4096)
def folded_header(text: str) -> str:
    """Return a header for comparing: NFKC, lower case, no spaces, brackets, punctuation or trailing unit.

    '首次响应时长（秒)' and '首次响应时长(秒）' and '首次响应时长' are equal;
    '3分钟人工回复率 (会话)' and '3分钟人工回复率' are not.
    """
    plain = folded(text).strip()
    return _NOISE.sub("", _UNIT.sub("", plain))


def folded_headers(row: list[str]) -> list[str]:
    """Return the folded headers of a row, in order; a repeated header becomes '' after its first place."""
    seen: set[str] = set()
    result = []
    for text in row:
        name = folded_header(text)
        result.append("" if name in seen else name)
        seen.add(name)
    return result
