"""Everything the server says is there in both languages: sentences, audit actions, jobs, fields of policies."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miaohui.insight.model.diagnosis.rules import RULES
from miaohui.insight.model.policies import KINDS, default_value
from miaohui.kit.errors import REFUSALS
from miaohui.routing.model.rules import Rules
from miaohui.shop.model import POLICIES
from tests.app.said import CHINESE, I18N, SOURCE, book, catalogue, everything, wordings


def assert_in_both(keys: set[str]) -> None:
    missing = sorted(keys - catalogue().keys())
    assert not missing, f"add to web/src/lib/i18n/catalogue, [Chinese, English]: {missing}"
    assert all(CHINESE.search(catalogue()[key][0]) for key in keys)
    assert not [key for key in keys if CHINESE.search(catalogue()[key][1]) or not catalogue()[key][1]]


def test_every_sentence_of_the_server_has_its_english() -> None:
    assert len(wordings()) > 500, "the walk found too little: it is broken"
    missing = {text: path for text, path in wordings().items() if text not in book()}
    assert not missing, (
        f"add to web/src/lib/i18n/said/*.json: {json.dumps(missing, ensure_ascii=False, indent=1)}"
    )


def test_the_book_holds_nothing_that_the_server_never_says() -> None:
    extra = sorted(set(book()) - everything())
    assert not extra, f"gone from the server, so delete it: {json.dumps(extra, ensure_ascii=False)}"


@pytest.mark.parametrize("path", sorted((I18N / "said").glob("*.json")), ids=lambda path: path.stem)
def test_english_is_english_and_uses_what_the_server_put_in(path: Path) -> None:
    for chinese, english in json.loads(path.read_text()).items():
        assert english.strip() and not CHINESE.search(english), (chinese, english)
        places = set(re.findall(r"\{(\d)", chinese))
        assert set(re.findall(r"\{(\d)(?::(?:t|list|wan))?\}", english)) <= places, (chinese, english)


def test_every_refusal_has_both_languages() -> None:
    for refusal in REFUSALS.values():
        assert CHINESE.search(refusal.zh), refusal.code
        assert refusal.en and not CHINESE.search(refusal.en), refusal.code


def audited() -> Iterator[str]:
    """Give every action that the audit log can hold, dynamic ones by what they are made of."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("audit", "audit_person")):
                texts = [ast.unparse(a).lstrip("f").strip("'\"") for a in node.args if isinstance(a, TEXTS)]
                yield from (text for text in texts if re.fullmatch(r"[a-z]+\.[a-z_]+(\{.*\})?", text))


TEXTS = (ast.Constant, ast.JoinedStr)
MADE_OF = {
    "shop.channel_{change}": "added edited secrets_changed active paused needs_login revoked",
    "shop.live_session_{change}": "planned moved started extended ended cancelled",
    "shop.promotion_{change}": "planned moved cancelled",
    "webhooks.endpoint_{state.value}": "active paused disabled deleted",
}


def test_every_audit_action_has_a_name_in_both_languages() -> None:
    actions = {action for action in audited() if not action.startswith(("prove.", "tx.", "row."))}
    assert {action for action in actions if "{" in action} == MADE_OF.keys()
    assert len(actions) > 50
    full = {action for action in actions if "{" not in action}
    for pattern, endings in MADE_OF.items():
        full |= {pattern.split("{")[0] + ending for ending in endings.split()}
    full |= {"access.locked", "access.login_failed"}
    full |= {"system.backup_made", "system.backup_failed", "system.backup_checked"}
    assert_in_both({f"audit.action.{action}" for action in full})


def kinds_of_jobs() -> set[str]:
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if isinstance(node, ast.Assign | ast.AnnAssign) and "HANDLERS" in map(_name, targets):
                found |= set(re.findall(r"'([a-z]+\.[a-z_]+)'", ast.unparse(node)))
    return found


def _name(node: Any) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def test_every_job_has_a_name_in_both_languages() -> None:
    kinds = kinds_of_jobs()
    assert len(kinds) > 20
    assert_in_both({f"job.{kind}" for kind in kinds})


OWN_PAGE = {"quick_replies"}  # edited on a page of its own, with texts of its own


def leaves(value: Any) -> Iterator[str]:
    """Give the names of all fields of a policy's value; numbers of groups and labels are no names."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)


def test_every_field_of_every_policy_has_a_name_in_both_languages() -> None:
    forms = [kind for kind in POLICIES.values() if kind.kind not in OWN_PAGE]
    fields = {field for kind in forms for field in leaves(kind.default_value())}
    fields |= set(Rules.__dataclass_fields__)
    assert_in_both({f"field.{field}" for field in fields})


def test_every_policy_has_a_form_with_a_name_and_a_word_of_what_it_is_for() -> None:
    """Shop policies stand on one page but for those with their own; those of insight on another."""
    assert_in_both(
        {f"{word}.{kind}" for kind in POLICIES.keys() - OWN_PAGE for word in ("policy", "policyHint")}
    )
    families = {kind.split(".")[0] for kind in KINDS}
    assert_in_both({f"figures.{word}.{family}" for family in families for word in ("kind", "hint")})
    names = {name for kind in KINDS for name in leaves(default_value(kind))}
    known = {key.split(".", 1)[1] for key in catalogue() if key.startswith(("field.", "rule.", "figure."))}
    assert names <= known, names - known
    page = (I18N.parents[1] / "features/settings/policies/PoliciesPage.tsx").read_text()
    assert set(re.findall(r'row\.kind !== "(\w+)"', page)) == OWN_PAGE


def test_every_diagnosis_rule_has_a_name_in_both_languages() -> None:
    assert_in_both({f"rule.{rule.code}" for rule in RULES})
