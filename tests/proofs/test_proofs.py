"""Every proof in its short form: the same code and the same judgement as the long one (reliability.md F1–F8)."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from miaohui.app import prove
from miaohui.app.prove.registry import PROOFS


def test_every_proof_is_registered_with_a_short_form_that_is_shorter() -> None:
    """A module with `measure` is a proof: one that nobody registered would never run."""
    folder = Path(prove.__file__).parent
    modules = {
        path.stem: importlib.import_module(f"miaohui.app.prove.{path.stem}")
        for path in folder.glob("[a-z]*.py")
    }
    assert set(PROOFS) == {name for name, module in modules.items() if hasattr(module, "measure")}
    for name, short in PROOFS.items():
        full = inspect.signature(modules[name].measure).parameters
        assert short, f"{name} has no short form: CI could not run it"
        assert set(short) <= set(full) - {"seed"}, name
        assert all(short[key] < full[key].default for key in short), f"{name}: the short form is not shorter"


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(PROOFS))
def test_the_short_form_of_every_proof_holds(name: str) -> None:
    module = importlib.import_module(f"miaohui.app.prove.{name}")
    figures = module.measure(seed=1, **PROOFS[name])
    assert figures
    missed = [f"{f.name}: {f.value} {f.unit}, wanted {f.target}; {f.facts}" for f in figures if not f.holds]
    assert not missed, "\n".join(missed)
