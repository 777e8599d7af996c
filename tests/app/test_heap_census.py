"""The browser bench reads V8's heap snapshots (issue: the workbench)."""

from __future__ import annotations

from miaohui.app.bench.browser.shift import CODE, size_of


def test_only_the_wanted_kinds_of_nodes_are_counted_whatever_the_order_of_the_fields() -> None:
    kinds = ["hidden", "code", "string", "object shape", "native"]
    snapshot = {
        "snapshot": {
            "meta": {"node_fields": ["id", "type", "name", "self_size"], "node_types": [kinds, "string"]}
        },
        "nodes": [1, 1, 0, 100, 2, 2, 0, 7_000, 3, 3, 0, 20, 4, 4, 0, 50_000, 5, 1, 0, 3],
    }
    assert size_of(snapshot, CODE) == 123
