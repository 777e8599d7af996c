"""The words all channels share: parts, limits, windows (channels.md §6.2–6.4, reliability.md F10)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.model import (
    ERROR_CLASSES,
    PART_TYPES,
    Inbound,
    Kind,
    Party,
    Role,
    Unknown,
    check_limits,
    decode_inbound,
    decode_part,
    decode_parts,
    encode_inbound,
    encode_part,
    encode_parts,
    parts,
    plain_text,
    read_json,
    text_id,
)
from miaohui.kit.errors import Refusal

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
counts = st.integers(0, 2**53)
any_part = st.one_of(
    st.builds(parts.Text, texts),
    st.builds(parts.Emoji, texts, texts, texts),
    *[
        st.builds(
            kind,
            ref=texts,
            url=texts,
            mime=texts,
            width=counts,
            duration_ms=counts,
            is_viewable=st.booleans(),
        )
        for kind in (parts.Image, parts.Voice, parts.Video, parts.File)
    ],
    st.builds(parts.Location, texts, texts, texts),
    st.builds(parts.Link, texts, texts),
    st.builds(parts.ProductCard, texts, texts, st.none() | counts),
    st.builds(parts.OrderCard, texts, texts, st.none() | counts, item_count=counts),
    st.builds(parts.MiniApp, texts, texts),
    st.builds(parts.Menu, texts, st.lists(st.tuples(texts, texts), max_size=3).map(tuple)),
    st.builds(parts.MenuClick, texts, texts),
    st.builds(parts.Coupon, texts, texts, st.none() | counts),
    st.builds(parts.Quote, texts, texts, texts),
    st.builds(parts.Merged, texts, st.lists(texts, max_size=3).map(tuple)),
    st.builds(parts.Rating, st.integers(1, 5), texts, st.lists(texts, max_size=3).map(tuple)),
    st.builds(parts.RatingInvite, texts),
    st.builds(parts.System, texts, texts),
    st.builds(parts.Unknown, texts, st.dictionaries(texts, counts | texts, max_size=3)),
)


@given(st.lists(any_part, max_size=4))
def test_every_part_survives_json_and_back(given_parts):
    wire = json.loads(json.dumps(encode_parts(given_parts)))
    assert decode_parts(wire) == tuple(given_parts)


def test_every_kind_of_part_is_generated_above():
    seen = {"Text", "Emoji", "Image", "Voice", "Video", "File", "Location", "Link", "ProductCard", "OrderCard",
            "MiniApp", "Menu", "MenuClick", "Coupon", "Quote", "Merged", "Rating",
            "RatingInvite", "System", "Unknown"}  # fmt: skip
    assert {kind.__name__ for kind in PART_TYPES.values()} == seen


@pytest.mark.parametrize(
    "value",
    [
        {"type": "hologram", "x": 1},
        {"type": "text"},
        {"type": "text", "text": 5},
        {"type": "product_card", "product_id": "1", "price_fen": 9.5},
        {"type": "menu", "head": "?", "options": [["1"]]},
        "just text",
        None,
    ],
)
def test_a_part_that_does_not_fit_is_kept_as_unknown_and_shown_as_unsupported(value):
    part = decode_part(value)
    assert isinstance(part, parts.Unknown) and part.raw == value
    assert part.plain() == "[不支持的消息类型]"
    assert encode_part(part)["type"] == "unknown"


def test_plain_text_reads_like_a_list_row():
    shown = [
        parts.Text("在吗"),
        parts.Image(ref="i"),
        parts.ProductCard("1", "羽绒服"),
        parts.OrderCard("69", "卫衣"),
    ]
    assert plain_text(shown) == "在吗 [图片] [商品]羽绒服 [订单卡片]69 卫衣"


def test_an_inbound_fact_survives_json_and_back():
    fact = Inbound(
        "doudian", "key", "dd:key:1", Kind.MESSAGE, NOW, Party(Role.BUYER, "b1", "赵**", "app"), "c1", "m1", 3,
        entry="直播", parts=(parts.Text("多久发货"),), refs={"order_id": "6917529027641081001"}, raw={"a": [1]},
    )  # fmt: skip
    assert decode_inbound(json.loads(json.dumps(encode_inbound(fact)))) == fact
    assert fact.is_from_buyer and fact.has_time and fact.text == "多久发货"


def test_a_64_bit_id_stays_exact_as_text():
    value = read_json(b'{"id": 9223372036854775807, "as_text": "6917529027641081001", "float": 6.9e18}')
    assert text_id(value["id"]) == "9223372036854775807"
    assert text_id(value["as_text"]) == "6917529027641081001"
    assert text_id(value["float"]) == "" and text_id(True) == "" and text_id(None) == ""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": "\xff\xfe"}', "encoding"),
        (b'"\xed\xa0\x80"', "encoding"),
        (b'{"a": "x\0y"}', "nul"),
        (b"[" * 65 + b"]" * 65, "depth"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "depth"),
        (b'{"a": 1, "a": 2}', "doubled_key"),
        (b'{"a": NaN}', "number"),
        (b'{"a": Infinity}', "number"),
        (b'{"a": 1e999}', "number"),
        (b"1" * 5000, "number"),
        (b'{"a": 1', "json"),
        (b"", "json"),
        (b"<html>", "json"),
    ],
)
def test_poison_is_refused_with_its_reason(body, reason):
    with pytest.raises(Refusal) as caught:
        read_json(body)
    assert caught.value.kind.status == 400 and caught.value.detail["reason"] == reason


def test_a_body_over_one_megabyte_is_too_large():
    check_limits(b'"' + b"a" * 1_048_574 + b'"')
    with pytest.raises(Refusal) as caught:
        check_limits(b" " * 1_048_577)
    assert caught.value.kind.status == 413


def test_brackets_inside_texts_do_not_count_as_depth():
    body = json.dumps({"text": "[" * 500 + '\\"{{{' + "{" * 500}).encode()
    assert read_json(body)["text"].startswith("[[[")


def test_escaped_nul_and_lone_surrogates_become_visible():
    value = read_json(b'{"k\\u0000": ["a\\u0000b", "\\ud800", "\\ud83d\\ude00"]}')
    assert value == {"k\u2400": ["a\u2400b", "\ufffd", "\U0001f600"]}
    json.dumps(value, ensure_ascii=False).encode()


@given(st.binary(max_size=200))
def test_no_bytes_whatever_cause_anything_but_a_value_or_a_refusal(body):
    try:
        value = read_json(body)
    except Refusal:
        return
    json.dumps(value, ensure_ascii=False).encode()


def test_there_are_eleven_classes_of_errors_and_only_unknown_is_not_final():
    assert len(ERROR_CLASSES) == 11
    assert [name for name, kind in ERROR_CLASSES.items() if not kind.is_final] == ["unknown"]
    assert {name for name, kind in ERROR_CLASSES.items() if kind.is_retryable} == {
        "rate_limited",
        "transient",
    }
    assert not Unknown.is_retryable


def depth_by_hand(text: str) -> int:
    depth = deepest = 0
    is_inside = is_escaped = False
    for char in text:
        if is_inside:
            is_escaped, is_inside = char == "\\" and not is_escaped, is_escaped or char != '"'
        elif char == '"':
            is_inside = True
        else:
            depth += (char in "[{") - (char in "]}")
            deepest = max(deepest, depth)
    return deepest


@given(st.integers(55, 75), st.randoms(use_true_random=False))
def test_depth_is_counted_as_a_reader_would_count_it(levels, rng):
    value = "leaf"
    for _ in range(levels):
        noise = rng.choice(["[", '{"', "\\", '\\"', "]}", ""])
        value = rng.choice([[noise, value], {noise: value}, {"x": noise, "y": value}])
    body = json.dumps(value)
    if depth_by_hand(body) <= 64:
        check_limits(body.encode())
    else:
        with pytest.raises(Refusal):
            check_limits(body.encode())
