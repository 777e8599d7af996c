"""Diagnosis: rules as data, readings with evidence and money, and later whether a change worked (spec §6.2, §6.4)."""

from miaohui.insight.model.diagnosis.rules import RULES, Finding, Outcome, Reading, Rule, Settings
from miaohui.insight.model.diagnosis.run import diagnose, outcome

__all__ = ["RULES", "Finding", "Outcome", "Reading", "Rule", "Settings", "diagnose", "outcome"]
