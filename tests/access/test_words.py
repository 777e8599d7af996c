"""The names of permissions stand in the pages' catalogue too, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from miaohui.access.model import PERMISSIONS

CATALOGUE = Path(__file__).resolve().parents[2] / "web/src/lib/i18n/catalogue/rights.ts"


def test_every_permission_has_its_words_in_both_languages() -> None:
    said = dict(re.findall(r'"permission\.([a-z_.]+)": \["([^"]+)", "[^"]+"\]', CATALOGUE.read_text("utf-8")))
    assert said == dict(PERMISSIONS)
