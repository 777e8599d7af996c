"""Phrasebook: what we say, by scene."""
