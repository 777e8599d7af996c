"""Holds our database against what really happened, field by field. Reads the tables plainly, on both engines."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from miaohui.app.prove.truth import ORDER_WORDS, Message, Truth


@dataclass
class Comparison:
    """How many fields were compared, and what differs, in words."""

    fields: int = 0
    differences: list[str] = field(default_factory=list)

    def check(self, name: str, ours: Any, truth: Any) -> None:
        """Compare one field."""
        self.fields += 1
        if ours != truth:
            self.differences.append(f"{name}: ours {ours!r}, truth {truth!r}")

    def check_fields(self, name: str, ours: dict[str, Any], truth: dict[str, Any]) -> None:
        """Compare all fields of the truth."""
        for key, value in truth.items():
            self.check(f"{name}.{key}", ours.get(key), value)

    def check_set(self, name: str, ours: set[Any], truth: set[Any]) -> None:
        """Compare who is there."""
        self.fields += len(truth)
        self.differences += [f"{name}: {one} is missing" for one in sorted(truth - ours, key=str)]
        self.differences += [f"{name}: {one} is too much" for one in sorted(ours - truth, key=str)]

    @property
    def equal_percent(self) -> float:
        """Return how much of what was compared is equal."""
        return 100.0 * (1 - len(self.differences) / max(1, self.fields))


def compare(conn: Connection, truth: Truth) -> Comparison:
    """Return how the whole database compares with the truth."""
    found = Comparison()
    _orders(conn, truth, found)
    _aftersales(conn, truth, found)
    _messages(conn, truth, found)
    return found


def _rows(conn: Connection, sql: str) -> list[Any]:
    return list(conn.exec_driver_sql(sql))


def _said(registers: str) -> dict[str, Any]:
    return {name: pair[0] for name, pair in json.loads(registers).items()}


def _orders(conn: Connection, truth: Truth, found: Comparison) -> None:
    rows = _rows(
        conn,
        "SELECT o.id, o.platform_order_id, o.registers, o.status, o.placed_at, o.paid_at, o.ship_due_at,"
        " o.shipped_at, o.finished_at, o.pay_fen FROM trade_orders o",
    )
    numbers = {row[0]: row[1] for row in rows}
    found.check_set("orders", set(numbers.values()), set(truth.orders))
    columns = (
        "status",
        "placed_at",
        "paid_at",
        "ship_due_at",
        "shipped_at",
        "finished_at",
        "pay_fen",
    )
    for row in rows:
        order = truth.orders.get(row[1])
        if order is not None:
            expected = order.expected()
            found.check_fields(f"order {row[1]}", _said(row[2]), expected)
            shown = dict(zip(columns, row[3:], strict=True))
            found.check_fields(f"order {row[1]} column", shown, {c: expected.get(c) for c in columns})
    _items(conn, truth, found, numbers)
    _parcels(conn, truth, found)
    _owners(conn, truth, found, numbers)


def _items(conn: Connection, truth: Truth, found: Comparison, numbers: dict[int, str]) -> None:
    items: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for order_id, item_id, registers in _rows(
        conn, "SELECT order_id, platform_item_id, registers FROM trade_order_items"
    ):
        items[numbers[order_id]][item_id] = {**_said(registers), "platform_item_id": item_id}
    for number, order in truth.orders.items():
        expected = order.expected_item()
        found.check_set(f"items of {number}", set(items[number]), {expected["platform_item_id"]})
        found.check_fields(f"item of {number}", items[number].get(expected["platform_item_id"], {}), expected)


def _parcels(conn: Connection, truth: Truth, found: Comparison) -> None:
    parcels = {
        (number, tracking_no): _said(registers)
        for number, tracking_no, registers in _rows(
            conn, "SELECT platform_order_id, tracking_no, registers FROM trade_parcels"
        )
    }
    expected = {
        (number, tracking_no): fields
        for number, order in truth.orders.items()
        for tracking_no, fields in order.expected_parcels().items()
    }
    found.check_set("parcels", set(parcels), set(expected))
    for key, fields in expected.items():
        found.check_fields(f"parcel {key[1]}", parcels.get(key, {}), fields)


def _owners(conn: Connection, truth: Truth, found: Comparison, numbers: dict[int, str]) -> None:
    """Compare whose order it is: the buyer who is known by the open_id that the order carries."""
    people = dict(
        _rows(
            conn,
            "SELECT DISTINCT buyer_platform_id, buyer_id FROM inbox_conversations WHERE channel = 'douyin_im'",
        )
    )
    links = {
        numbers[order_id]: buyer_id
        for order_id, buyer_id in _rows(conn, "SELECT order_id, buyer_id FROM trade_buyer_links")
    }
    for number, order in truth.orders.items():
        found.check(f"buyer of {number}", links.get(number), people.get(order.asked["open_id"]))


def _aftersales(conn: Connection, truth: Truth, found: Comparison) -> None:
    rows = _rows(
        conn,
        "SELECT platform_aftersale_id, registers, status, arbitration, applied_at FROM trade_aftersales",
    )
    found.check_set("after-sales", {row[0] for row in rows}, set(truth.aftersales))
    for number, registers, *shown in rows:
        aftersale = truth.aftersales.get(number)
        if aftersale is None:
            continue
        expected, said = aftersale.expected(), _said(registers)
        found.check_fields(f"after-sale {number}", said, expected)
        columns = ("status", "arbitration", "applied_at")
        found.check_fields(
            f"after-sale {number} column",
            dict(zip(columns, shown, strict=True)),
            {c: expected[c] for c in columns},
        )
        for name, value in aftersale.only_in_details().items():
            if name in said:
                found.check(f"after-sale {number}.{name}", said[name], value)


def _messages(conn: Connection, truth: Truth, found: Comparison) -> None:
    rows = _rows(
        conn,
        "SELECT m.message_key, c.conversation_key, c.buyer_platform_id, c.buyer_name_zh, m.text, m.occurred_ms,"
        " m.kind, m.recalled_ms FROM inbox_messages m JOIN inbox_conversations c ON c.id = m.conversation_id"
        " WHERE m.role = 'buyer'",
    )
    wanted = truth.delivered_messages()
    found.check_set("messages", {row[0] for row in rows}, set(wanted))
    for row in rows:
        message = wanted.get(row[0])
        if message is not None:
            _message(found, message, row, truth.is_recalled(message))


def _message(found: Comparison, message: Message, row: Any, is_recalled: bool) -> None:
    names = ("talk", "buyer", "name", "text", "at_ms", "kind")
    truth = {
        "talk": message.buyer, "buyer": message.buyer, "name": f"{message.name[0]}**", "text": message.text,
        "at_ms": message.at_ms, "kind": "text", "is_recalled": is_recalled,
    }  # fmt: skip
    ours = dict(zip(names, row[1:7], strict=True)) | {"is_recalled": row[7] is not None}
    found.check_fields(f"message {row[0][:12]}", ours, truth)


def list_backwards(conn: Connection, truth: Truth) -> list[str]:
    """Return where people were shown a status that lies before one they had seen."""
    shown: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for name, data in _rows(conn, "SELECT name, data FROM kit_feed ORDER BY id"):
        if name == "trade.order_mirrored":
            told = json.loads(data)
            shown["order", told["platform_order_id"]].append(told["status"])
        elif name == "trade.aftersale_mirrored":
            told = json.loads(data)
            shown["status", told["platform_aftersale_id"]].append(told["status"])
            shown["arbitration", told["platform_aftersale_id"]].append(told["arbitration"])
    found = []
    for (kind, key), seen in shown.items():
        history = _history(truth, kind, key)
        if not _follows(seen, history):
            found.append(f"{kind} of {key}: shown {seen}, truth {history}")
    return found


def _history(truth: Truth, kind: str, key: str) -> list[str]:
    if kind == "order":
        return [ORDER_WORDS[step] for step, _ in truth.orders[key].history]
    return [state[kind == "arbitration"] for state in truth.aftersales[key].states()]


def _follows(seen: list[str | None], history: list[str]) -> bool:
    """Tell whether what was shown can be read off the history from left to right, with repetitions and gaps."""
    place = 0
    for word in seen:
        if word is None or word == history[place]:
            continue
        if word not in history[place:]:
            return False
        place = history.index(word, place)
    return True
