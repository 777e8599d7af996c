"""Passwords: which ones are too weak, and how they are kept (argon2id). No network, no log, no state.

Two profiles, since the rules contradict each other (reliability.md §3.1): `asvs` asks for length and refuses
what people guess first (ASVS 6.2.1–6.2.12); `douyin` asks in addition for three of four kinds of characters,
as the platform's acceptance does (reliability.md §3.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

Profile = Literal["asvs", "douyin"]
Weakness = Literal["too_short", "too_long", "too_few_kinds", "common", "about_you"]
MIN_LENGTH: dict[Profile, int] = {"asvs": 12, "douyin": 8}
MAX_LENGTH = 256
NEEDED_KINDS = 3
WEAKNESS_ZH: dict[Weakness, str] = {
    "too_short": "密码太短",
    "too_long": "密码太长",
    "too_few_kinds": "密码需包含大写字母、小写字母、数字、特殊字符中的三种",
    "common": "这个密码太常见，容易被猜到，请换一个",
    "about_you": "密码不能由登录名、姓名或产品名组成",
}
_PRODUCT_WORDS = ("miaohui", "秒回", "douyin", "抖音", "doudian", "feige")
_LEET = str.maketrans("013457@$!", "oieastasi")
_LINES = (
    "`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "~!@#$%^&*()_+",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/",
    "147", "258", "369", "7410", "8520", "963", "159", "357",
)  # fmt: skip
_NEIGHBOURS = frozenset(
    pair for line in _LINES for a, b in zip(line, line[1:], strict=False) for pair in (a + b, b + a)
)
_PREDICTABLE_RATIO = 0.7


@cache
def common_words() -> frozenset[str]:
    """Return the list that ships with the product."""
    text = resources.files("miaohui.kit").joinpath("common_passwords.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(word for line in lines for word in line.split())


def weakness(password: str, profile: Profile, about: Iterable[str] = ()) -> Weakness | None:
    """Return why `password` is refused, or None. `about`: log-in and display name, shop name.

    The password is judged as it is typed: nothing is cut or folded for keeping (ASVS 6.2.8).
    """
    if len(password) < MIN_LENGTH[profile]:
        return "too_short"
    if len(password) > MAX_LENGTH:
        return "too_long"
    if profile == "douyin" and _kinds(password) < NEEDED_KINDS:
        return "too_few_kinds"
    if is_common(password):
        return "common"
    return "about_you" if _is_about(password, (*about, *_PRODUCT_WORDS)) else None


def _kinds(password: str) -> int:
    """Count the kinds of characters; Chinese and other letters count as special."""
    kinds = {
        "upper" if c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" else "lower" if c in "abcdefghijklmnopqrstuvwxyz"
        else "digit" if c in "0123456789" else "special"
        for c in password
    }  # fmt: skip
    return len(kinds)


def is_common(password: str) -> bool:
    """Tell whether `password` is what people try first.

    That is: digits only; one short piece repeated; a walk over the keyboard; or one or two listed words, with
    any digits and signs around them, in any case, with 0 for o and the like.
    """
    lowered = password.lower()
    if re.fullmatch(r"[\d\W_]+", lowered) and not re.search(r"[^\x00-\x7f]", lowered):
        return True
    if re.fullmatch(r"(.{1,6}?)\1+.{0,2}", lowered, re.DOTALL) or _is_walk(lowered):
        return True
    cores = {re.sub(r"[\d\W_]", "", lowered), re.sub(r"[\d\W_]", "", _stripped(lowered).translate(_LEET))}
    return any(_is_listed(core) for core in cores if core)


def _stripped(lowered: str) -> str:
    return re.sub(r"^[\d\W_]+|[\d\W_]+$", "", lowered)


def _is_listed(core: str) -> bool:
    words = common_words()
    return core in words or any(core[:i] in words and core[i:] in words for i in range(1, len(core)))


def _is_walk(lowered: str) -> bool:
    steps = list(zip(lowered, lowered[1:], strict=False))
    easy = sum(1 for a, b in steps if a == b or a + b in _NEIGHBOURS)
    return bool(steps) and easy / len(steps) >= _PREDICTABLE_RATIO


def _is_about(password: str, about: Iterable[str]) -> bool:
    """Tell whether next to nothing is left of the letters once the names are taken out."""
    words = {part for text in about for part in re.split(r"[\s@._-]+", text.lower()) if len(part) >= 2}
    left = lowered = password.lower()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return left != lowered and len(re.sub(r"[\d\W_]", "", left)) < 4


@dataclass(frozen=True)
class Cost:
    """What one hash costs. The default is OWASP's recommendation for argon2id with little memory."""

    memory_kib: int = 19_456
    rounds: int = 2
    lanes: int = 1


class Passwords:
    """Hashes and checks passwords; slow on purpose, so never on the event loop nor in a transaction."""

    def __init__(self, cost: Cost | None = None) -> None:
        chosen = cost or Cost()
        self._hasher = PasswordHasher(chosen.rounds, chosen.memory_kib, chosen.lanes)
        self._nobody = self._hasher.hash("nobody has this password")

    def hashed(self, password: str) -> str:
        """Return the argon2id hash, salt and cost inside."""
        return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is right; without a hash it takes as long and says no."""
        try:
            return self._hasher.verify(password_hash or self._nobody, password) and password_hash is not None
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether the hash was made with another cost and should be made again."""
        return self._hasher.check_needs_rehash(password_hash)
