"""Passwords (R13; ASVS 6.2.1, 6.2.4–6.2.9, 6.2.11, 11.4.2; the Douyin profile of reliability.md §3.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.kit.passwords import Cost, Passwords, Weakness, common_words, is_common, weakness

CHEAP = Cost(memory_kib=64, rounds=1)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("correct horse battery staple", None),
        ("the quick brown fox", None),
        ("下雨天留客天留人不留纸鸢", None),  # any characters count, ASVS 6.2.5 asks for no composition
        ("kvothe tunes his lute", None),
        ("x" * 11, "too_short"),
        ("kX9#vTq2mLp", "too_short"),
        ("a b" * 100, "too_long"),
        ("password12345", "common"),
        ("P@ssw0rd!2026", "common"),
        ("Qwertyuiop2026", "common"),
        ("1qaz2wsx3edc", "common"),
        ("1qaz@WSX3edc", "common"),
        ("woaini1314520", "common"),
        ("Woaini5201314!", "common"),
        ("zhangwei19900101", "common"),
        ("Wangzherongyao666", "common"),
        ("138001380001380", "common"),
        ("2026-11-22-2026", "common"),
        ("abcabcabcabcab", "common"),
        ("zzzzzzzzzzzzzz", "common"),
        ("abcdefghijklmnop", "common"),
        ("iloveyoudragon", "common"),
        ("gongxifacai888!", "common"),
        ("Miaohui-2026!!", "common"),
        ("alice.chen2026!", "about_you"),
        ("陈爱丽20261122!!", "about_you"),
    ],
)
def test_the_asvs_profile_refuses_what_people_guess_first(password: str, why: Weakness | None) -> None:
    assert weakness(password, "asvs", ["alice.chen", "陈爱丽"]) == why


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("kX9#vTq2", None),
        ("kx9vtq2m", "too_few_kinds"),
        ("kX9vTq2m", None),
        ("Kx#vTqmw", None),
        ("kX9#vTq", "too_short"),
        ("P@ssw0rd", "common"),
    ],
)
def test_the_douyin_profile_asks_for_eight_characters_of_three_kinds(
    password: str, why: Weakness | None
) -> None:
    assert weakness(password, "douyin") == why


def test_the_list_and_its_rules_cover_the_top_three_thousand_that_pass_the_length_rule() -> None:
    """ASVS 6.2.4: every listed word with what people append is refused; that is far more than 3,000."""
    words = sorted(word for word in common_words() if word.isalpha() and len(word) >= 4)
    assert len(words) >= 1_500
    tails = ("123456789", "20262026", "@12345678", "!!!!!!!!")
    missed = [word + tail for word in words for tail in tails if not is_common(word.upper() + tail)]
    assert missed == []
    assert len(words) * len(tails) > 3_000


@given(st.text(min_size=12, max_size=80))
def test_any_text_gets_an_answer(password: str) -> None:
    assert weakness(password, "asvs") in (None, "common", "about_you")


@given(st.binary(min_size=12, max_size=24).map(bytes.hex))
def test_random_secrets_pass(secret: str) -> None:
    if len(set(secret)) > 12 and not secret.isdigit():
        assert weakness(secret, "asvs") is None


def test_a_password_is_kept_as_argon2id_with_owasp_cost_and_its_own_salt() -> None:
    desk = Passwords()
    first, second = desk.hashed("same words here"), desk.hashed("same words here")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


def test_a_password_is_checked_exactly_as_it_was_typed() -> None:
    """ASVS 6.2.8, 6.2.9: no case folding, no cutting, no trimming; 256 characters all count."""
    desk = Passwords(CHEAP)
    long = "长密码 Aa1" * 32
    kept = desk.hashed(long)
    assert desk.matches(kept, long)
    for other in (long.lower(), long[:-1], long + " ", long.strip() + "x"):
        assert not desk.matches(kept, other)


def test_nobody_and_a_broken_hash_match_nothing() -> None:
    desk = Passwords(CHEAP)
    assert not desk.matches(None, "nobody has this password")
    assert not desk.matches("not a hash", "x")


def test_a_hash_of_another_cost_is_outdated() -> None:
    assert Passwords().is_outdated(Passwords(CHEAP).hashed("x"))
    assert not Passwords(CHEAP).is_outdated(Passwords(CHEAP).hashed("x"))
