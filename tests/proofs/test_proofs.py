"""Every proof in its short form: the same code and the same judgement as the long one (reliability.md F1–F8)."""

from __future__ import annotations

import importlib

import pytest

from miaohui.app.prove.registry import PROOFS


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(PROOFS))
def test_the_short_form_of_every_proof_holds(name: str) -> None:
    assert PROOFS[name], f"{name} has no short form: CI could not run it"
    module = importlib.import_module(f"miaohui.app.prove.{name}")
    figures = module.measure(seed=1, **PROOFS[name])
    assert figures
    missed = [f"{f.name}: {f.value} {f.unit}, wanted {f.target}; {f.facts}" for f in figures if not f.holds]
    assert not missed, "\n".join(missed)
