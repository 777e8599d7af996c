"""Chinese text and masks (reliability.md §3.3)."""

import pytest

from miaohui.kit.money import fen_from_yuan, yuan_text
from miaohui.kit.text import folded, masked_name, masked_phone, masked_text, search_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("能便宜吗ok", ["能便", "便宜", "宜吗", "ok"]),
        ("发货", ["发货"]),
        ("好", ["好"]),
        ("ＯＫ啦，２３４", ["ok", "啦", "234"]),
        ("😀", []),
        ("发\u200b货", ["发货"]),
    ],
)
def test_search_tokens(text: str, tokens: list[str]) -> None:
    assert search_tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话18612340001哦", "电话186****0001哦"),
        ("身份证11010519491231002X", "身份证1****************X"),
        ("卡号6222021001116245", "卡号6222021001116245"),
        ("卡号4111111111111111", "卡号4111********1111"),
        ("订单6921234567890123456", "订单6921234567890123456"),
    ],
)
def test_personal_numbers_are_masked_and_order_numbers_stay(text: str, masked: str) -> None:
    assert masked_text(text) == masked


def test_masks_of_the_platform() -> None:
    assert masked_name("赵小明") == "赵**"
    assert masked_name("赵**") == "赵**"
    assert masked_phone("18612340001") == "186****0001"


def test_folding_unifies_widths_and_hidden_marks() -> None:
    assert folded("Ｖ❤\u202e信") == "v❤信"


@pytest.mark.parametrize(
    ("text", "fen"), [("¥1,234.50", 123450), ("1.2万", 1200000), ("0.005", 1), ("-3", -300)]
)
def test_yuan_to_fen(text: str, fen: int) -> None:
    assert fen_from_yuan(text) == fen


def test_an_amount_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="yuan"):
        fen_from_yuan("面议")
    assert yuan_text(-123450) == "-¥1,234.50"
